"""The reading of one file, as the JSON object that other programs rely on: its field names never change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from liaison.core.cda.read import read_cda
from liaison.core.inspection.documents import document_object, pdf_of
from liaison.core.inspection.kinds import kind_of
from liaison.core.inspection.reply import reply_object
from liaison.core.mail.values import Leaf, Mail, Report
from liaison.core.media import PDF, XML, media_type
from liaison.core.medication.from_document import LinesOfPdf, lines_of_pdf
from liaison.core.notices import Notice, Unreadable
from liaison.core.pdf.text import read_pdf as read_pdf_here
from liaison.core.reading import Contents, DocumentReading, ReadPdf, read_contents, read_message
from liaison.core.xdm.archive import open_archive
from liaison.core.xdm.package import METADATA_MISSING, is_metadata

Json = dict[str, Any]

EMPTY_FILE = Notice("file_empty", "Le fichier est vide.")
UNKNOWN_FILE = Notice(
    "file_unknown", "Ce fichier n'est ni un message, ni une archive IHE_XDM, ni un document CDA, ni un PDF."
)
SEVERAL_RECIPIENTS = Notice("report_several", "Le compte rendu porte sur plusieurs destinataires : le pire est montré.")
SILENT_REPORT = Notice("report_silent", "Le compte rendu ne dit pas ce qu'est devenu le message.")

# The contract knows eight actions: an « expanded » mail reached its address, a « denied » receipt says nothing more.
_ACTIONS = {"expanded": "delivered", "denied": "dispatched"}
_GRAVITY = ("failed", "delayed", "deleted")


@dataclass(frozen=True, slots=True)
class PdfReaders:
    """How the PDFs of a file are read: their text, and their drug lines when nothing is coded."""

    text: ReadPdf
    lines: LinesOfPdf


def inspect(
    name: str, data: bytes, *, read_pdf: ReadPdf = read_pdf_here, read_lines: LinesOfPdf = lines_of_pdf
) -> Json:
    """The object of ``liaison inspect FILE --json`` (keys and values: docs/files.md). Never raises.

    ``name`` is only repeated, as ``file`` and as the source of a document that is the whole file. ``requested_action``
    is what the XDM metadata ask, ``create`` when they ask nothing, None where there can be no document.
    """
    readers = PdfReaders(read_pdf, read_lines)
    kind = kind_of(data)
    if kind == "message":
        return _inspect_message(name, data, readers)
    if kind == "xdm":
        return _inspect_archive(name, data, readers)
    if kind == "unreadable":
        return unreadable(name, UNKNOWN_FILE if data.strip() else EMPTY_FILE)
    return _inspect_document(name, data, kind, readers)


def unreadable(name: str, notice: Notice) -> Json:
    """The object of a file that could not be read, and why."""
    return _object(name, "unreadable", notices=(notice,))


def _inspect_message(name: str, data: bytes, readers: PdfReaders) -> Json:
    reading = read_message(data, read_pdf=readers.text)
    mail = reading.mail
    told = (*mail.notices, *reading.notices, *_leaf_notices(mail.leaves))
    if mail.category == "report":
        found = _object(name, "report", leaves=len(mail.leaves), notices=(*told, *_report_notices(reading.reports)))
        return {**found, "message": _message(mail), "report": _report(reading.reports)}
    reply, heard = reply_object(mail)
    contents = Contents(reading.documents, reading.notices, reading.metadata_patient_ids, reading.requested_action)
    found = _contents_object(_object(name, "message", notices=(*told, *heard)), mail.leaves, contents, readers)
    return {**found, "message": _message(mail), "reply": reply}


def _inspect_archive(name: str, data: bytes, readers: PdfReaders) -> Json:
    opened = open_archive(data)
    if isinstance(opened, Unreadable):
        return unreadable(name, opened.notice)
    members, notices = opened
    leaves = tuple(
        Leaf(f"!{each.name}", each.name, "", media_type(each.content), each.content, notices=each.notices)
        for each in members
    )
    if not any(is_metadata(each.name) for each in members):
        notices = (*notices, METADATA_MISSING)
    contents = read_contents(leaves, read_pdf=readers.text)
    told = (*notices, *_leaf_notices(leaves))
    return _contents_object(_object(name, "xdm", notices=told), leaves, contents, readers)


def _inspect_document(name: str, data: bytes, kind: str, readers: PdfReaders) -> Json:
    leaf = Leaf(name, name, "", XML if kind == "cda" else PDF, data)
    contents = read_contents((leaf,), read_pdf=readers.text)
    document = next(iter(contents.documents), None)
    if document is None or (document.cda is None and document.pdf is None):
        return unreadable(name, _refusal(data, kind, document))
    return _contents_object(_object(name, kind), (leaf,), contents, readers)


def _refusal(data: bytes, kind: str, document: DocumentReading | None) -> Notice:
    if document and document.notices:
        return document.notices[0]
    read = read_cda(data) if kind == "cda" else None
    return read.notice if isinstance(read, Unreadable) else UNKNOWN_FILE


def _contents_object(found: Json, leaves: Sequence[Leaf], contents: Contents, readers: PdfReaders) -> Json:
    """``found`` completed by what its leaves hold; the warnings of the whole come first."""
    by_path = {leaf.path: leaf.content for leaf in leaves}
    shown = [_document(each, by_path, readers) for each in contents.documents if not each.is_text_letter]
    told = (
        *contents.notices,
        *(notice for each in contents.documents for notice in each.notices),
        *(notice for _, notices in shown for notice in notices),
    )
    return {
        **found,
        "leaves": len(leaves),
        "warnings": [*found["warnings"], *(each for each in _warnings(told) if each not in found["warnings"])],
        "metadata_patient_ids": [str(each) for each in contents.metadata_patient_ids],
        "requested_action": contents.requested_action,
        "documents": [said for said, _ in shown],
    }


def _document(
    document: DocumentReading, by_path: dict[str, bytes], readers: PdfReaders
) -> tuple[Json, tuple[Notice, ...]]:
    companion = by_path.get(document.pdf_leaf_path) if document.pdf_leaf_path else None
    source = document.leaf_path.removeprefix("!")
    return document_object(document, source, pdf_of(document.cda, companion), readers.lines)


def _warnings(notices: Iterable[Notice]) -> list[Json]:
    return [{"code": each.code, "message": each.message} for each in dict.fromkeys(notices)]


def _object(name: str, kind: str, *, leaves: int = 0, notices: Iterable[Notice] = ()) -> Json:
    return {
        "file": name,
        "kind": kind,
        "leaves": leaves,
        "warnings": _warnings(notices),
        "message": None,
        "report": None,
        "metadata_patient_ids": [],
        "requested_action": None,
        "documents": [],
        "reply": None,
    }


def _leaf_notices(leaves: Iterable[Leaf]) -> tuple[Notice, ...]:
    return tuple(notice for leaf in leaves for notice in leaf.notices)


def _message(mail: Mail) -> Json:
    return {
        "message_id": mail.message_id or None,
        "in_reply_to": mail.in_reply_to or None,
        "references": list(mail.references),
        "from": mail.sender.email or None,
        "to": [each.email for each in mail.to],
        "subject": mail.subject or None,
        "date": mail.date.isoformat() if mail.date else None,
        "category": mail.category,
        "requests_mdn": mail.requests_mdn,
        "body": mail.body or None,
    }


def _report(reports: Sequence[Report]) -> Json | None:
    """The gravest of the reports: one recipient who got nothing matters more than those who did."""
    graded = sorted(reports, key=_gravity)
    if not graded:
        return None
    worst = graded[0]
    return {
        "type": worst.type,
        "original_message_id": worst.original_message_id or None,
        "recipient": worst.recipient or None,
        "action": _ACTIONS.get(worst.action, worst.action),
        "error_code": worst.error_code or None,
    }


def _gravity(report: Report) -> tuple[int, bool]:
    rank = _GRAVITY.index(report.action) if report.action in _GRAVITY else len(_GRAVITY)
    return rank, not report.error_code


def _report_notices(reports: Sequence[Report]) -> tuple[Notice, ...]:
    if len(reports) > 1:
        return (SEVERAL_RECIPIENTS,)
    return () if reports else (SILENT_REPORT,)
