"""From a document to a resident: proposals by the identity rules, and the filings made of them."""

from typing import ClassVar
from uuid import uuid4

from django.db import models

from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.organisations.models import Site, User
from liaison.apps.residents.models import Resident


class Proposal(models.Model):
    """What the identity rule table said of a document, with its rule number, evidence and French sentence.

    ``evidence``, ``candidates``, ``alerts`` and ``elsewhere`` are the values of ``core.identity.decide`` as JSON; a
    candidate's key is a resident's uuid. ``elsewhere`` are residents of other homes of the group: shown to those only
    who may see them there.
    """

    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="proposal")
    rule = models.PositiveSmallIntegerField("règle")
    kind = models.CharField(max_length=20)
    error_code = models.CharField("code ANS", max_length=3, blank=True)
    sentence = models.CharField("motif", max_length=500)
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, null=True, related_name="proposals")
    evidence = models.JSONField(default=list)
    candidates = models.JSONField(default=list)
    alerts = models.JSONField(default=list)
    elsewhere = models.JSONField(default=list)
    decided_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"proposal for document {self.document_id}: rule {self.rule}"


class Filing(models.Model):
    """A document in a resident's record. At most one stands per document; a withdrawn one stays, with its reason."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="filings")
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="filings")
    rule = models.PositiveSmallIntegerField("règle")
    automatic = models.BooleanField("automatique")
    filed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="filings")
    filed_at = models.DateTimeField("intégré le")
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="withdrawn_filings")
    withdrawn_at = models.DateTimeField("retiré le", null=True)
    withdrawn_reason = models.CharField("motif du retrait", max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["-filed_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document"], condition=models.Q(withdrawn_at__isnull=True), name="one_standing_filing"
            )
        ]

    def __str__(self) -> str:
        return f"filing {self.pk}"


class StatedFact(models.Model):
    """What a letter says of the resident, with its source and the section it stands in. Never computed with.

    ``label`` is in the words of the letter; dates are ISO 8601 at the precision of the source.
    """

    class Kind(models.TextChoices):
        PROBLEM = "problem", "Problème"
        DEVICE = "device", "Dispositif"
        DISCHARGE_MODE = "discharge_mode", "Mode de sortie"
        CARRIAGE = "carriage", "Portage BMR/BHRe"
        SEARCHED = "searched", "Recherche de BMR/BHRe"

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="stated_facts")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="stated_facts")
    kind = models.CharField("nature", max_length=20, choices=Kind.choices)
    label = models.TextField("libellé")
    code = models.CharField(max_length=40, blank=True)
    start = models.CharField("début", max_length=40, blank=True)
    end = models.CharField("fin", max_length=40, blank=True)
    section = models.CharField("section (LOINC)", max_length=40, blank=True)
    place = models.CharField("titre de la section", max_length=200, blank=True)
    read_in = models.ForeignKey("ProposedFact", on_delete=models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["kind", "-start", "id"]

    def __str__(self) -> str:
        return f"stated fact {self.pk}"


class ProposedFact(models.Model):
    """What was read in the words of a document that codes nothing (core.letter_facts), for a person to confirm.

    Nothing of it is in a record until then. ``excerpt`` is the sentence it comes from, ``places`` are its rectangles on
    the pages, as JSON; ``doubts`` what the letter itself is not sure of, in French. Days are ISO 8601 at the precision
    of the letter.
    """

    class Kind(models.TextChoices):
        DATE = "date", "Date du document"
        STAY = "stay", "Séjour"
        ALLERGY = "allergy", "Allergie ou intolérance"
        CARRIAGE = "carriage", "Portage BMR/BHRe"
        PROBLEM = "problem", "Problème"
        FOLLOW_UP = "follow_up", "Suite à donner"
        EXPECTED_RESULT = "expected_result", "Résultat attendu"

    class State(models.TextChoices):
        PROPOSED = "proposed", "à confirmer"
        CONFIRMED = "confirmed", "confirmé"
        DISMISSED = "dismissed", "non retenu"

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="proposed_facts")
    kind = models.CharField("nature", max_length=20, choices=Kind.choices)
    label = models.CharField("libellé", max_length=200, blank=True)
    detail = models.CharField("réaction", max_length=200, blank=True)
    start = models.CharField("début", max_length=10, blank=True)
    end = models.CharField("fin", max_length=10, blank=True)
    excerpt = models.CharField("phrase", max_length=500, blank=True)
    page = models.PositiveIntegerField(null=True)
    places = models.JSONField(default=list)
    doubts = models.JSONField(default=list)
    state = models.CharField("état", max_length=10, choices=State.choices, default=State.PROPOSED)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("décidé le", null=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"proposed fact {self.pk}"


class HandOver(models.Model):
    """A message handed over from one home of the group to another: one row at each, behind the wall of its own home.

    The two rows share ``key``. ``message`` is the one received at the giving home, and the copy at the other.
    """

    class Direction(models.TextChoices):
        GIVEN = "given", "remis"
        RECEIVED = "received", "reçu"

    class State(models.TextChoices):
        ON_ITS_WAY = "on_its_way", "en cours de remise"
        ARRIVED = "arrived", "arrivé"
        IMPOSSIBLE = "impossible", "impossible"

    key = models.UUIDField(default=uuid4, db_index=True, editable=False)
    direction = models.CharField("sens", max_length=10, choices=Direction.choices)
    state = models.CharField("état", max_length=10, choices=State.choices, default=State.ON_ITS_WAY)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="hand_overs")
    other_site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(RawMessage, on_delete=models.PROTECT, related_name="hand_overs")
    handed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    handed_at = models.DateTimeField("remis le")
    reason = models.CharField("motif", max_length=300)

    class Meta:
        ordering: ClassVar = ["-handed_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "direction"], name="one_row_at_each_home"),
        ]

    def __str__(self) -> str:
        return f"hand-over {self.pk}: {self.direction}"
