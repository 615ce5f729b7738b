"""What a line of the inbox says: values ready for the template, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from liaison.apps.filing.models import Filing, HandOver
from liaison.apps.intake.models import Document, Leaf, RawMessage
from liaison.apps.mailboxes.models import Mailbox
from liaison.core.mail.mss import read_subject
from liaison.web import words

LEDGER_SECONDS = 30
"""How long a count of the ledger stands when nothing else tells that it moved."""
CATEGORIES_WITHOUT_DOCUMENT = {
    RawMessage.Category.REPORT: "Accusé d'un de vos envois",
    RawMessage.Category.AUTOMATIC: "Réponse automatique",
    RawMessage.Category.CLINICAL: "Aucun document n'a pu être lu dans ce message",
}
WAITS = (Document.State.TO_MATCH, Document.State.PROPOSED)
"""A person has to say whose record the document goes into."""
TONES = {
    Document.State.TO_MATCH: "warn",
    Document.State.PROPOSED: "info",
    Document.State.FILED: "ok",
    Document.State.REPLACED: "bad",
    Document.State.OBSOLETE: "bad",
    Document.State.CANCELLED: "bad",
}
WITHOUT_ACT = {
    Document.State.DUPLICATE: "Doublon d'un document déjà reçu",
    Document.State.REPLACED: "Remplacé par une version plus récente",
    Document.State.OBSOLETE: "Obsolète : une version plus récente est déjà ici",
    Document.State.CANCELLED: "Annulé par l'expéditeur",
}
VERSIONS_TO_JUDGE = {
    "cancels": "Annulation demandée : à accepter ou refuser",
    "replaces": "Nouvelle version",
    "conflict": "Même identifiant, autre contenu",
    "not_the_last": "Version erronée (900)",
    "other_author": "Auteur non autorisé (901)",
}


@dataclass(frozen=True, slots=True)
class DocumentLine:
    document: Document
    action: str
    tone: str

    @property
    def waits(self) -> bool:
        return self.document.state in WAITS

    @property
    def person(self) -> str:
        """Whom it says it is about; empty when it names nobody."""
        claim = self.document.claim
        return f"{claim.get('birth_family', '')} {claim.get('birth_given', '')}".strip()


@dataclass(frozen=True, slots=True)
class Row:
    """One message. ``state`` is said when there is no document to say more; ``handed`` who of another home gave it."""

    message: RawMessage
    subject: str
    documents: tuple[DocumentLine, ...]
    state: str
    problems: tuple[str, ...]
    handed: tuple[str, ...] = ()

    @property
    def waiting(self) -> bool:
        return any(line.waits for line in self.documents)

    @property
    def establishments(self) -> tuple[str, ...]:
        """Those the documents come from, but the one the sender's own name says already."""
        names = dict.fromkeys(line.document.custodian for line in self.documents if line.document.custodian)
        return tuple(name for name in names if name not in self.message.sender_label)

    @property
    def only(self) -> Document | None:
        """The document, when the message brings one and no more."""
        return self.documents[0].document if len(self.documents) == 1 else None


@dataclass(frozen=True, slots=True)
class MailboxLine:
    """One mailbox of the head line. ``missing`` counts the server's messages the ledger does not hold yet."""

    mailbox: Mailbox
    ledger: int

    @property
    def missing(self) -> int:
        return max(self.mailbox.server_count - self.ledger, 0)


def with_documents(messages: QuerySet[RawMessage]) -> QuerySet[RawMessage]:
    """Everything ``row`` reads, in a number of queries that does not grow with the rows."""
    remarked = Prefetch("leaves", queryset=Leaf.objects.exclude(notices=[]), to_attr="remarked_leaves")
    attached = Leaf.objects.filter(message=OuterRef("pk")).exclude(name="")
    told = messages.annotate(has_attachments=Exists(attached))
    return told.select_related("mailbox", "reply__recipient__transmission").prefetch_related(
        "documents__proposal__resident",
        "documents__filings__resident",
        "hand_overs__handed_by",
        "hand_overs__other_site",
        remarked,
    )


def rows_of(messages: QuerySet[RawMessage], numbers: Sequence[int]) -> list[Row]:
    """The lines of these messages, in this order."""
    found = {message.pk: message for message in with_documents(messages.filter(pk__in=numbers))}
    return [row(found[number]) for number in numbers if number in found]


def row(message: RawMessage) -> Row:
    documents = tuple(document_line(document) for document in message.documents.all())
    state = "" if documents else state_of(message)
    return Row(message, clean_subject(message), documents, state, problems_of(message), _handed(message))


def clean_subject(message: RawMessage) -> str:
    """The subject without its XDM prefix (ECO.3.1.3)."""
    return read_subject(message.subject).display or "(sans objet)"


def state_of(message: RawMessage) -> str:
    """Why a message shows no document."""
    if message.state == RawMessage.State.RECEIVED:
        return "Lecture en cours"
    if message.state == RawMessage.State.FAILED:
        return "Lecture en échec : elle sera reprise"
    if getattr(message, "reply", None):
        return "Réponse à l'un de vos envois"
    category = RawMessage.Category(message.category)
    return CATEGORIES_WITHOUT_DOCUMENT.get(category) or _state_of_plain(message)


def _state_of_plain(message: RawMessage) -> str:
    if getattr(message, "has_attachments", False):
        return CATEGORIES_WITHOUT_DOCUMENT[RawMessage.Category.CLINICAL]
    return "Message sans pièce jointe" if message.body.strip() else "Message vide : ni texte ni pièce jointe"


def problems_of(message: RawMessage) -> tuple[str, ...]:
    """What was off in the message, its parts and its documents, each thing once."""
    parts: list[Leaf] = getattr(message, "remarked_leaves", [])
    notices = [*message.notices, *(notice for part in parts for notice in part.notices)]
    notices += [notice for document in message.documents.all() for notice in document.notices]
    said = [message.problem, *(notice["message"] for notice in notices)]
    return tuple(dict.fromkeys(sentence for sentence in said if sentence))


def _handed(message: RawMessage) -> tuple[str, ...]:
    """Who of another home handed this message over, and why."""
    received = (one for one in message.hand_overs.all() if one.direction == HandOver.Direction.RECEIVED)
    return tuple(f"Remis par {one.handed_by} ({one.other_site.name}) : {one.reason}" for one in received)


def document_line(document: Document) -> DocumentLine:
    state = Document.State(document.state)
    return DocumentLine(document, action_of(document), TONES.get(state, ""))


def action_of(document: Document) -> str:
    """The act that waits for a person, or what became of the document."""
    if document.state in WAITS:
        if document.version_kind == "cancels":
            return VERSIONS_TO_JUDGE["cancels"]
        verb = "À confirmer" if document.state == Document.State.PROPOSED else "À rattacher"
        proposal = getattr(document, "proposal", None)
        version = VERSIONS_TO_JUDGE.get(document.version_kind, "")
        route = words.identity_route(proposal.kind) if proposal else ""
        return f"{verb} : {', '.join(filter(None, (version.lower(), route)))}" if version or route else verb
    if document.state == Document.State.FILED:
        filing = standing_filing(document.filings.all())
        return f"Intégré au dossier de {filing.resident.display_name}" if filing else "Intégré"
    if document.state == Document.State.SET_ASIDE:
        return f"Écarté : {document.set_aside_reason}"
    return WITHOUT_ACT[Document.State(document.state)]


def standing_filing(filings: Iterable[Filing]) -> Filing | None:
    return next((filing for filing in filings if filing.withdrawn_at is None), None)


def mailbox_lines(mailboxes: QuerySet[Mailbox]) -> list[MailboxLine]:
    return [MailboxLine(mailbox, _ledger(mailbox)) for mailbox in mailboxes]


def _ledger(mailbox: Mailbox) -> int:
    """The messages held of the server's numbering: counted again when the cursor or the server's count moves."""
    numbering = mailbox.uid_validity
    if numbering is None:
        return 0
    moved = f"ledger-{mailbox.pk}-{numbering}-{mailbox.last_uid}-{mailbox.server_count}"
    held = RawMessage.objects.filter(mailbox=mailbox, uid_validity=numbering)
    return int(cache.get_or_set(moved, held.count, LEDGER_SECONDS) or 0)
