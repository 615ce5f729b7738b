"""One call from the bytes of a message to all that can be said of it: mail, reports, documents, contradictions."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from liaison.core.cda.read import read_cda
from liaison.core.cda.values import CdaDocument
from liaison.core.contradictions import SEVERAL_PATIENTS, are_several, contradictions
from liaison.core.mail.hprim import TextLetter, read_hprim
from liaison.core.mail.message import read_mail
from liaison.core.mail.mss import MssSubject, read_subject
from liaison.core.mail.reports import read_reports
from liaison.core.mail.values import Leaf, Mail, Report
from liaison.core.media import PDF, PLAIN, XML, ZIP, is_cda
from liaison.core.notices import Notice, Unreadable
from liaison.core.pdf.text import read_pdf as read_pdf_here
from liaison.core.pdf.values import PdfText
from liaison.core.people import Identifier, Patient
from liaison.core.xdm.package import gravest, is_metadata, package_of
from liaison.core.xdm.values import DocumentEntry, Member, Package, RequestedAction

ReadPdf = Callable[[bytes], PdfText | Unreadable]

HPRIM_CLAIM = Notice(
    "hprim_header", "L'identité vient de l'en-tête HPRIM d'un courrier, sans INS : vérifiez-la avant de classer."
)
TEXT_LETTER_TITLE = "Courrier au format HPRIM"
LEAVES_LOST = Notice("leaves_unaccounted", "Des pièces du message portent la même place : le compte n'y est pas.")


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """One document of a message: a CDA, a PDF that no CDA accompanies, or a letter in the text form of HPRIM.

    ``leaf_path`` is where its bytes are in ``Mail.leaves``, ``sha256`` their digest in hexadecimal. ``pdf_leaf_path``
    is the readable PDF that comes with it (its own place for a lone PDF). ``claim`` is whom it says it is about; a lone
    PDF has that of the one text letter it comes with. ``text`` is what a text letter says, empty for the others.
    """

    leaf_path: str
    sha256: str
    cda: CdaDocument | None = None
    entry: DocumentEntry | None = None
    pdf_leaf_path: str | None = None
    pdf: PdfText | None = None
    claim: Patient | None = None
    title: str = ""
    text: str = ""
    notices: tuple[Notice, ...] = ()

    @property
    def is_text_letter(self) -> bool:
        return HPRIM_CLAIM in self.notices and self.pdf_leaf_path is None


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one message gives. ``requested_action`` and ``metadata_patient_ids`` are those of its XDM packages."""

    mail: Mail
    reports: tuple[Report, ...]
    documents: tuple[DocumentReading, ...]
    notices: tuple[Notice, ...] = ()
    metadata_patient_ids: tuple[Identifier, ...] = ()
    requested_action: RequestedAction = "create"


@dataclass(slots=True)
class _Listed:
    """What the XDM packages of a message say: by leaf path, and of the whole."""

    entries: dict[str, DocumentEntry] = field(default_factory=dict)
    document_notices: dict[str, tuple[Notice, ...]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    patient_ids: list[Identifier] = field(default_factory=list)
    actions: set[RequestedAction] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Contents:
    """The documents of some leaves, and what the XDM packages among them say of the whole."""

    documents: tuple[DocumentReading, ...]
    notices: tuple[Notice, ...] = ()
    metadata_patient_ids: tuple[Identifier, ...] = ()
    requested_action: RequestedAction = "create"


def read_message(raw: bytes, *, read_pdf: ReadPdf = read_pdf_here) -> Reading:
    """Read a message whole. Never raises; a report never yields documents, whatever it carries back.

    ``read_pdf`` reads the text of a PDF: the caller may give one that works in another process.
    """
    mail = read_mail(raw)
    accounted = () if leaves_accounted(mail) else (LEAVES_LOST,)
    if mail.category == "report":
        return Reading(mail, read_reports(mail), (), accounted)
    contents = read_contents(mail.leaves, subject=mail.subject, read_pdf=read_pdf)
    return Reading(
        mail=mail,
        reports=(),
        documents=contents.documents,
        notices=(*accounted, *contents.notices),
        metadata_patient_ids=contents.metadata_patient_ids,
        requested_action=contents.requested_action,
    )


def read_contents(leaves: Sequence[Leaf], *, subject: str = "", read_pdf: ReadPdf = read_pdf_here) -> Contents:
    """The documents among some leaves: those of a message, the members of an archive (``!name``), or one file."""
    listed = _read_packages(leaves)
    documents = _read_documents(leaves, read_subject(subject), listed, read_pdf)
    return Contents(
        documents=_flag_several_patients(_lend_claim(tuple(documents))),
        notices=tuple(dict.fromkeys(listed.notices)),
        metadata_patient_ids=tuple(dict.fromkeys(listed.patient_ids)),
        requested_action=gravest(listed.actions),
    )


def leaves_accounted(mail: Mail) -> bool:
    """Whether every leaf has a place of its own, so that as many rows as leaves can be kept."""
    return len({leaf.path for leaf in mail.leaves}) == len(mail.leaves)


def _read_packages(leaves: Sequence[Leaf]) -> _Listed:
    """Each archive that bears metadata, read from its members already unzipped."""
    listed = _Listed()
    for outer in dict.fromkeys(leaf.path.rpartition("!")[0] for leaf in leaves if is_metadata_leaf(leaf)):
        prefix = f"{outer}!"
        inside = (leaf for leaf in leaves if leaf.path.startswith(prefix))
        members = tuple(Member(leaf.path.removeprefix(prefix), leaf.content, leaf.notices) for leaf in inside)
        _note_package(listed, package_of(members), prefix)
    return listed


def is_metadata_leaf(leaf: Leaf) -> bool:
    return "!" in leaf.path and is_metadata(leaf.path.rpartition("!")[2])


def _note_package(listed: _Listed, package: Package, prefix: str) -> None:
    listed.notices += package.notices
    listed.patient_ids += package.patient_ids
    listed.actions.add(package.requested_action)
    for document in package.documents:
        listed.document_notices[prefix + document.name] = document.notices
        if document.entry:
            listed.entries[prefix + document.name] = document.entry


def _read_documents(
    leaves: Sequence[Leaf], subject: MssSubject, listed: _Listed, read_pdf: ReadPdf
) -> Iterator[DocumentReading]:
    """The CDAs first, each with its PDF, then the PDFs that accompany none and the text letters."""
    letters = [leaf for leaf in leaves if _is_letter(leaf) or _is_said_to_be_letter(leaf, listed)]
    readings = [(leaf, read_cda(leaf.content)) for leaf in letters]
    companions = _companions(readings, [leaf for leaf in leaves if leaf.media_type == PDF])
    for leaf, cda in readings:
        yield _read_letter(leaf, cda, companions.get(leaf.path), listed, subject, read_pdf)
    joined = {pdf.path for pdf in companions.values()}
    embedded = [content for _, cda in readings for content in _files_inside(cda)]
    for leaf in leaves:
        if leaf.media_type == PDF and leaf.path not in joined and leaf.content not in embedded:
            yield _read_lone_pdf(leaf, listed, read_pdf)
    for leaf in leaves:
        if leaf.media_type == PLAIN and (written := read_hprim(leaf.content)):
            yield _read_text_letter(leaf, written)


def _is_letter(leaf: Leaf) -> bool:
    return leaf.media_type == XML and is_cda(leaf.content)


def _is_said_to_be_letter(leaf: Leaf, listed: _Listed) -> bool:
    """An error page sent in place of a CDA is no CDA: it is shown as one that cannot be read, not passed over."""
    if leaf.media_type in {PDF, ZIP} or is_metadata_leaf(leaf):
        return False
    entry = listed.entries.get(leaf.path)
    if entry:
        return entry.mime_type in {XML, "application/xml"}
    return leaf.media_type != XML and leaf.name.lower().endswith(".xml")


def _read_text_letter(leaf: Leaf, letters: tuple[TextLetter, ...]) -> DocumentReading:
    """What a HPRIM header says is a claim without INS, and none at all when the text is about several persons."""
    patients = {letter.patient for letter in letters}
    return DocumentReading(
        leaf_path=leaf.path,
        sha256=_digest(leaf.content),
        claim=letters[0].patient if len(patients) == 1 else None,
        title=TEXT_LETTER_TITLE,
        text="\n\n".join(letter.text for letter in letters),
        notices=_once((*leaf.notices, HPRIM_CLAIM, *((SEVERAL_PATIENTS,) if len(patients) > 1 else ()))),
    )


def _lend_claim(documents: tuple[DocumentReading, ...]) -> tuple[DocumentReading, ...]:
    """A PDF comes with the header in the body of its mail: it is about the person named there, until someone checks."""
    claims = [document.claim for document in documents if document.is_text_letter]
    if len(claims) != 1 or claims[0] is None:
        return documents
    return tuple(
        replace(document, claim=claims[0], notices=_once((*document.notices, HPRIM_CLAIM)))
        if document.claim is None and document.cda is None and document.pdf_leaf_path == document.leaf_path
        else document
        for document in documents
    )


def _companions(readings: list[tuple[Leaf, CdaDocument | Unreadable]], pdfs: list[Leaf]) -> dict[str, Leaf]:
    """The PDF that repeats each CDA: the same bytes as it embeds, else the only PDF beside the only CDA."""
    found = {}
    for leaf, cda in readings:
        inside = _files_inside(cda)
        same = next((pdf for pdf in pdfs if pdf.content in inside), None)
        if same:
            found[leaf.path] = same
    alone = [leaf for leaf, cda in readings if isinstance(cda, CdaDocument)] or [leaf for leaf, _ in readings]
    if not found and len(alone) == 1 and len(pdfs) == 1:
        found[alone[0].path] = pdfs[0]
    return found


def _files_inside(cda: CdaDocument | Unreadable) -> list[bytes]:
    return [item.content for item in cda.embedded] if isinstance(cda, CdaDocument) else []


def _read_letter(
    leaf: Leaf,
    cda: CdaDocument | Unreadable,
    companion: Leaf | None,
    listed: _Listed,
    subject: MssSubject,
    read_pdf: ReadPdf,
) -> DocumentReading:
    entry = listed.entries.get(leaf.path)
    said = listed.document_notices.get(leaf.path, leaf.notices)
    pdf, pdf_notices = _pdf_of(cda, companion, read_pdf)
    if isinstance(cda, Unreadable):
        notices = (*said, cda.notice, *pdf_notices)
        return DocumentReading(
            leaf_path=leaf.path,
            sha256=_digest(leaf.content),
            entry=entry,
            pdf_leaf_path=_path(companion),
            pdf=pdf,
            title=entry.title if entry else "",
            notices=_once(notices),
        )
    return DocumentReading(
        leaf_path=leaf.path,
        sha256=_digest(leaf.content),
        cda=cda,
        entry=entry,
        pdf_leaf_path=_path(companion),
        pdf=pdf,
        claim=cda.patient,
        title=cda.title or cda.type.label,
        notices=_once((*said, *cda.notices, *pdf_notices, *contradictions(cda, entry, listed.patient_ids, subject))),
    )


def _pdf_of(
    cda: CdaDocument | Unreadable, companion: Leaf | None, read_pdf: ReadPdf
) -> tuple[PdfText | None, tuple[Notice, ...]]:
    """The text of the PDF a letter carries inside or beside it."""
    inside = cda.embedded if isinstance(cda, CdaDocument) and cda.level == 1 else ()
    content = next((item.content for item in inside if item.media_type == PDF), companion.content if companion else b"")
    return _read_pdf(content, read_pdf) if content else (None, ())


def _read_pdf(content: bytes, read_pdf: ReadPdf) -> tuple[PdfText | None, tuple[Notice, ...]]:
    text = read_pdf(content)
    return (None, (text.notice,)) if isinstance(text, Unreadable) else (text, text.notices)


def _read_lone_pdf(leaf: Leaf, listed: _Listed, read_pdf: ReadPdf) -> DocumentReading:
    entry = listed.entries.get(leaf.path)
    pdf, notices = _read_pdf(leaf.content, read_pdf)
    return DocumentReading(
        leaf_path=leaf.path,
        sha256=_digest(leaf.content),
        entry=entry,
        pdf_leaf_path=leaf.path,
        pdf=pdf,
        title=(entry.title if entry else "") or PurePosixPath(leaf.name).stem,
        notices=_once((*listed.document_notices.get(leaf.path, leaf.notices), *notices)),
    )


def _flag_several_patients(documents: tuple[DocumentReading, ...]) -> tuple[DocumentReading, ...]:
    """Mark every document of a message that speaks of several persons: none may file itself (ECO.2.1.1)."""
    in_letters = {document.claim for document in documents if document.claim and document.cda}
    in_words = {document.claim for document in documents if document.claim and not document.cda}
    if are_several(in_letters, in_words):
        return tuple(_noticed(document, SEVERAL_PATIENTS) for document in documents)
    return documents


def _noticed(document: DocumentReading, notice: Notice) -> DocumentReading:
    return replace(document, notices=_once((*document.notices, notice)))


def _once(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    return tuple(dict.fromkeys(notices))


def _path(leaf: Leaf | None) -> str | None:
    return leaf.path if leaf else None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
