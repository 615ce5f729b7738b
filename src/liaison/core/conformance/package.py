"""An IHE_XDM.ZIP: whole, well arranged, and true to the documents it holds (IHE ITI-32; Réf. #2, ECO.2.1.1 and 2.1.2).

The names of the rules are ours (XDM), but where the requirement has its own.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from liaison.core.cda.read import read_cda
from liaison.core.cda.values import CdaDocument
from liaison.core.conformance.finding import Finding, Rule, Severity
from liaison.core.media import XML, is_cda, media_type
from liaison.core.notices import Notice
from liaison.core.people import INS_ROOTS
from liaison.core.xdm.archive import DUPLICATED
from liaison.core.xdm.package import is_metadata
from liaison.core.xdm.values import DocumentEntry, Package, PackageDocument

NOTICES: dict[str, tuple[str, Severity]] = {
    "document_listed_twice": ("XDM-URI-TWICE", "error"),
    "document_missing": ("XDM-URI", "error"),
    "document_to_cancel_absent": ("XDM-URI", "note"),
    "document_unlisted": ("XDM-UNLISTED", "warning"),
    "document_uri_astray": ("XDM-URI", "error"),
    "hash_differs": ("XDM-HASH", "error"),
    "metadata_doctype": ("XDM-METADATA-SAFE", "error"),
    "metadata_empty": ("XDM-METADATA-EMPTY", "error"),
    "metadata_missing": ("XDM-METADATA", "error"),
    "metadata_repaired": ("XDM-METADATA-XML", "error"),
    "metadata_too_large": ("XDM-METADATA-SIZE", "error"),
    "metadata_unreadable": ("XDM-METADATA-XML", "error"),
    "several_patients": ("ECO.2.1.1", "error"),
    "size_differs": ("XDM-SIZE", "error"),
    DUPLICATED.code: ("XDM-NAMES-TWICE", "error"),
}
_REFUSED: tuple[str, Severity] = ("XDM-MEMBER", "error")
"""Any other remark on a member is a refusal of the archive's caps: its content was not read."""

_TREE = re.compile(r"IHE_XDM/[A-Z0-9_]{1,8}/METADATA\.XML")
_SHORT_NAME = re.compile(r"[A-Z0-9_]{1,8}(\.[A-Z0-9]{1,3})?")
_SHA1 = re.compile(r"[0-9a-f]{40}")
_CDA_TYPES = frozenset({"text/xml", "application/xslt+xml", "application/xml"})


@dataclass(frozen=True, slots=True)
class Described:
    """A document with its metadata, and its reading when it is a CDA."""

    document: PackageDocument
    entry: DocumentEntry
    cda: CdaDocument | None


def described(package: Package) -> Iterator[Described]:
    for document in package.documents:
        if document.entry:
            yield Described(document, document.entry, cda_of(document.content))


def cda_of(content: bytes) -> CdaDocument | None:
    reading = read_cda(content) if media_type(content) == XML and is_cda(content) else None
    return reading if isinstance(reading, CdaDocument) else None


def noticed(package: Package) -> Iterator[Finding]:
    """The remarks of the reader, each with its rule."""
    for notice in package.notices:
        yield finding_of(notice, "METADATA.XML")
    for document in package.documents:
        for notice in document.notices:
            yield finding_of(notice, document.name)
    listed = {document.name for document in package.documents}
    for member in package.members:
        for notice in member.notices if member.name not in listed else ():
            yield finding_of(notice, member.name)


def finding_of(notice: Notice, place: str) -> Finding:
    rule, severity = NOTICES.get(notice.code, _REFUSED)
    return Finding(rule, place, severity, notice.message)


def entries_without(value: Callable[[DocumentEntry], object]) -> Callable[[Package], Iterator[str]]:
    """Broken at each document whose metadata leave something out."""

    def broken_at(package: Package) -> Iterator[str]:
        return (each.document.name for each in described(package) if not value(each.entry))

    return broken_at


def documents_that(differ: Callable[[Described, CdaDocument], bool]) -> Callable[[Package], Iterator[str]]:
    """Broken at each CDA whose metadata say otherwise than it does."""

    def broken_at(package: Package) -> Iterator[str]:
        return (each.document.name for each in described(package) if each.cda and differ(each, each.cda))

    return broken_at


def other_patient(each: Described, cda: CdaDocument) -> bool:
    said = each.entry.patient_id
    if said is None:
        return False
    if said.root in INS_ROOTS:
        return said.extension[:15] != cda.patient.ins
    return said not in cda.patient.ids


def other_id(each: Described, cda: CdaDocument) -> bool:
    return bool(each.entry.unique_id) and each.entry.unique_id.casefold() != str(cda.id).casefold()


def other_type(each: Described, cda: CdaDocument) -> bool:
    return bool(each.entry.type.code) and each.entry.type.code != cda.type.code


def other_title(each: Described, cda: CdaDocument) -> bool:
    return bool(each.entry.title) and each.entry.title != cda.title


def other_mime_type(each: Described, _: CdaDocument) -> bool:
    return each.entry.mime_type not in _CDA_TYPES


def not_an_ins(package: Package) -> Iterator[str]:
    for each in described(package):
        if each.entry.patient_id and each.entry.patient_id.root not in INS_ROOTS:
            yield each.document.name


def malformed_hash(package: Package) -> Iterator[str]:
    for each in described(package):
        if each.entry.hash and not _SHA1.fullmatch(each.entry.hash):
            yield each.document.name


def other_tree(package: Package) -> Iterator[str]:
    for member in package.members:
        if is_metadata(member.name) and not _TREE.fullmatch(member.name):
            yield member.name


def without(name: str) -> Callable[[Package], Iterator[str]]:
    def broken_at(package: Package) -> Iterator[str]:
        if not any(member.name.upper() == name for member in package.members):
            yield name

    return broken_at


def long_names(package: Package) -> Iterator[str]:
    for member in package.members:
        if not all(_SHORT_NAME.fullmatch(part) for part in PurePosixPath(member.name).parts):
            yield member.name


PACKAGE_RULES: tuple[Rule[Package], ...] = (
    Rule(
        "XDM-TREE", "warning", "Les métadonnées ne sont pas à leur place (IHE_XDM/SUBSET01/METADATA.XML).", other_tree
    ),
    Rule("XDM-INDEX", "warning", "L'archive n'a pas son INDEX.HTM.", without("INDEX.HTM")),
    Rule("XDM-README", "warning", "L'archive n'a pas son README.TXT.", without("README.TXT")),
    Rule(
        "XDM-NAMES", "warning", "Un nom de l'archive n'est pas en capitales et court (8 et 3 caractères).", long_names
    ),
    Rule(
        "XDM-HASH-MISSING",
        "error",
        "Les métadonnées ne donnent pas l'empreinte d'un document.",
        entries_without(lambda entry: entry.hash),
    ),
    Rule("XDM-HASH-FORM", "error", "L'empreinte d'un document n'est pas un SHA-1.", malformed_hash),
    Rule(
        "XDM-SIZE-MISSING",
        "error",
        "Les métadonnées ne donnent pas la taille d'un document.",
        entries_without(lambda entry: entry.size is not None),
    ),
    Rule(
        "XDM-UNIQUEID",
        "error",
        "Les métadonnées ne donnent pas l'identifiant d'un document.",
        entries_without(lambda entry: entry.unique_id),
    ),
    Rule(
        "XDM-PATIENTID",
        "error",
        "Les métadonnées ne disent pas le patient d'un document.",
        entries_without(lambda entry: entry.patient_id),
    ),
    Rule(
        "XDM-TYPECODE",
        "error",
        "Les métadonnées ne donnent pas le type d'un document.",
        entries_without(lambda entry: entry.type.code),
    ),
    Rule(
        "XDM-CREATIONTIME",
        "error",
        "Les métadonnées ne donnent pas la date d'un document.",
        entries_without(lambda entry: entry.creation_time),
    ),
    Rule(
        "XDM-MIMETYPE",
        "error",
        "Les métadonnées ne disent pas ce qu'est un fichier (mimeType).",
        entries_without(lambda entry: entry.mime_type),
    ),
    Rule(
        "XDM-CONFIDENTIALITY",
        "error",
        "Les métadonnées ne donnent pas la confidentialité d'un document.",
        entries_without(lambda entry: any(entry.confidentiality)),
    ),
    Rule(
        "XDM-TITLE",
        "error",
        "Les métadonnées ne donnent pas le titre d'un document.",
        entries_without(lambda entry: entry.title),
    ),
    Rule(
        "XDM-PATIENT-DIFFERS",
        "error",
        "Le patient des métadonnées n'est pas celui du document.",
        documents_that(other_patient),
    ),
    Rule(
        "XDM-ID-DIFFERS",
        "error",
        "L'identifiant des métadonnées n'est pas celui du document.",
        documents_that(other_id),
    ),
    Rule(
        "XDM-TYPE-DIFFERS", "error", "Le type des métadonnées n'est pas celui du document.", documents_that(other_type)
    ),
    Rule(
        "XDM-TITLE-DIFFERS",
        "note",
        "Le titre des métadonnées n'est pas celui du document.",
        documents_that(other_title),
    ),
    Rule("XDM-MIMETYPE-CDA", "warning", "Le mimeType d'un CDA n'est pas text/xml.", documents_that(other_mime_type)),
    Rule("ECO.2.1.2", "warning", "Le patient des métadonnées n'est pas dit par son INS.", not_an_ins),
)
