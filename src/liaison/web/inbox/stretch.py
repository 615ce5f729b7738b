"""Fifty messages at a time, found by where the fifty before ended: the last ones of a large mailbox cost no more.

Each mailbox is asked apart, so that the index of its messages by date serves; what they give is put together here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import chain, islice

from django.db.models import Q, QuerySet

from liaison.apps.intake.models import RawMessage
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.access import access_mailboxes, access_messages
from liaison.apps.organisations.models import User
from liaison.web.inbox.forms import ALL, NEWEST, TO_DO, TO_DO_FIRST

ROWS = 50
MOST_COUNTED = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Handling = RawMessage.Handling
Key = tuple[datetime, int]
"""When a message was received, and its number."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """``numbers`` of the messages in the order asked; ``then`` is where the next ones begin, empty at the end.

    ``count`` is that of all the filters leave, MOST_COUNTED + 1 when there are more.
    """

    numbers: tuple[int, ...]
    then: str
    count: int

    @property
    def is_counted(self) -> bool:
        return self.count <= MOST_COUNTED


def stretch_of(user: User, chosen: dict[str, str], after: str) -> Stretch:
    """``after`` is the ``then`` of the stretch before; one that cannot be read begins at the newest."""
    seen, boxes = access_messages(user), _boxes(user, chosen["bal"])
    found = list(islice(_in_order(seen, boxes, chosen, after), ROWS + 1))
    kept = found[:ROWS]
    then = _written(*kept[-1]) if len(found) > ROWS else ""
    return Stretch(tuple(number for _, (_, number) in kept), then, _count(seen, boxes, chosen))


def next_to_do(user: User, mailbox: str, message: RawMessage) -> int | None:
    """The number of the message to do after this one in the mailbox chosen; after the last, the newest again."""
    seen, boxes = access_messages(user).exclude(pk=message.pk), _boxes(user, mailbox)
    here = _written(Handling.TO_DO, (message.received_at, message.pk))
    to_do = {"voir": TO_DO, "ordre": NEWEST}
    found = chain.from_iterable(_in_order(seen, boxes, to_do, after) for after in (here, ""))
    return next((number for _, (_, number) in found), None)


def _boxes(user: User, chosen: str) -> list[Mailbox]:
    mailboxes = access_mailboxes(user)
    return list(mailboxes.filter(uuid=chosen) if chosen else mailboxes)


def _in_order(
    seen: QuerySet[RawMessage], boxes: list[Mailbox], chosen: dict[str, str], after: str
) -> Iterator[tuple[str, Key]]:
    """Each message with its part: those to do before the others when that is the order asked."""
    parts = _parts(chosen)
    begun, key = _read(after)
    for part in parts[parts.index(begun) if begun in parts else 0 :]:
        before = key if part == begun else None
        stacks = [_newest(seen.filter(mailbox=box), part, before) for box in boxes]
        yield from ((part, each) for each in merge(*stacks, reverse=True))


def _parts(chosen: dict[str, str]) -> list[str]:
    if chosen["voir"] == ALL:
        return [Handling.TO_DO, Handling.DONE] if chosen["ordre"] == TO_DO_FIRST else [ALL]
    return [Handling.TO_DO if chosen["voir"] == TO_DO else Handling.DONE]


def _newest(messages: QuerySet[RawMessage], part: str, before: Key | None) -> list[Key]:
    if part != ALL:
        messages = messages.filter(handling=part)
    if before:
        at, number = before
        messages = messages.filter(received_at__lte=at).filter(Q(received_at__lt=at) | Q(pk__lt=number))
    return list(messages.order_by("-received_at", "-pk").values_list("received_at", "pk")[: ROWS + 1])


def _count(seen: QuerySet[RawMessage], boxes: list[Mailbox], chosen: dict[str, str]) -> int:
    messages = seen.filter(mailbox__in=[box.pk for box in boxes])
    if chosen["voir"] != ALL:
        messages = messages.filter(handling=_parts(chosen)[0])
    return messages.order_by()[: MOST_COUNTED + 1].count()


def _written(part: str, key: Key) -> str:
    at, number = key
    return f"{part}.{(at - _EPOCH) // timedelta(microseconds=1)}.{number}"


def _read(after: str) -> tuple[str, Key | None]:
    part, *numbers = after.split(".")
    try:
        at, number = map(int, numbers)
        return part, (_EPOCH + timedelta(microseconds=at), number)
    except (ValueError, OverflowError):
        return "", None
