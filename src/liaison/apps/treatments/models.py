"""The current treatment of a resident, what a letter suggests, and what a named prescriber decided."""

from typing import ClassVar
from uuid import uuid4

from django.db import models

from liaison.apps.intake.models import Document
from liaison.apps.organisations.models import User
from liaison.apps.residents.models import Resident


class TreatmentAct(models.Model):
    """What changed a current treatment without a conciliation: written by hand, taken from a letter or from a file.

    A person's act bears the prescriber whose decision it writes down (law 3), and waits for a nurse; a file takes over
    what is given already.
    """

    class Kind(models.TextChoices):
        WRITTEN = "written", "saisie"
        LETTER = "letter", "reprise d'une lettre"
        FILE = "file", "reprise d'un fichier"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="treatment_acts")
    kind = models.CharField("nature", max_length=8, choices=Kind.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("fait le")
    prescriber = models.CharField("prescripteur", max_length=200, blank=True)
    prescriber_rpps = models.CharField(max_length=11, blank=True)
    reason = models.CharField("motif", max_length=300, blank=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="treatment_acts")
    taken_in_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    taken_in_at = models.DateTimeField("pris en compte le", null=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"treatment act {self.pk}"


class TreatmentLine(models.Model):
    """One drug a resident takes. A change ends a line and starts another: history is never overwritten."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="treatment_lines")
    label = models.CharField("médicament", max_length=200)
    substance = models.CharField("DCI", max_length=200, blank=True)
    codes = models.JSONField(default=list, help_text='[{"code", "system", "label"}]')
    dose = models.CharField("dose", max_length=100, blank=True)
    frequency = models.CharField("fréquence", max_length=200, blank=True)
    route = models.CharField("voie", max_length=100, blank=True)
    as_needed = models.BooleanField("si besoin", default=False)
    reason = models.CharField("indication", max_length=300, blank=True)
    prescriber = models.CharField("prescripteur", max_length=200, blank=True)
    unit = models.CharField("unité", max_length=40, blank=True)
    morning = models.CharField("matin", max_length=40, blank=True)
    noon = models.CharField("midi", max_length=40, blank=True)
    evening = models.CharField("soir", max_length=40, blank=True)
    bedtime = models.CharField("coucher", max_length=40, blank=True)
    started_at = models.DateField("début")
    ends_on = models.DateField("fin prévue", null=True)
    ended_at = models.DateTimeField("fin", null=True)
    ended_by = models.ForeignKey("Decision", on_delete=models.PROTECT, null=True, related_name="ended_lines")
    started_by = models.ForeignKey("Decision", on_delete=models.PROTECT, null=True, related_name="started_lines")
    ended_in = models.ForeignKey(TreatmentAct, on_delete=models.PROTECT, null=True, related_name="ended_lines")
    started_in = models.ForeignKey(TreatmentAct, on_delete=models.PROTECT, null=True, related_name="started_lines")

    class Meta:
        ordering: ClassVar = ["label", "id"]

    def __str__(self) -> str:
        return f"treatment line {self.pk}"


class TextReading(models.Model):
    """What the words of a document say of its treatments, when nothing is coded. ``lines`` are MedicationLines as JSON.

    ``reader_version`` is that of the reader: a newer one may read the document again.
    """

    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="text_reading")
    reader_version = models.CharField(max_length=20)
    read_at = models.DateTimeField("lu le")
    lines = models.JSONField(default=list)
    notices = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"text reading {self.pk}"


class Rereading(models.Model):
    """What a newer reader makes of the words of a document read before, once for each of its versions.

    Where a person has filed the document, what differs is proposed and changes nothing until a person takes it.
    """

    class State(models.TextChoices):
        SAME = "same", "rien ne change"
        TAKEN = "taken", "nouvelle lecture prise"
        PROPOSED = "proposed", "à regarder"
        KEPT = "kept", "ancienne lecture gardée"

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="rereadings")
    reader_version = models.CharField(max_length=20)
    read_at = models.DateTimeField("relu le")
    lines = models.JSONField(default=list)
    notices = models.JSONField(default=list)
    state = models.CharField("état", max_length=8, choices=State.choices)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-read_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "reader_version"], name="one_rereading_per_version")
        ]

    def __str__(self) -> str:
        return f"rereading {self.pk}"


class Reconciliation(models.Model):
    """The comparison opened by filing one letter (conciliation médicamenteuse)."""

    class State(models.TextChoices):
        OPEN = "open", "à décider"
        PARTIAL = "partial", "décidée en partie"
        DECIDED = "decided", "décidée"
        WITHDRAWN = "withdrawn", "retirée"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="reconciliations")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="reconciliations")
    state = models.CharField("état", max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField("ouverte le")
    current_as_of = models.DateTimeField("traitement en cours au")
    current_count = models.PositiveSmallIntegerField("lignes en cours alors", default=0)

    class Meta:
        ordering: ClassVar = ["-opened_at"]

    def __str__(self) -> str:
        return f"reconciliation {self.pk}"


class Discrepancy(models.TextChoices):
    """HL7 France, guide « médicament » (draft 0.1.0): what the difference is."""

    NONE = "10000001", "Pas de divergence"
    UNQUALIFIED = "10000002", "Divergence non qualifiée"
    INTENDED = "10000003", "Divergence intentionnelle"
    NOT_INTENDED = "10000004", "Divergence non intentionnelle"


class DiscrepancyType(models.TextChoices):
    """The same guide: of what kind."""

    POSOLOGY = "10000001", "Erreur de posologie"
    FORGOTTEN = "10000002", "Oubli d'un médicament prescrit"
    SELF_MEDICATION = "10000003", "Oubli d'une automédication"
    SUBSTITUTION = "10000004", "Erreur de substitution"
    FORM = "10000005", "Erreur de forme galénique"
    ADDED = "10000006", "Ajout d'un médicament"
    OTHER = "10000007", "Autre"


class Gravity(models.TextChoices):
    """The same guide: how grave it could be."""

    MINOR = "10000001", "Mineure"
    SIGNIFICANT = "10000002", "Significative"
    MAJOR = "10000003", "Majeure"
    CRITICAL = "10000004", "Critique"
    CATASTROPHIC = "10000005", "Catastrophique"


class Resolution(models.TextChoices):
    """The same guide: how it was settled."""

    DOSE = "10000001", "Dose corrigée"
    RESUMED = "10000002", "Médicament repris"
    PRODUCT = "10000003", "Spécialité corrigée"
    FORM = "10000004", "Forme corrigée"
    STOPPED = "10000005", "Médicament arrêté"


class ReconciliationLine(models.Model):
    """One line of the comparison: before, letter, status, and the suggestion. Numbered for the doctors' answers."""

    class Status(models.TextChoices):
        CONTINUED = "continued", "Continué"
        EQUIVALENT = "equivalent", "Équivalence"
        MODIFIED = "modified", "Modifié"
        STOPPED = "stopped", "Arrêté"
        STARTED = "started", "Initié"
        NOT_MENTIONED = "not_mentioned", "Non mentionné"

    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveSmallIntegerField("n°")
    status = models.CharField("statut", max_length=14, choices=Status.choices)
    hl7_code = models.CharField(max_length=8, blank=True)
    current = models.ForeignKey(TreatmentLine, on_delete=models.PROTECT, null=True, related_name="reconciled")
    letter = models.JSONField(null=True, help_text="the MedicationLine of the letter, as JSON")
    label = models.CharField("médicament", max_length=300)
    change = models.CharField("changement", max_length=500, blank=True)
    reason = models.CharField("motif", max_length=500, blank=True)
    high_risk = models.CharField("classe à risque", max_length=100, blank=True)
    proposal = models.CharField("proposition de la lettre", max_length=500)
    pair_number = models.PositiveSmallIntegerField("ligne remplacée ou remplaçante", null=True)
    discrepancy = models.CharField("divergence", max_length=8, blank=True, choices=Discrepancy.choices)
    discrepancy_type = models.CharField("type", max_length=8, blank=True, choices=DiscrepancyType.choices)
    gravity = models.CharField("gravité", max_length=8, blank=True, choices=Gravity.choices)
    resolution = models.CharField("résolution", max_length=8, blank=True, choices=Resolution.choices)
    remark = models.CharField("remarque", max_length=500, blank=True)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="prepared_lines")
    prepared_at = models.DateTimeField("préparée le", null=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reconciliation", "number"], name="one_line_per_number")
        ]

    def __str__(self) -> str:
        return f"line {self.number} of reconciliation {self.reconciliation_id}"


class Decision(models.Model):
    """What a named prescriber decided of one line, once. Applied when made."""

    class Verdict(models.TextChoices):
        ACCEPT = "accept", "Suivre la lettre"
        KEEP = "keep", "Garder le traitement d'avant"
        CHANGE = "change", "Modifier"
        STOP = "stop", "Arrêter"

    line = models.ForeignKey(ReconciliationLine, on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField("décision", max_length=10, choices=Verdict.choices)
    dose = models.CharField("dose", max_length=100, blank=True)
    frequency = models.CharField("fréquence", max_length=200, blank=True)
    reason = models.CharField("motif", max_length=500, blank=True)
    prescriber = models.CharField("prescripteur", max_length=200)
    prescriber_rpps = models.CharField(max_length=11)
    on_answer = models.ForeignKey("exchanges.Reply", on_delete=models.PROTECT, null=True, related_name="decisions")
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="decisions")
    decided_at = models.DateTimeField("décidé le")

    class Meta:
        ordering: ClassVar = ["decided_at", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["line"], name="one_decision_per_line")]

    def __str__(self) -> str:
        return f"decision {self.pk}"


class Acknowledgement(models.Model):
    """A nurse has taken a change of treatment into account."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="acknowledgement")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("pris en compte le")

    def __str__(self) -> str:
        return f"acknowledgement of decision {self.decision_id}"


class DecisionReport(models.Model):
    """The « bilan de conciliation » in PDF/A of a reconciliation all decided, as it stood then."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    reconciliation = models.OneToOneField(Reconciliation, on_delete=models.PROTECT, related_name="report")
    blob = models.CharField("PDF/A", max_length=64)
    made_at = models.DateTimeField("établi le")

    def __str__(self) -> str:
        return f"report of reconciliation {self.reconciliation_id}"
