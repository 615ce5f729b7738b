"""The reading of one file, as the JSON object that other programs rely on: its field names never change."""

from collections.abc import Iterable, Sequence
from typing import Any

from liaison.core.cda.read import read_cda
from liaison.core.inspection.documents import document_object, pdf_of
from liaison.core.inspection.kinds import kind_of
from liaison.core.inspection.reply import reply_object
from liaison.core.mail.values import Leaf, Mail, Report
from liaison.core.media import PDF, XML, media_type
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


def inspect(name: str, data: bytes, *, read_pdf: ReadPdf = read_pdf_here) -> Json:
    """The object of ``liaison inspect FILE --json`` (keys and values: docs/files.md). Never raises.

    ``name`` is only repeated, as ``file`` and as the source of a document that is the whole file. ``requested_action``
    is what the XDM metadata ask, ``create`` when they ask nothing, None where there can be no document.
    """
    kind = kind_of(data)
    if kind == "message":
        return _inspect_message(name, data, read_pdf)
    if kind == "xdm":
        return _inspect_archive(name, data, read_pdf)
    if kind == "unreadable":
        return unreadable(name, UNKNOWN_FILE if data.strip() else EMPTY_FILE)
    return _inspect_document(name, data, kind, read_pdf)


def unreadable(name: str, notice: Notice) -> Json:
    """The object of a file that could not be read, and why."""
    return _object(name, "unreadable", notices=(notice,))


def _inspect_message(name: str, data: bytes, read_pdf: ReadPdf) -> Json:
    reading = read_message(data, read_pdf=read_pdf)
    mail = reading.mail
    told = (*mail.notices, *reading.notices, *_leaf_notices(mail.leaves))
    if mail.category == "report":
        found = _object(name, "report", leaves=len(mail.leaves), notices=(*told, *_report_notices(reading.reports)))
        return {**found, "message": _message(mail), "report": _report(reading.reports)}
    reply, heard = reply_object(mail)
    contents = Contents(reading.documents, reading.notices, reading.metadata_patient_ids, reading.requested_action)
    found = _contents_object(name, "message", mail.leaves, contents, (*told, *heard))
    return {**found, "message": _message(mail), "reply": reply}


def _inspect_archive(name: str, data: bytes, read_pdf: ReadPdf) -> Json:
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
    contents = read_contents(leaves, read_pdf=read_pdf)
    return _contents_object(name, "xdm", leaves, contents, (*notices, *_leaf_notices(leaves)))


def _inspect_document(name: str, data: bytes, kind: str, read_pdf: ReadPdf) -> Json:
    leaf = Leaf(name, name, "", XML if kind == "cda" else PDF, data)
    contents = read_contents((leaf,), read_pdf=read_pdf)
    document = next(iter(contents.documents), None)
    if document is None or (document.cda is None and document.pdf is None):
        return unreadable(name, _refusal(data, kind, document))
    return _contents_object(name, kind, (leaf,), contents, ())


def _refusal(data: bytes, kind: str, document: DocumentReading | None) -> Notice:
    if document and document.notices:
        return document.notices[0]
    read = read_cda(data) if kind == "cda" else None
    return read.notice if isinstance(read, Unreadable) else UNKNOWN_FILE


def _contents_object(name: str, kind: str, leaves: Sequence[Leaf], contents: Contents, told: Iterable[Notice]) -> Json:
    by_path = {leaf.path: leaf.content for leaf in leaves}
    documents = contents.documents
    found = _object(
        name,
        kind,
        leaves=len(leaves),
        notices=(*told, *contents.notices, *(notice for each in documents for notice in each.notices)),
    )
    return {
        **found,
        "metadata_patient_ids": [str(each) for each in contents.metadata_patient_ids],
        "requested_action": contents.requested_action,
        "documents": [_document(each, by_path) for each in documents if not each.is_text_letter],
    }


def _document(document: DocumentReading, by_path: dict[str, bytes]) -> Json:
    companion = by_path.get(document.pdf_leaf_path) if document.pdf_leaf_path else None
    return document_object(document, document.leaf_path.removeprefix("!"), pdf_of(document.cda, companion))


def _object(name: str, kind: str, *, leaves: int = 0, notices: Iterable[Notice] = ()) -> Json:
    return {
        "file": name,
        "kind": kind,
        "leaves": leaves,
        "warnings": [{"code": each.code, "message": each.message} for each in dict.fromkeys(notices)],
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
