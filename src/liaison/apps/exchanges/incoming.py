"""The receipts that come back, attached to their exchange. All inside the reading's transaction."""

from django.utils import timezone

from liaison.apps.audit.actions import record
from liaison.apps.exchanges.models import Answer, Note, Receipt, Recipient
from liaison.apps.exchanges.outgoing import do_note_undelivered, find_outgoing
from liaison.apps.intake.actions import set_handling
from liaison.apps.intake.models import RawMessage
from liaison.core.follow_up.steps import Event, after
from liaison.core.mail.values import Report

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
