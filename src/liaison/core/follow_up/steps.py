"""The way of one message to one addressee: its states, what moves it, and nothing else does."""

from enum import StrEnum


class Step(StrEnum):
    """Where a message is. The values are those of the database."""

    PREPARED = "prepared"
    HELD = "held"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    ANSWERED = "answered"
    IN_DOUBT = "in_doubt"
    FAILED = "failed"


class Event(StrEnum):
    """What can happen to it."""

    ADDRESS_ASKS = "address_asks"
    """Its address vanished from the directory, changed hands, or left the trust circle."""
    ADDRESS_SETTLED = "address_settled"
    """A person has said to use it all the same."""
    TAKEN = "taken"
    """The server took it; or a person posted the letter."""
    REFUSED = "refused"
    INTERRUPTED = "interrupted"
    REPORTED_DELIVERED = "reported_delivered"
    REPORTED_READ = "reported_read"
    REPORTED_FAILED = "reported_failed"
    REPLIED = "replied"
    GIVEN_AGAIN = "given_again"
    ARRIVAL_CONFIRMED = "arrival_confirmed"


S, E = Step, Event
_EVERYWHERE = {
    E.REPORTED_DELIVERED: (S.DELIVERED, {S.PREPARED, S.SENT, S.IN_DOUBT, S.FAILED}),
    E.REPORTED_READ: (S.READ, {S.PREPARED, S.SENT, S.IN_DOUBT, S.FAILED, S.DELIVERED}),
    E.REPLIED: (S.ANSWERED, set(S) - {S.ANSWERED}),
    E.REPORTED_FAILED: (S.FAILED, {S.PREPARED, S.SENT, S.IN_DOUBT}),
    E.TAKEN: (S.SENT, {S.PREPARED}),
    E.REFUSED: (S.FAILED, {S.PREPARED}),
    E.INTERRUPTED: (S.IN_DOUBT, {S.PREPARED}),
    E.ADDRESS_ASKS: (S.HELD, {S.PREPARED}),
    E.ADDRESS_SETTLED: (S.PREPARED, {S.HELD}),
    E.GIVEN_AGAIN: (S.PREPARED, {S.FAILED, S.IN_DOUBT}),
    E.ARRIVAL_CONFIRMED: (S.DELIVERED, {S.IN_DOUBT}),
}
WAITING = frozenset({S.SENT, S.DELIVERED, S.READ})
"""Given to its server, and not answered yet."""


def after(step: str, event: Event) -> Step | None:
    """The state an event leads to; None when it changes nothing there.

    The way only goes forward: a receipt that comes late or twice moves nothing back, and a failure counts only against
    what was not proven to have arrived.
    """
    target, origins = _EVERYWHERE[event]
    return target if Step(step) in origins else None
