"""What comes back to a home after it has sent: delivery reports, read reports, doctors' answers."""

from datetime import UTC, datetime
from itertools import count

from liaison.apps.blobs import store
from liaison.apps.exchanges.models import Answer, Recipient
from liaison.core.mail.compose import compose
from liaison.core.mail.message import read_mail
from liaison.core.mail.report_writing import Disposition, compose_mdn
from liaison.core.mail.values import Address, Mail, OutgoingMail
from liaison.demo.operator import queue
from liaison.demo.operator.reports import Action, Outcome, Reporter, compose_dsn

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
STATUSES: dict[Action, str] = {"delivered": "2.1.5", "relayed": "2.1.9", "delayed": "4.4.7", "failed": "5.1.1"}
_numbers = count(1)


def message_to(recipient: Recipient) -> Mail:
    """Our own message, as its recipient reads it."""
    return read_mail(store.get(recipient.blob))


def dsn_about(recipient: Recipient, action: Action) -> bytes:
    """The operator's delivery report about our message."""
    return compose_dsn(
        Reporter("operateur", "ville.mssante.fr"),
        queue.Envelope(recipient.transmission.mailbox.address, (), envid=recipient.uuid.hex),
        queue.Recipient(recipient.address, orcpt=f"rfc822;{recipient.address}"),
        Outcome(action, STATUSES[action]),
        store.get(recipient.blob),
        arrived=NOW,
        now=NOW,
    )


def dsn_of_answer(answer: Answer) -> bytes:
    """The operator's report that an answer of ours did not reach its sender."""
    return compose_dsn(
        Reporter("operateur", "hopital.mssante.fr"),
        queue.Envelope(answer.original.mailbox.address, ()),
        queue.Recipient(answer.address, orcpt=f"rfc822;{answer.address}"),
        Outcome("failed", STATUSES["failed"]),
        store.get(answer.blob),
        arrived=NOW,
        now=NOW,
    )


def mdn_about(recipient: Recipient, disposition: Disposition = "displayed", *, error_code: str = "") -> bytes:
    """The doctor's read report about our message, which it carries back whole."""
    raw = store.get(recipient.blob)
    return compose_mdn(
        read_mail(raw),
        original_raw=raw,
        mailbox=Address(recipient.address),
        message_id=f"<mdn-{next(_numbers)}@ville.mssante.fr>",
        date=NOW,
        disposition=disposition,
        automatic=False,
        error_code=error_code,
    )


def reply_to(
    recipient: Recipient,
    words: str,
    *,
    sender: str = "",
    subject: str = "RE: votre message",
    in_reply_to: str = "",
    references: tuple[str, ...] = (),
    headers: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """An answer in a doctor's words. Nothing but what is given threads it to our message."""
    return compose(
        OutgoingMail(
            message_id=f"<reply-{next(_numbers)}@ville.mssante.fr>",
            sender=Address(sender or recipient.address, "Dr Morel"),
            to=(Address(recipient.transmission.mailbox.address),),
            subject=subject,
            body=words,
            date=NOW,
            in_reply_to=in_reply_to,
            references=references,
            headers=headers,
        )
    )
