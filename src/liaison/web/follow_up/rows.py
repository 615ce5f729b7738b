"""An addressee's way, step by step, in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from liaison.apps.exchanges.models import Receipt, Recipient, Reply
from liaison.apps.exchanges.standing import remarks
from liaison.web.follow_up.ways import Ways, ways_of

State = Recipient.State
WAITING, LATE, ANSWERED, TO_CHECK, ALL = "attente", "retard", "repondu", "verifier", "tous"
FILTERS = (
    (ALL, "Tous"),
    (WAITING, "En attente"),
    (LATE, "En retard"),
    (ANSWERED, "Répondu"),
    (TO_CHECK, "Échec ou à vérifier"),
)
_UNANSWERED = (State.SENT, State.DELIVERED, State.READ)
CHOSEN = {
    WAITING: Q(state__in=(State.PREPARED, *_UNANSWERED)),
    LATE: Q(late_at__isnull=False, state__in=_UNANSWERED),
    ANSWERED: Q(state=State.ANSWERED),
    TO_CHECK: Q(state__in=(State.FAILED, State.IN_DOUBT, State.HELD))
    | Q(escalated_at__isnull=False)
    | Q(channel=Recipient.Channel.LETTER, state=State.PREPARED),
}
TONES = {State.ANSWERED: "ok", State.READ: "info", State.DELIVERED: "info", State.FAILED: "bad", State.IN_DOUBT: "warn"}
TONES |= {State.HELD: "warn"}
STEPS = (
    ("sent_at", "envoyé"),
    ("delivered_at", "remis"),
    ("read_at", "lu"),
    ("answered_at", "répondu"),
    ("failed_at", "échec"),
    ("in_doubt_at", "à vérifier"),
    ("held_at", "retenu : adresse à vérifier"),
    ("late_at", "en retard"),
    ("escalated_at", "à joindre autrement"),
)
LEAVING = timedelta(minutes=2)
"""How long after a message is given to the server its delivery is looked for by itself."""
RECEIPTS = {
    "delivered": "remis dans sa boîte",
    "failed": "non remis",
    "delayed": "retardé",
    "relayed": "relayé",
    "expanded": "distribué à une liste",
    "displayed": "affiché",
    "processed": "intégré dans son logiciel",
    "deleted": "supprimé",
    "dispatched": "transféré",
    "denied": "lecture non confirmée",
}
INTENTS = {
    "validate_all": "Valide tout",
    "change": "Demande une modification",
    "stop": "Demande un arrêt",
    "start": "Demande un ajout",
    "ask": "Pose une question",
    "visit": "Annonce une visite",
    "thanks": "Remercie",
    "unclear": "À lire : non comprise par le logiciel",
}
ACTIONS = {"ok": "d'accord", "change": "modifier", "stop": "arrêter", "start": "commencer", "ask": "question"}


@dataclass(frozen=True, slots=True)
class Step:
    word: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    word: str
    kind: str
    at: datetime
    error_code: str


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """An answer with what the software read in it; the words themselves always stand beside."""

    reply: Reply
    intents: tuple[str, ...]
    lines: tuple[tuple[int, str, str], ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    recipient: Recipient
    name: str
    tone: str
    steps: tuple[Step, ...]
    receipts: tuple[ReceiptLine, ...]
    replies: tuple[ReplyLine, ...]
    late: bool
    label: str
    ways: Ways | None = None


def detailed(recipients: QuerySet[Recipient]) -> QuerySet[Recipient]:
    """Everything ``row`` reads, in a number of queries that does not grow with the rows."""
    return recipients.select_related(
        "professional",
        "transmission__document",
        "transmission__resident",
        "transmission__prepared_by",
        "transmission__mailbox",
        "transmission__site",
        "transmission__reconciliation",
    ).prefetch_related("receipts", "replies__handled_by")


def row(recipient: Recipient, *, with_ways: bool = False) -> Row:
    """One addressee; ``with_ways`` adds how else he can be joined, which costs queries of its own."""
    return Row(
        recipient=recipient,
        name=name_of(recipient),
        tone=TONES.get(State(recipient.state), ""),
        steps=steps_of(recipient),
        receipts=tuple(receipt_line(receipt) for receipt in recipient.receipts.all()),
        replies=tuple(reply_line(reply) for reply in recipient.replies.all()),
        late=recipient.late_at is not None and recipient.state in _UNANSWERED,
        label=label_of(recipient),
        ways=ways_of(recipient) if with_ways else None,
    )


def label_of(recipient: Recipient) -> str:
    """The state in words; a letter waits for the printer, not for a server."""
    to_post = recipient.channel == Recipient.Channel.LETTER and recipient.state == State.PREPARED
    return "À imprimer et poster" if to_post else str(recipient.get_state_display()).capitalize()


def is_leaving(recipient: Recipient, now: datetime) -> bool:
    """Whether its next step is a matter of seconds: to be given to the server, or to be delivered by it."""
    if recipient.state == State.PREPARED:
        return recipient.channel != Recipient.Channel.LETTER
    return recipient.state == State.SENT and recipient.sent_at is not None and now - recipient.sent_at < LEAVING


def name_of(recipient: Recipient) -> str:
    if recipient.channel == Recipient.Channel.PATIENT:
        return "Copie au résident (Mon espace santé)"
    return str(recipient.professional or recipient.address)


def steps_of(recipient: Recipient) -> tuple[Step, ...]:
    """« préparé », then each step that has its time, in the order of time."""
    passed = [Step("préparé", recipient.transmission.prepared_at)]
    passed += [Step(word, moment) for field, word in STEPS if (moment := getattr(recipient, field)) is not None]
    return tuple(sorted(passed, key=lambda step: step.at))


def receipt_line(receipt: Receipt) -> ReceiptLine:
    kind = "Accusé de remise (DSN)" if receipt.type == "dsn" else "Accusé de lecture (MDN)"
    return ReceiptLine(RECEIPTS.get(receipt.action, receipt.action), kind, receipt.at, receipt.error_code)


def reply_line(reply: Reply, *, remarked: bool = False) -> ReplyLine:
    """``remarked`` also says what a person must know before using it; it asks the database about each answer."""
    return ReplyLine(
        reply,
        tuple(INTENTS.get(str(intent), str(intent)) for intent in reply.intents),
        tuple(said_of_line(line) for line in reply.lines),
        tuple(remarks(reply)) if remarked else (),
    )


def said_of_line(line: dict[str, Any]) -> tuple[int, str, str]:
    """Number, meaning in a word, and the doctor's own words."""
    return int(line["number"]), ACTIONS.get(str(line["action"]), str(line["action"])), str(line["text"])
