"""What comes back, receipts and answers, attached to its exchange. All inside the reading's transaction."""

import re

from django.utils import timezone

from liaison.apps.audit.actions import record
from liaison.apps.directory.queries import professional_of
from liaison.apps.exchanges.models import Answer, Note, Receipt, Recipient, Reply, Transmission
from liaison.apps.exchanges.outgoing import do_note_undelivered, find_outgoing
from liaison.apps.intake.actions import set_handling
from liaison.apps.intake.models import RawMessage
from liaison.core.follow_up.steps import Event, after
from liaison.core.mail.quoting import split_reply
from liaison.core.mail.values import Mail, Report
from liaison.core.medication.reply import read_reply

State = Recipient.State

REFERENCE = re.compile(r"\[r[ée]f\s+([0-9A-F]{8})\]", re.IGNORECASE)
_MEANING = {
    "delivered": (Event.REPORTED_DELIVERED, "delivered_at"),
    "displayed": (Event.REPORTED_READ, "read_at"),
    "processed": (Event.REPORTED_READ, "read_at"),
    "dispatched": (Event.REPORTED_READ, "read_at"),
    "deleted": (Event.REPORTED_READ, "read_at"),
    "failed": (Event.REPORTED_FAILED, "failed_at"),
}


def attach_reports(message: RawMessage, reports: tuple[Report, ...]) -> None:
    """Each report to the recipient it speaks of. One that tells of nothing we know stays for a person to see."""
    known = [_attach(message, report) for report in reports]
    if known and all(known):
        set_handling(message, RawMessage.Handling.DONE, None)


def _attach(message: RawMessage, report: Report) -> bool:
    ours = find_outgoing(report.original_message_id, message.site)
    if ours is not None:
        return _note_on(ours, report)
    recipient = _recipient_of(message, report)
    Receipt.objects.create(
        site=message.site,
        recipient=recipient,
        message=message,
        type=report.type,
        action=report.action,
        error_code=report.error_code[:20],
        at=timezone.now(),
    )
    if recipient is None:
        record("receipt_unmatched", message, site=message.site, type=report.type, report=report.action)
        return False
    _advance(recipient, report)
    return not _is_refusal(report)


def _note_on(ours: Answer | Note, report: Report) -> bool:
    """A report on an answer or a note of ours changes nothing, but for one that says it did not arrive."""
    if report.action == "failed":
        do_note_undelivered(ours)
    return report.action != "failed"


def _is_refusal(report: Report) -> bool:
    """Not delivered, or delivered to a software that did not take it (the ANS error of an MDN): a person must see."""
    return report.action == "failed" or (report.type == "mdn" and bool(report.error_code))


def _recipient_of(message: RawMessage, report: Report) -> Recipient | None:
    sent = Recipient.objects.select_for_update(of=["self"]).select_related("transmission__site")
    return sent.filter(message_id=report.original_message_id, transmission__site=message.site).first()


def _advance(recipient: Recipient, report: Report) -> None:
    """The state only goes forward; a failure counts only against what was not proven to have arrived."""
    transmission = recipient.transmission
    meaning = _MEANING.get(report.action)
    if meaning:
        event, time_field = meaning
        if getattr(recipient, time_field) is None:
            setattr(recipient, time_field, timezone.now())
        recipient.state = after(recipient.state, event) or recipient.state
        recipient.save()
    record(
        "receipt_attached",
        recipient,
        site=transmission.site,
        resident=transmission.resident,
        type=report.type,
        report=report.action,
        error_code=report.error_code,
        message_id=recipient.message_id,
    )


def find_answered_recipient(message: RawMessage, mail: Mail) -> Recipient | None:
    """Whose answer this is: by the threading headers, else by our reference in the subject and the sender."""
    if mail.category == "automatic":
        return None
    sent = Recipient.objects.filter(transmission__site=message.site).select_related("transmission")
    numbers = [number for number in (mail.in_reply_to, *reversed(mail.references)) if number]
    by_number = {recipient.message_id: recipient for recipient in sent.filter(message_id__in=numbers)}
    threaded = next((by_number[number] for number in numbers if number in by_number), None)
    return threaded or _by_reference(message, mail)


def _by_reference(message: RawMessage, mail: Mail) -> Recipient | None:
    found = REFERENCE.search(mail.subject)
    if not found:
        return None
    recent = Transmission.objects.filter(site=message.site, uuid__startswith=_uuid_prefix(found[1]))
    candidates = Recipient.objects.filter(transmission__in=recent).select_related("transmission")
    same_address = candidates.filter(address__iexact=mail.sender.email).first()
    if same_address:
        return same_address
    professional = professional_of(mail.sender.email)
    return candidates.filter(professional=professional).first() if professional else None


def _uuid_prefix(reference: str) -> str:
    return reference.lower()


def record_reply(message: RawMessage, recipient: Recipient, mail: Mail) -> Reply:
    """Keep the words, propose what they mean, and move the recipient to « répondu »."""
    transmission = recipient.transmission
    words, quoted = split_reply(mail.body)
    lines = transmission.reconciliation.lines.count() if transmission.reconciliation else 0
    reading = read_reply(words, lines=lines)
    reply = Reply.objects.create(
        site=message.site,
        recipient=recipient,
        message=message,
        text=words,
        quoted=quoted,
        intents=list(reading.intents),
        lines=[{"number": line.number, "action": line.action, "text": line.text} for line in reading.lines],
        visit=reading.visit[:200],
        received_at=message.received_at,
    )
    locked = Recipient.objects.select_for_update().get(pk=recipient.pk)
    locked.state, locked.answered_at = State.ANSWERED, locked.answered_at or timezone.now()
    locked.save(update_fields=["state", "answered_at"])
    record(
        "reply_attached",
        reply,
        site=transmission.site,
        resident=transmission.resident,
        message=str(message.uuid),
        message_id=message.message_id,
        transmission=str(transmission.uuid),
        intents=list(reading.intents),
    )
    return reply
