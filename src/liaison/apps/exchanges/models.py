"""What the home sends on, to whom, and what came back: receipts and answers."""

from typing import ClassVar
from uuid import uuid4

from django.db import models

from liaison.apps.directory.models import Professional
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.models import Site, User
from liaison.apps.residents.models import Absence, Resident
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
        HELD = "held", "adresse à vérifier"
        SENT = "sent", "envoyé"
        DELIVERED = "delivered", "remis"
        READ = "read", "lu"
        ANSWERED = "answered", "répondu"
        IN_DOUBT = "in_doubt", "à vérifier"
        FAILED = "failed", "échec"

    class Channel(models.TextChoices):
        MSSANTE = "mssante", "messagerie MSSanté"
        LETTER = "letter", "lettre imprimée"
        PATIENT = "patient", "Mon espace santé"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    transmission = models.ForeignKey(Transmission, on_delete=models.CASCADE, related_name="recipients")
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, null=True, related_name="received")
    channel = models.CharField("voie", max_length=8, choices=Channel.choices, default=Channel.MSSANTE)
    instead_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="followed_by")
    address = models.EmailField("adresse", blank=True)
    chosen_by = models.CharField("adresse choisie parce que", max_length=15, blank=True)
    expects_answer = models.BooleanField("une réponse est attendue", default=True)
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
    held_at = models.DateTimeField(null=True)
    held_for = models.CharField("anomalie de l'adresse", max_length=10, blank=True)
    late_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField("à joindre autrement depuis", null=True)
    server_answer = models.CharField("réponse du serveur", max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["transmission", "id"]
        indexes: ClassVar = [
            models.Index(fields=["next_try"], name="recipients_to_send", condition=models.Q(state="prepared"))
        ]

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
    """An answer to a transmission, with what was read in it. The words are always kept and shown.

    By mail it is its ``message``; by the answering page it is known first, and its mail (``mail_id``) joins it later;
    by telephone or on a visit a person of the home writes it down.
    """

    class Source(models.TextChoices):
        MAIL = "mail", "par messagerie"
        PAGE = "page", "par la page de réponse"
        PHONE = "phone", "par téléphone"
        VISIT = "visit", "en visite"

    class MatchedBy(models.TextChoices):
        THREAD = "thread", "le fil du message"
        REFERENCE = "reference", "la référence dans l'objet"
        SENDER = "sender", "l'expéditeur et le nom du résident"
        HAND = "hand", "une personne"
        PAGE = "page", "la page de réponse"
        SPOKEN = "spoken", "la personne qui l'a notée"

    class Proof(models.TextChoices):
        CODE = "code", "un code envoyé à sa boîte MSSanté"
        IDENTITY = "identity", "Pro Santé Connect"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="replies")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="replies")
    message = models.OneToOneField(RawMessage, on_delete=models.PROTECT, null=True, related_name="reply")
    mail_id = models.CharField(max_length=300, null=True, unique=True)  # noqa: DJ001 (unique where there is one)
    source = models.CharField("voie", max_length=5, choices=Source.choices, default=Source.MAIL)
    matched_by = models.CharField("rattachée par", max_length=9, choices=MatchedBy.choices, blank=True)
    matched_by_person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    proven_by = models.CharField("sur la page, prouvé par", max_length=8, choices=Proof.choices, blank=True)
    speaker = models.CharField("qui a répondu", max_length=200, blank=True)
    text = models.TextField("réponse")
    quoted = models.TextField(blank=True)
    intents = models.JSONField(default=list)
    lines = models.JSONField(default=list, help_text='[{"number", "action", "text"} + "dose", "frequency" by the page]')
    notices = models.JSONField(default=list)
    visit = models.CharField("visite annoncée", max_length=200, blank=True)
    received_at = models.DateTimeField("reçue le")
    handled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="handled_replies")
    handled_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-received_at"]
        verbose_name_plural = "replies"

    def __str__(self) -> str:
        return f"reply {self.pk}"


class Outgoing(models.Model):
    """A mail of ours that is given to the server until it takes or refuses it: same bytes, same Message-ID.

    ``sending_since`` is the claim of the worker that gives it. Interrupted, it is in doubt: a person says what next.
    """

    class State(models.TextChoices):
        HELD = "held", "à confirmer"
        TO_SEND = "to_send", "à envoyer"
        SENT = "sent", "envoyé"
        REFUSED = "refused", "refusé par le serveur"
        IN_DOUBT = "in_doubt", "à vérifier"
        DROPPED = "dropped", "non envoyé"

    state = models.CharField("état", max_length=10, choices=State.choices, default=State.TO_SEND)
    message_id = models.CharField(max_length=300, unique=True)
    blob = models.CharField(max_length=64)
    address = models.EmailField("adresse")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField("demandé le")
    sending_since = models.DateTimeField(null=True)
    next_try = models.DateTimeField(null=True)
    sent_at = models.DateTimeField("envoyé le", null=True)
    in_doubt_at = models.DateTimeField("à vérifier depuis le", null=True)
    undelivered_at = models.DateTimeField("non remis le", null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    server_answer = models.CharField("réponse du serveur", max_length=500, blank=True)

    class Meta:
        abstract = True


class Answer(Outgoing):
    """What we answer to a sender: an MDN, the ANS error, or a request for what lacks.

    An MDN speaks of the whole message and goes once; an error or a request speaks of one document. ``HELD`` waits for
    a person: the receipt is asked for at an address that is not the sender's (RFC 8098 §2.1).
    """

    class Kind(models.TextChoices):
        PROCESSED = "processed", "intégré"
        ERROR = "error", "non intégré"
        DISPLAYED = "displayed", "lu"
        REQUEST = "request", "complément demandé"

    original = models.ForeignKey(RawMessage, on_delete=models.PROTECT, related_name="answers")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="answers")
    kind = models.CharField("nature", max_length=10, choices=Kind.choices)
    error_code = models.CharField("code ANS", max_length=3, blank=True)

    class Meta:
        ordering: ClassVar = ["asked_at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["next_try"], name="answers_to_send", condition=models.Q(state="to_send"))
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["original", "kind"],
                condition=models.Q(kind__in=["processed", "displayed"]),
                name="one_receipt_of_a_kind",
            ),
            models.UniqueConstraint(
                fields=["original", "kind", "document"],
                condition=models.Q(kind__in=["error", "request"]),
                nulls_distinct=False,
                name="one_answer_of_a_kind_per_document",
            ),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class Note(Outgoing):
    """A mail of ours that answers nothing: a letter asked of a hospital, a doctor told of a withdrawal, or reminded."""

    class Kind(models.TextChoices):
        LETTER_ASKED = "letter_asked", "lettre demandée"
        CORRECTION = "correction", "rectification"
        REMINDER = "reminder", "rappel"
        CODE = "code", "code de réponse"
        TRACE = "trace", "réponse par la page"
        PHARMACY = "pharmacy", "décisions, pour la pharmacie"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="notes")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="notes")
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField("nature", max_length=12, choices=Kind.choices)
    absence = models.ForeignKey(Absence, on_delete=models.PROTECT, null=True, related_name="notes")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, null=True, related_name="notes")

    class Meta:
        ordering: ClassVar = ["asked_at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["next_try"], name="notes_to_send", condition=models.Q(state="to_send"))
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind="letter_asked", absence__isnull=False, recipient__isnull=True)
                | models.Q(
                    kind__in=["correction", "reminder", "code", "trace"],
                    absence__isnull=True,
                    recipient__isnull=False,
                )
                | models.Q(kind="pharmacy", absence__isnull=True, recipient__isnull=True),
                name="a_note_has_its_object",
            ),
        ]

    def __str__(self) -> str:
        return f"note {self.pk}"


class AnswerLink(models.Model):
    """The page where one recipient answers by one click. The token is in his message alone; here is only its SHA-256.

    Read before any scope is open: holds numbers, hashes and times, nothing of anybody's health.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField("créé le")
    expires_at = models.DateTimeField("expire le")
    withdrawn_at = models.DateTimeField("retiré le", null=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField("ouvert le", null=True)
    code_hash = models.CharField(max_length=200, blank=True)
    code_sent_at = models.DateTimeField(null=True)
    code_expires_at = models.DateTimeField(null=True)
    codes_asked = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["made_at", "id"]

    def __str__(self) -> str:
        return f"answer link {self.pk}"


class Call(models.Model):
    """A telephone call to a professional about what was sent to him, as the person who made it says."""

    class Outcome(models.TextChoices):
        REACHED = "reached", "la personne est jointe"
        MESSAGE = "message", "un message est laissé"
        NOBODY = "nobody", "personne n'a répondu"

    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="calls")
    outcome = models.CharField("issue", max_length=10, choices=Outcome.choices)
    spoke_to = models.CharField("interlocuteur", max_length=200, blank=True)
    words = models.TextField("ce qui a été dit", blank=True)
    called_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    called_at = models.DateTimeField("appel du")

    class Meta:
        ordering: ClassVar = ["called_at", "id"]

    def __str__(self) -> str:
        return f"call {self.pk}"


class FollowUpRules(models.Model):
    """When a site reminds a doctor who does not answer, and after how many reminders a person takes over."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="follow_up_rules")
    high_risk_hours = models.PositiveSmallIntegerField("heures, pour une classe à risque", default=24)
    usual_days = models.PositiveSmallIntegerField("jours, pour le reste", default=3)
    reminders = models.PositiveSmallIntegerField("rappels avant de joindre autrement", default=2)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField("réglé le", null=True)

    def __str__(self) -> str:
        return f"follow-up rules of site {self.site_id}"
