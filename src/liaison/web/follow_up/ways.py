"""How else one addressee can be joined, and what was tried: reminders, calls, other addresses, letters."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from liaison.apps.directory.absences import absences_on
from liaison.apps.directory.models import Absence, Professional
from liaison.apps.exchanges.addressing import addressings
from liaison.apps.exchanges.models import Call, Note, Recipient
from liaison.apps.exchanges.reminders import is_high_risk, rules_of
from liaison.core.follow_up.rules import Silence, due_at
from liaison.core.follow_up.steps import WAITING
from liaison.web.directory.words import CHOSEN_BY, STANDINGS, AddressLine, address_lines
from liaison.web.words import moment

State, Channel = Recipient.State, Recipient.Channel
JOINABLE = (State.SENT, State.DELIVERED, State.READ, State.HELD, State.FAILED, State.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """One other address the same letter may go to."""

    professional: Professional
    line: AddressLine


@dataclass(frozen=True, slots=True)
class Ways:
    """What the page of an exchange shows under one addressee, beside his steps."""

    reminders: tuple[Note, ...]
    calls: tuple[Call, ...]
    next_act: str
    chosen_because: str
    held_because: str
    elsewhere: tuple[Elsewhere, ...]
    absence: Absence | None
    may_call: bool
    may_write_letter: bool
    is_letter: bool
    to_post: bool


def ways_of(recipient: Recipient) -> Ways:
    professional = recipient.professional
    joinable = professional is not None and recipient.state in JOINABLE
    absence = absences_on(timezone.localdate(), [professional]).get(professional.pk) if professional else None
    letter = recipient.channel == Channel.LETTER
    reminders = _reminders(recipient)
    return Ways(
        reminders=tuple(reminders),
        calls=tuple(recipient.calls.select_related("called_by")),
        next_act=_next_act(recipient, len(reminders)),
        chosen_because=CHOSEN_BY.get(recipient.chosen_by, ""),
        held_because={str(standing): words for standing, (words, _) in STANDINGS.items()}.get(recipient.held_for, ""),
        elsewhere=_elsewhere(recipient, professional, absence) if professional and joinable else (),
        absence=absence,
        may_call=professional is not None and recipient.state != State.PREPARED,
        may_write_letter=joinable and not letter,
        is_letter=letter,
        to_post=letter and recipient.state == State.PREPARED,
    )


def _reminders(recipient: Recipient) -> QuerySet[Note]:
    return Note.objects.filter(recipient=recipient, kind=Note.Kind.REMINDER).order_by("asked_at")


def _next_act(recipient: Recipient, reminders: int) -> str:
    """What the rule of the site will do, and when, as long as no answer comes."""
    waits = recipient.state in WAITING and recipient.expects_answer and recipient.sent_at is not None
    if not waits or recipient.escalated_at or recipient.channel != Channel.MSSANTE or recipient.sent_at is None:
        return ""
    rules = rules_of(recipient.transmission.site)
    due = due_at(Silence(recipient.sent_at, reminders, is_high_risk(recipient)), rules)
    act = "rappel" if reminders < rules.reminders else "à joindre autrement"
    return f"Sans réponse, {act} le {moment(due)}"


def _elsewhere(recipient: Recipient, professional: Professional, absence: Absence | None) -> tuple[Elsewhere, ...]:
    people = [professional, *([absence.replacement] if absence and absence.replacement else [])]
    known = addressings(people, recipient.transmission.site)
    used = set(recipient.transmission.recipients.values_list("address", flat=True))
    return tuple(
        Elsewhere(one, line)
        for one in people
        for line in address_lines(known[one.pk])
        if line.usable and line.row.email not in used
    )
