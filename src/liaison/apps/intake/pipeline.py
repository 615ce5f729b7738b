"""One message's way from bytes to documents: read, account for every leaf, route, propose."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from liaison.apps.audit.actions import begin, record_all
from liaison.apps.blobs import store
from liaison.apps.directory.queries import trusted_addresses
from liaison.apps.exchanges.incoming import attach_reports
from liaison.apps.exchanges.replies import Correspondence, correspondence_of, take_reply
from liaison.apps.filing.jobs import offer_proposals
from liaison.apps.intake.actions import do_note_reading_failure
from liaison.apps.intake.models import Document, Leaf, RawMessage
from liaison.apps.intake.pdf_process import read_pdf_apart
from liaison.apps.intake.readings import cda_to_json, to_json
from liaison.apps.operations.self_check import take_self_checks
from liaison.apps.queue import forgotten
from liaison.apps.rows import insert_rows, update_rows
from liaison.apps.search.index import insert_documents
from liaison.core.mail.values import Leaf as MailLeaf
from liaison.core.media import PDF
from liaison.core.reading import DocumentReading, Reading, read_message
from liaison.runtime.failpoints import reach

logger = logging.getLogger(__name__)

READER_VERSION = "1"
LOST_AFTER = timedelta(seconds=60)
TITLE_CHARACTERS = 300
AT_ONCE = 2
MOST_AT_ONCE = 500


class LeavesMissing(Exception):  # noqa: N818 (a state, named as such)
    """The count of leaves in is not the count of rows out: the reading is refused, never shortened (law 1)."""


class ReadMeanwhile(Exception):  # noqa: N818 (as above)
    """Another worker kept the reading of one of these messages: each is then taken by itself."""


def read_or_note(pk: int) -> None:
    """Read one message; whatever goes wrong becomes its state, and the next message is not concerned."""
    message = RawMessage.objects.select_related("site", "mailbox").get(pk=pk)
    try:
        do_read(message)
    except Exception as error:  # noqa: BLE001 (law 1: no message of any shape may stop the mailbox)
        _note_failure(message, error)


def read_all_or_note(numbers: Sequence[int]) -> None:
    """Read messages of one mailbox and keep what they say together, or each by itself when that does not work."""
    unread = RawMessage.objects.filter(pk__in=numbers).exclude(state=RawMessage.State.READ)
    messages = list(unread.select_related("site", "mailbox").order_by("pk"))
    read = []
    for message, reading in zip(messages, _read_each(messages), strict=True):
        if isinstance(reading, Exception):
            _note_failure(message, reading)
        else:
            read.append((message, reading))
    if not read:
        return
    try:
        do_keep_readings(read)
    except Exception as error:  # noqa: BLE001 (law 1: one of them may be at fault, the others are kept without it)
        logger.warning("%s readings not kept together (%s)", len(read), type(error).__name__)
        for message, _ in read:
            read_or_note(message.pk)


def _read_each(messages: Sequence[RawMessage]) -> Iterator[Reading | Exception]:
    """What each says, or why it cannot be read: while the PDF of one is read in its process, the next is parsed."""
    with ThreadPoolExecutor(AT_ONCE, "reader") as readers:
        yield from readers.map(_reading_of, messages)


def _reading_of(message: RawMessage) -> Reading | Exception:
    try:
        return _read(message)
    except Exception as error:  # noqa: BLE001 (law 1: no message of any shape may stop the mailbox)
        return error
    finally:
        connection.close()  # that of this thread, if a file that is not there had it look elsewhere


def _note_failure(message: RawMessage, error: Exception) -> None:
    logger.warning("message %s: reading failed (%s)", message.pk, type(error).__name__)
    do_note_reading_failure(message, problem=f"La lecture a échoué ({type(error).__name__}).")


def unfinished() -> list[int]:
    """The messages to offer again: failed ones whose time has come, and received ones that no job is about.

    Those of a long mailbox wait for their turn, in the jobs that were offered with them.
    """
    now = timezone.now()
    lost = Q(state=RawMessage.State.RECEIVED, fetched_at__lt=now - LOST_AFTER)
    due = Q(state=RawMessage.State.FAILED, next_try__lte=now)
    return forgotten(RawMessage.objects.filter(lost | due), task="read_messages", argument="messages")[:MOST_AT_ONCE]


def do_read(message: RawMessage) -> None:
    """Read a kept message into leaves and documents, and route it. Safe to run twice."""
    do_keep_readings([(message, _read(message))])


def _read(message: RawMessage) -> Reading:
    return read_message(store.get(message.blob), read_pdf=read_pdf_apart)


@transaction.atomic
def do_keep_readings(read: Sequence[tuple[RawMessage, Reading]]) -> None:
    """Keep what messages of one site say: leaves, documents, journal, the jobs that follow. Safe to run twice.

    Leaves and documents, which take the longest and nobody sees before the commit, are written before the journal of
    the site is held: another worker writes its own meanwhile.
    """
    reach("read: read")
    unread = _unread(message for message, _ in read)
    waiting = [(message, reading) for message, reading in read if message in unread]
    if not waiting:
        return
    leaves = _keep_leaves(waiting)
    documents = _keep_documents(waiting, leaves)
    begin(waiting[0][0].site)
    _note_readings(_locked(waiting), leaves, documents)
    reach("read: before commit")


def _unread(messages: Iterable[RawMessage]) -> QuerySet[RawMessage]:
    rows = RawMessage.objects.select_related("site", "mailbox").filter(pk__in=[message.pk for message in messages])
    return rows.exclude(state=RawMessage.State.READ).order_by("pk")


def _locked(waiting: Sequence[tuple[RawMessage, Reading]]) -> list[tuple[RawMessage, Reading]]:
    readings = {message.pk: reading for message, reading in waiting}
    locked = list(_unread(message for message, _ in waiting).select_for_update(of=["self"]))
    if len(locked) != len(waiting):
        raise ReadMeanwhile
    return [(message, readings[message.pk]) for message in locked]


def _note_readings(
    locked: Sequence[tuple[RawMessage, Reading]],
    leaves: Mapping[int, Mapping[str, Leaf]],
    documents: Mapping[int, Sequence[Document]],
) -> None:
    _note_mails(locked)
    counts = [
        (message, {"leaves": len(leaves[message.pk]), "documents": len(documents[message.pk])}) for message, _ in locked
    ]
    record_all("message_read", counts, site=locked[0][0].site)
    tests = take_self_checks([message for message, _ in locked])
    beside = correspondence_of(locked[0][0].site, [reading.mail for _, reading in locked])
    for message, reading in locked:
        if message.pk not in tests:
            _route(message, reading, beside)
    clinical = [documents[message.pk] for message, _ in locked if message.category != RawMessage.Category.REPORT]
    offer_proposals([document.pk for found in clinical for document in found])


NOTED = (
    "category",
    "message_id",
    "sender",
    "sender_label",
    "sender_trusted",
    "subject",
    "body",
    "requests_mdn",
    "notices",
    "leaf_count",
    "state",
    "reader_version",
    "problem",
    "next_try",
)


def _note_mails(locked: Sequence[tuple[RawMessage, Reading]]) -> None:
    trusted = trusted_addresses({reading.mail.sender.email for _, reading in locked})
    for message, reading in locked:
        _note_mail(message, reading, trusted)
    update_rows([message for message, _ in locked], NOTED)


def _note_mail(message: RawMessage, reading: Reading, trusted: Set[str]) -> None:
    mail = reading.mail
    message.category = mail.category
    message.message_id = mail.message_id[:998]
    message.sender = mail.sender.email[:320]
    message.sender_label = mail.sender.label[:300]
    message.sender_trusted = mail.sender.email in trusted
    message.subject = mail.subject[:998]
    message.body = mail.body
    message.requests_mdn = mail.requests_mdn
    message.notices = to_json((*mail.notices, *reading.notices))
    message.leaf_count = len(mail.leaves)
    message.state = RawMessage.State.READ
    message.reader_version = READER_VERSION
    message.problem, message.next_try = "", None


def _keep_leaves(locked: Sequence[tuple[RawMessage, Reading]]) -> dict[int, dict[str, Leaf]]:
    """A row for each leaf; by message, then by path. Their bytes stay in the message, where they are cut out of."""
    rows = {
        message.pk: [_leaf(message, position, leaf) for position, leaf in enumerate(reading.mail.leaves)]
        for message, reading in locked
    }
    insert_rows([row for found in rows.values() for row in found])
    counts = dict(Leaf.objects.filter(message__in=rows).order_by().values_list("message").annotate(Count("pk")))
    for message, reading in locked:
        if counts.get(message.pk, 0) != len(reading.mail.leaves):
            raise LeavesMissing(f"{counts.get(message.pk, 0)} rows for {len(reading.mail.leaves)} leaves")
    return {number: {row.path: row for row in found} for number, found in rows.items()}


def _leaf(message: RawMessage, position: int, leaf: MailLeaf) -> Leaf:
    return Leaf(
        message=message,
        position=position,
        path=leaf.path,
        name=leaf.name[:300],
        declared_type=leaf.declared_type[:200],
        media_type=leaf.media_type[:100],
        size=len(leaf.content),
        blob=store.name_of(leaf.content),
        notices=to_json(leaf.notices),
    )


def _keep_documents(
    locked: Sequence[tuple[RawMessage, Reading]], leaves: Mapping[int, Mapping[str, Leaf]]
) -> dict[int, list[Document]]:
    found = {
        message.pk: [
            _document(message, leaves[message.pk], position, one, reading.requested_action)
            for position, one in enumerate(reading.documents)
        ]
        for message, reading in locked
    }
    insert_documents([document for documents in found.values() for document in documents])
    return found


def _document(
    message: RawMessage, leaves: Mapping[str, Leaf], position: int, one: DocumentReading, requested_action: str
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
        (store.name_of(file.content) for file in cda.embedded if file.media_type == PDF), ""
    )
    document.text = "\n".join([*(section.text for section in cda.sections), document.text])


def _route(message: RawMessage, reading: Reading, beside: Correspondence) -> None:
    if message.category == RawMessage.Category.REPORT:
        attach_reports(message, reading.reports)
    else:
        take_reply(message, reading.mail, beside)
