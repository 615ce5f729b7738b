"""One message's way from bytes to documents: read, account for every leaf, route, propose."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.blobs import store
from liaison.apps.directory.queries import is_trusted_address
from liaison.apps.exchanges.incoming import attach_reports
from liaison.apps.exchanges.replies import take_reply
from liaison.apps.filing.jobs import offer_proposal
from liaison.apps.intake.actions import do_note_reading_failure
from liaison.apps.intake.models import Document, Leaf, RawMessage
from liaison.apps.intake.pdf_process import read_pdf_apart
from liaison.apps.intake.readings import cda_to_json, to_json
from liaison.core.mail.values import Mail
from liaison.core.reading import DocumentReading, Reading, read_message

logger = logging.getLogger(__name__)

READER_VERSION = "1"
LOST_AFTER = timedelta(seconds=60)
TITLE_CHARACTERS = 300


class LeavesMissing(Exception):  # noqa: N818 (a state, named as such)
    """The count of leaves in is not the count of rows out: the reading is refused, never shortened (law 1)."""


def read_or_note(pk: int) -> None:
    """Read one message; whatever goes wrong becomes its state, and the next message is not concerned."""
    message = RawMessage.objects.get(pk=pk)
    try:
        do_read(message)
    except Exception as error:  # noqa: BLE001 (law 1: no message of any shape may stop the mailbox)
        logger.warning("message %s: reading failed (%s)", pk, type(error).__name__)
        do_note_reading_failure(message, problem=f"La lecture a échoué ({type(error).__name__}).")


def unfinished() -> list[int]:
    """The messages to offer again: failed ones whose time has come, and received ones that no worker took."""
    now = timezone.now()
    lost = Q(state=RawMessage.State.RECEIVED, fetched_at__lt=now - LOST_AFTER)
    due = Q(state=RawMessage.State.FAILED, next_try__lte=now)
    return list(RawMessage.objects.filter(lost | due).order_by("pk").values_list("pk", flat=True)[:500])


def do_read(message: RawMessage) -> None:
    """Read a kept message into leaves and documents, and route it. Safe to run twice."""
    reading = read_message(store.get(message.blob), read_pdf=read_pdf_apart)
    for leaf in reading.mail.leaves:
        store.put(leaf.content)
    with transaction.atomic():
        begin(message.site)
        unread = RawMessage.objects.select_for_update(of=["self"]).select_related("site", "mailbox")
        locked = unread.get(pk=message.pk)
        if locked.state == RawMessage.State.READ:
            return
        _note_mail(locked, reading)
        leaves = _keep_leaves(locked, reading.mail)
        documents = [
            _keep_document(locked, leaves, position, one, reading.requested_action)
            for position, one in enumerate(reading.documents)
        ]
        record("message_read", locked, site=locked.site, leaves=len(leaves), documents=len(documents))
        _route(locked, reading, documents)


def _note_mail(message: RawMessage, reading: Reading) -> None:
    mail = reading.mail
    message.category = mail.category
    message.message_id = mail.message_id[:998]
    message.sender = mail.sender.email[:320]
    message.sender_label = mail.sender.label[:300]
    message.sender_trusted = is_trusted_address(mail.sender.email)
    message.subject = mail.subject[:998]
    message.body = mail.body
    message.requests_mdn = mail.requests_mdn
    message.notices = to_json((*mail.notices, *reading.notices))
    message.leaf_count = len(mail.leaves)
    message.state = RawMessage.State.READ
    message.reader_version = READER_VERSION
    message.problem, message.next_try = "", None
    message.save()


def _keep_leaves(message: RawMessage, mail: Mail) -> dict[str, Leaf]:
    rows = [
        Leaf(
            message=message,
            position=position,
            path=leaf.path,
            name=leaf.name[:300],
            declared_type=leaf.declared_type[:200],
            media_type=leaf.media_type[:100],
            size=len(leaf.content),
            blob=store.put(leaf.content),  # there already: the disk was waited for before the transaction
            notices=to_json(leaf.notices),
        )
        for position, leaf in enumerate(mail.leaves)
    ]
    Leaf.objects.bulk_create(rows)
    if message.leaves.count() != len(mail.leaves):
        raise LeavesMissing(f"{message.leaves.count()} rows for {len(mail.leaves)} leaves")
    return {row.path: row for row in rows}


def _keep_document(
    message: RawMessage, leaves: dict[str, Leaf], position: int, one: DocumentReading, requested_action: str
) -> Document:
    document = Document(
        site=message.site,
        message=message,
        position=position,
        source_leaf=leaves[one.leaf_path],
        pdf_leaf=leaves.get(one.pdf_leaf_path or ""),
        sha256=one.sha256,
        requested_action=requested_action,
        claim=to_json(one.claim) if one.claim else {},
        notices=to_json(one.notices),
        text=one.pdf.text if one.pdf else one.text,
    )
    _note_cda(document, one)
    document.save()
    return document


def _note_cda(document: Document, one: DocumentReading) -> None:
    cda = one.cda
    if cda is None:
        named = "Document PDF" if one.pdf_leaf_path == one.leaf_path else "Document illisible"
        document.title = (one.title or named)[:TITLE_CHARACTERS]
        return
    document.type_code, document.type_label = cda.type.code[:40], cda.type.label[:200]
    document.title = (cda.title or cda.type.label)[:TITLE_CHARACTERS]
    document.level = cda.level
    document.document_id = str(cda.id)[:300]
    document.set_id = str(cda.set_id)[:300] if cda.set_id else ""
    document.version = cda.version
    document.effective_time = cda.effective_time[:40]
    document.stay_start, document.stay_end = cda.stay_start[:40], cda.stay_end[:40]
    document.custodian = cda.custodian.name[:200]
    document.content = cda_to_json(cda)
    document.content["signatures"] = to_json(one.pdf.signatures) if one.pdf else []
    document.embedded_pdf_blob = next(
        (store.put(file.content) for file in cda.embedded if file.media_type == "application/pdf"), ""
    )
    document.text = "\n".join([*(section.text for section in cda.sections), document.text])


def _route(message: RawMessage, reading: Reading, documents: list[Document]) -> None:
    if message.category == RawMessage.Category.REPORT:
        attach_reports(message, reading.reports)
        return
    take_reply(message, reading.mail)
    for document in documents:
        offer_proposal(document.pk)
