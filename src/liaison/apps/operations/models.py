"""What the installation itself asks a person to look at. No health data here, ever."""

from typing import ClassVar
from uuid import uuid4

from django.db import models

from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.models import Site, User


class Incident(models.Model):
    """Something of the machinery a person of the site must know. Open until its cause is gone or a person closes it."""

    class Kind(models.TextChoices):
        LEDGER_DRIFT = "ledger_drift", "Des messages du serveur manquaient au registre"
        MAILBOX_DOWN = "mailbox_down", "Une boîte n'est plus relevée"
        REVOCATION_LIST = "revocation_list", "La liste des certificats révoqués n'est plus à jour"
        QUEUE_STUCK = "queue_stuck", "Les tâches n'avancent plus"
        SELF_CHECK = "self_check", "Le message d'essai n'est pas revenu"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="incidents")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, null=True, related_name="incidents")
    kind = models.CharField("nature", max_length=30, choices=Kind.choices)
    count = models.PositiveIntegerField("combien", default=0)
    detail = models.CharField("précision", max_length=300, blank=True)
    opened_at = models.DateTimeField("ouvert le")
    seen_at = models.DateTimeField("constaté pour la dernière fois le")
    closed_at = models.DateTimeField("clos le", null=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-opened_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["site", "mailbox", "kind"],
                condition=models.Q(closed_at=None),
                nulls_distinct=False,
                name="one_open_incident_of_a_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class SelfCheck(models.Model):
    """A test message that a mailbox sends to itself, and when it did each step of the way."""

    class State(models.TextChoices):
        RUNNING = "running", "en cours"
        PASSED = "passed", "revenu"
        FAILED = "failed", "en échec"

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="self_checks")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="self_checks")
    message_id = models.CharField(max_length=300, unique=True)
    state = models.CharField("état", max_length=10, choices=State.choices, default=State.RUNNING)
    begun_at = models.DateTimeField("commencé le")
    sent_at = models.DateTimeField("envoyé le", null=True)
    received_at = models.DateTimeField("reçu le", null=True)
    read_at = models.DateTimeField("lu le", null=True)
    detail = models.CharField("précision", max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["-begun_at"]
        indexes: ClassVar = [models.Index(fields=["mailbox", "-begun_at"])]

    def __str__(self) -> str:
        return f"self-check {self.pk}"

    @property
    def seconds(self) -> dict[str, float]:
        """How long each step took, those that were made."""
        times = {"send": self.sent_at, "receive": self.received_at, "read": self.read_at}
        before, found = self.begun_at, {}
        for name, at in times.items():
            if at is not None:
                found[name] = max(0.0, round((at - before).total_seconds(), 2))
                before = at
        return found


class Backup(models.Model):
    """A backup that was written whole, then read again to its end: only those are rows."""

    file = models.CharField("fichier", max_length=500)
    size = models.PositiveBigIntegerField("octets")
    blobs = models.PositiveIntegerField("pièces")
    last_message = models.BigIntegerField("dernier message compris", default=0)
    begun_at = models.DateTimeField("commencée le")
    verified_at = models.DateTimeField("relue le")

    class Meta:
        ordering: ClassVar = ["-begun_at"]

    def __str__(self) -> str:
        return f"backup {self.pk}"
