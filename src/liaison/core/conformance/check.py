"""All the rules on one file: the file's own, and those of what it holds."""

from collections.abc import Iterator

from liaison.core.cda.values import CdaDocument
from liaison.core.conformance.archival_pdf import pdf_findings
from liaison.core.conformance.body import BODY_RULES
from liaison.core.conformance.body import noticed as noticed_in_body
from liaison.core.conformance.cda import open_cda
from liaison.core.conformance.cda_schema.walk import schema_findings
from liaison.core.conformance.discharge_letter import LETTER_RULES, is_discharge_letter
from liaison.core.conformance.entries import ENTRY_RULES
from liaison.core.conformance.finding import Finding, findings_of
from liaison.core.conformance.header import HEADER_RULES
from liaison.core.conformance.message import MESSAGE_RULES, letter_of
from liaison.core.conformance.package import PACKAGE_RULES, cda_of
from liaison.core.conformance.package import noticed as noticed_in_package
from liaison.core.conformance.patient import PATIENT_RULES
from liaison.core.conformance.persons import PERSON_RULES
from liaison.core.conformance.report import REPORT_RULES
from liaison.core.conformance.roles import ROLE_RULES
from liaison.core.inspection.inspect import inspect
from liaison.core.inspection.kinds import kind_of
from liaison.core.mail.beginning import upright
from liaison.core.mail.leaves import read_leaves
from liaison.core.mail.message import read_mail
from liaison.core.mail.values import Leaf
from liaison.core.media import PDF, XML, is_cda, media_type
from liaison.core.notices import Notice, Unreadable
from liaison.core.xdm.archive import open_archive
from liaison.core.xdm.package import is_document, package_of
from liaison.core.xdm.values import Member

CDA_RULES = (*HEADER_RULES, *PATIENT_RULES, *PERSON_RULES, *ROLE_RULES, *BODY_RULES, *ENTRY_RULES)
_READING = "LECTURE"


def check(name: str, data: bytes) -> tuple[Finding, ...]:
    """What a file breaks of our rules: CDA, XDM, MSSanté, and hints on PDF/A-1. Never raises.

    ``name`` is the place of a file that cannot be read at all. No message holds an identity; places hold the names that
    the members of an archive bear.
    """
    kind = kind_of(data)
    if kind == "message":
        return tuple(check_message(data))
    if kind == "xdm":
        return tuple(check_archive(data, name))
    if kind == "cda":
        return tuple(check_cda(data))
    if kind == "pdf":
        return tuple(check_pdf(data))
    unread = inspect(name, data)["warnings"]
    return tuple(Finding(_READING, name, "error", warning["message"]) for warning in unread)


def check_cda(data: bytes) -> Iterator[Finding]:
    cda = open_cda(data)
    if isinstance(cda, Unreadable):
        yield Finding(_READING, "ClinicalDocument", "error", cda.notice.message)
        return
    yield from schema_findings(cda.root)
    yield from findings_of(CDA_RULES, cda)
    yield from noticed_in_body(cda)
    if is_discharge_letter(cda):
        yield from findings_of(LETTER_RULES, cda)
    for file in cda.document.embedded:
        if file.media_type == PDF:
            yield from (finding.inside("PDF inclus") for finding in check_pdf(file.content))


def check_pdf(data: bytes) -> Iterator[Finding]:
    return pdf_findings(data)


def check_archive(data: bytes, name: str = "") -> Iterator[Finding]:
    opened = open_archive(data)
    if isinstance(opened, Unreadable):
        yield Finding(_READING, name, "error", opened.notice.message)
        return
    yield from check_members(*opened)


def check_members(members: tuple[Member, ...], notices: tuple[Notice, ...] = ()) -> Iterator[Finding]:
    package = package_of(members, notices)
    yield from findings_of(PACKAGE_RULES, package)
    yield from noticed_in_package(package)
    for member in members:
        if is_document(member):
            yield from (finding.inside(member.name) for finding in check_document(member.content))


def check_document(content: bytes) -> Iterator[Finding]:
    return check_cda(content) if is_cda(content) and media_type(content) == XML else check_pdf(content)


def check_message(data: bytes) -> Iterator[Finding]:
    mail = read_mail(data)
    if mail.category == "report":
        yield from findings_of(REPORT_RULES, mail)
        return
    letter = letter_of(mail, read_leaves(upright(data), opened=False))
    yield from findings_of(MESSAGE_RULES, letter)
    archives = [leaf.path for leaf in letter.archives]
    for path in archives:
        yield from (finding.inside(path) for finding in check_members(members_of(mail.leaves, path)))
    for leaf in mail.leaves:
        loose = not any(leaf.path.startswith(f"{path}!") for path in archives)
        if loose and (leaf.media_type == PDF or (leaf.media_type == XML and is_cda(leaf.content))):
            yield from (finding.inside(leaf.path) for finding in check_document(leaf.content))


def members_of(leaves: tuple[Leaf, ...], path: str) -> tuple[Member, ...]:
    prefix = f"{path}!"
    return tuple(
        Member(leaf.path.removeprefix(prefix), leaf.content, leaf.notices)
        for leaf in leaves
        if leaf.path.startswith(prefix)
    )


def cdas_of(data: bytes) -> Iterator[tuple[str, bytes, CdaDocument]]:
    """Every CDA of a file, at any depth: its place (empty for the file itself), its bytes, its reading."""
    kind = kind_of(data)
    if kind == "message":
        leaves = [(leaf.path, leaf.content) for leaf in read_mail(data).leaves]
    elif kind == "xdm":
        opened = open_archive(data)
        leaves = [] if isinstance(opened, Unreadable) else [(member.name, member.content) for member in opened[0]]
    else:
        leaves = [("", data)]
    for place, content in leaves:
        document = cda_of(content)
        if document:
            yield place, content, document
