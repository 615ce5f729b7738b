"""What came in: raw messages, their leaves, the documents read from them. Nothing here is ever deleted by a reader."""

from typing import ClassVar
from uuid import uuid4

from django.db import models

from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.models import Site, User


class RawMessage(models.Model):
    """One message as the server gave it. The row exists before anything reads it (law 1).

    ``blob`` is the SHA-256 of the raw bytes in the blob store. ``subject``, ``sender_label`` and ``body`` are for the
    screen only and never logged.
    """

    class State(models.TextChoices):
        RECEIVED = "received", "reçu"
        READ = "read", "lu"
        FAILED = "failed", "lecture en échec"

    class Category(models.TextChoices):
        UNKNOWN = "", "non lu"
        CLINICAL = "clinical", "document médical"
        REPORT = "report", "accusé"
        AUTOMATIC = "automatic", "réponse automatique"
        PLAIN = "plain", "message"
        SELF_CHECK = "self_check", "message d'essai"

    class Handling(models.TextChoices):
        TO_DO = "to_do", "à traiter"
        DONE = "done", "traité"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="raw_messages")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="raw_messages")
    uid_validity = models.BigIntegerField()
    uid = models.BigIntegerField()
    blob = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    received_at = models.DateTimeField("reçu par le serveur le")
    fetched_at = models.DateTimeField("relevé le")
    erased_at = models.DateTimeField("effacé chez l'opérateur le", null=True)

    state = models.CharField("état", max_length=10, choices=State.choices, default=State.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField(null=True)
    problem = models.CharField("anomalie", max_length=300, blank=True)
    reader_version = models.CharField(max_length=20, blank=True)

    category = models.CharField("catégorie", max_length=10, choices=Category.choices, blank=True)
    handling = models.CharField("traitement", max_length=10, choices=Handling.choices, default=Handling.TO_DO)
    handled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="handled_messages")
    handled_at = models.DateTimeField(null=True)
    message_id = models.CharField(max_length=998, blank=True)
    sender = models.CharField("expéditeur", max_length=320, blank=True)
    sender_label = models.CharField(max_length=300, blank=True)
    sender_trusted = models.BooleanField("expéditeur de l'espace de confiance", default=False)
    subject = models.CharField("objet", max_length=998, blank=True)
    body = models.TextField(blank=True)
    requests_mdn = models.BooleanField(default=False)
    notices = models.JSONField(default=list)
    leaf_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-received_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mailbox", "uid_validity", "uid"], name="one_row_per_server_message")
        ]
        indexes: ClassVar = [
            models.Index(fields=["mailbox", "-received_at"]),
            models.Index(
                fields=["mailbox", "-received_at"], name="messages_to_do", condition=models.Q(handling="to_do")
            ),
            models.Index(fields=["message_id"]),
            models.Index(fields=["blob"]),
            models.Index(
                fields=["next_try"], name="unread_messages", condition=models.Q(state__in=["received", "failed"])
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Leaf(models.Model):
    """One end of the MIME tree or one member of an archive: every one has its row."""

    message = models.ForeignKey(RawMessage, on_delete=models.CASCADE, related_name="leaves")
    position = models.PositiveIntegerField()
    path = models.TextField()
    name = models.CharField(max_length=300, blank=True)
    declared_type = models.CharField(max_length=200, blank=True)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    blob = models.CharField(max_length=64)
    notices = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["message", "position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["message", "position"], name="one_row_per_leaf")]
        indexes: ClassVar = [models.Index(fields=["blob"])]

    def __str__(self) -> str:
        return f"leaf {self.position} of message {self.message_id}"


class Document(models.Model):
    """One document read from a message, with what it claims. ``content`` is the reading as JSON (see readings.py).

    ``version_kind`` is what core.versions.decide says of it; ``other_version`` the document it concerns. ``read_date``,
    ``read_stay_start`` and ``read_stay_end`` are what its words say where no header does (core.letter_facts): shown as
    read, never used to know whose it is.
    """

    class State(models.TextChoices):
        TO_MATCH = "to_match", "à rattacher"
        PROPOSED = "proposed", "à confirmer"
        FILED = "filed", "intégré"
        DUPLICATE = "duplicate", "doublon"
        SET_ASIDE = "set_aside", "écarté"
        REPLACED = "replaced", "remplacé"
        OBSOLETE = "obsolete", "obsolète"
        CANCELLED = "cancelled", "annulé"

    class DateFrom(models.TextChoices):
        TEXT = "text", "lu dans le texte"
        FILE = "file", "date du fichier"
        PERSON = "person", "lu dans le texte, confirmé"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="documents")
    message = models.ForeignKey(RawMessage, on_delete=models.PROTECT, related_name="documents")
    position = models.PositiveIntegerField()
    source_leaf = models.ForeignKey(Leaf, on_delete=models.PROTECT, related_name="+")
    pdf_leaf = models.ForeignKey(Leaf, on_delete=models.PROTECT, null=True, related_name="+")
    embedded_pdf_blob = models.CharField(max_length=64, blank=True)
    state = models.CharField("état", max_length=12, choices=State.choices, default=State.TO_MATCH)
    set_aside_reason = models.CharField(max_length=300, blank=True)
    requested_action = models.CharField("demande", max_length=10, default="create")
    duplicate_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="duplicates")
    version_kind = models.CharField("place parmi les versions", max_length=20, blank=True)
    other_version = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaces")

    sha256 = models.CharField(max_length=64)
    type_code = models.CharField(max_length=40, blank=True)
    type_label = models.CharField("type", max_length=200, blank=True)
    title = models.CharField("titre", max_length=300, blank=True)
    level = models.PositiveSmallIntegerField(null=True)
    document_id = models.CharField(max_length=300, blank=True)
    set_id = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    effective_time = models.CharField(max_length=40, blank=True)
    stay_start = models.CharField(max_length=40, blank=True)
    stay_end = models.CharField(max_length=40, blank=True)
    read_date = models.CharField("date lue", max_length=10, blank=True)
    read_date_from = models.CharField("lue où", max_length=6, choices=DateFrom.choices, blank=True)
    read_stay_start = models.CharField("entrée lue", max_length=10, blank=True)
    read_stay_end = models.CharField("sortie lue", max_length=10, blank=True)
    custodian = models.CharField("établissement", max_length=200, blank=True)
    claim = models.JSONField(default=dict)
    content = models.JSONField(default=dict)
    text = models.TextField(blank=True)
    notices = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["message", "position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["message", "position"], name="one_row_per_document")]
        indexes: ClassVar = [
            models.Index(fields=["document_id"]),
            models.Index(fields=["set_id"]),
            models.Index(fields=["sha256"], name="document_bytes"),
            models.Index(
                fields=["created_at"],
                name="documents_not_looked_at",
                condition=models.Q(state="to_match", version_kind=""),
            ),
            models.Index(
                fields=["embedded_pdf_blob"], name="embedded_files", condition=~models.Q(embedded_pdf_blob="")
            ),
        ]

    def __str__(self) -> str:
        return f"document {self.pk}"

    @property
    def dated(self) -> str:
        """Its own day, ISO 8601: what its header states, else what was read in its words or its file."""
        return self.effective_time or self.read_date

    @property
    def dated_how(self) -> str:
        """How its day is known, in French; empty when its header states it."""
        return "" if self.effective_time else self.get_read_date_from_display()

    @property
    def said_stay(self) -> tuple[str, str]:
        """The days of the stay it is about, stated or read; both empty when it says neither."""
        stated = (self.stay_start, self.stay_end)
        return stated if any(stated) else (self.read_stay_start, self.read_stay_end)

    @property
    def pdf_blob(self) -> str:
        """The SHA-256 of the readable PDF: the one inside the CDA, else the one beside it, else empty."""
        if self.embedded_pdf_blob:
            return self.embedded_pdf_blob
        return self.pdf_leaf.blob if self.pdf_leaf else ""
