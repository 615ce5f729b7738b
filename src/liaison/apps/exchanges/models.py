"""What the home sends on, to whom, and what came back: receipts and answers."""

from typing import ClassVar
from uuid import uuid4

from django.db import models

from liaison.apps.directory.models import Professional
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.models import Site, User
from liaison.apps.residents.models import Resident
from liaison.apps.treatments.models import Reconciliation


class Transmission(models.Model):
    """One act of sending a document on; one message per recipient, each with its own Message-ID."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="transmissions")
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="transmissions")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="transmissions")
    reconciliation = models.ForeignKey(
        Reconciliation, on_delete=models.PROTECT, null=True, related_name="transmissions"
    )
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="transmissions")
    note = models.TextField("message", blank=True)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="transmissions")
    prepared_at = models.DateTimeField("préparé le")

    class Meta:
        ordering: ClassVar = ["-prepared_at"]

    def __str__(self) -> str:
        return f"transmission {self.pk}"


class Recipient(models.Model):
    """One addressee of a transmission. The state only goes forward; each step has its time."""

    class State(models.TextChoices):
        PREPARED = "prepared", "préparé"
        SENT = "sent", "envoyé"
        DELIVERED = "delivered", "remis"
        READ = "read", "lu"
        ANSWERED = "answered", "répondu"
        IN_DOUBT = "in_doubt", "à vérifier"
        FAILED = "failed", "échec"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    transmission = models.ForeignKey(Transmission, on_delete=models.CASCADE, related_name="recipients")
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, null=True, related_name="received")
    address = models.EmailField("adresse")
    message_id = models.CharField(max_length=300, unique=True)
    blob = models.CharField("message envoyé", max_length=64)
    state = models.CharField("état", max_length=10, choices=State.choices, default=State.PREPARED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField(null=True)
    sending_since = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    in_doubt_at = models.DateTimeField(null=True)
    server_answer = models.CharField("réponse du serveur", max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["transmission", "id"]

    def __str__(self) -> str:
        return f"recipient {self.pk}"


class Receipt(models.Model):
    """A DSN or an MDN attached to a recipient, or to none when it matches nothing we sent."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="receipts")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, null=True, related_name="receipts")
    message = models.ForeignKey(RawMessage, on_delete=models.PROTECT, related_name="receipts")
    type = models.CharField(max_length=3)
    action = models.CharField(max_length=12)
    error_code = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"receipt {self.pk}"


class Reply(models.Model):
    """An answer to a transmission, with what was read in it. The words are always kept and shown."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="replies")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="replies")
    message = models.OneToOneField(RawMessage, on_delete=models.PROTECT, related_name="reply")
    text = models.TextField("réponse")
    quoted = models.TextField(blank=True)
    intents = models.JSONField(default=list)
    lines = models.JSONField(default=list, help_text='[{"number", "action", "text"}]')
    visit = models.CharField("visite annoncée", max_length=200, blank=True)
    received_at = models.DateTimeField("reçue le")
    handled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="handled_replies")
    handled_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-received_at"]
        verbose_name_plural = "replies"

    def __str__(self) -> str:
        return f"reply {self.pk}"


class Answer(models.Model):
    """What we answer to a sender: an MDN, the ANS error, or a request for what lacks. One of each kind per message."""

    class Kind(models.TextChoices):
        PROCESSED = "processed", "intégré"
        ERROR = "error", "non intégré"
        DISPLAYED = "displayed", "lu"
        REQUEST = "request", "complément demandé"

    original = models.ForeignKey(RawMessage, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    error_code = models.CharField(max_length=3, blank=True)
    message_id = models.CharField(max_length=300, unique=True)
    blob = models.CharField(max_length=64)
    address = models.EmailField()
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    server_answer = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["original", "kind"], name="one_answer_of_a_kind")]

    def __str__(self) -> str:
        return f"answer {self.pk}"
