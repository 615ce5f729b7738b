"""An IHE_XDM.ZIP read: members, metadata, and each document joined to what the metadata say of it.

Documents come first and metadata after: what METADATA.XML gets wrong is shown beside the document, never hides it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from liaison.core.media import PDF, XML, is_cda, media_type
from liaison.core.notices import Notice, Unreadable
from liaison.core.people import Identifier
from liaison.core.xdm.archive import open_archive
from liaison.core.xdm.build import build_package
from liaison.core.xdm.metadata import read_metadata
from liaison.core.xdm.values import DocumentEntry, Member, Package, PackageDocument, RequestedAction

__all__ = ["build_package", "is_document", "is_metadata", "package_of", "read_package"]

METADATA_NAME = "METADATA.XML"

METADATA_MISSING = Notice(
    "metadata_missing", "L'archive n'a pas de métadonnées : les documents ont été lus sans elles."
)
DOCUMENT_MISSING = Notice("document_missing", "Un document annoncé par les métadonnées n'est pas dans l'archive.")
UNLISTED = Notice("document_unlisted", "Ce document n'est pas annoncé par les métadonnées de l'archive.")
LISTED_TWICE = Notice("document_listed_twice", "Les métadonnées décrivent ce document deux fois.")
HASH_DIFFERS = Notice("hash_differs", "L'empreinte de ce document n'est pas celle qu'annoncent les métadonnées.")
SIZE_DIFFERS = Notice("size_differs", "La taille de ce document n'est pas celle qu'annoncent les métadonnées.")
SEVERAL_PATIENTS = Notice("several_patients", "Les métadonnées de l'archive citent plusieurs patients.")


class _Places:
    """The members by their name, in any case, and by what stands after the last slash."""

    def __init__(self, members: Iterable[Member]) -> None:
        names = [member.name for member in members]
        self._names = {name.upper(): name for name in names}
        self._bases = {name.upper().rpartition("/")[2]: name for name in reversed(names)}

    def find(self, uri: str, metadata_name: str) -> str:
        """The member a URI names: beside its METADATA.XML, else from the top of IHE_XDM, else by its base name."""
        wanted = uri.strip().replace("\\", "/").upper()
        if not wanted:
            return ""
        folder = metadata_name.upper().removesuffix(METADATA_NAME)
        archive = folder.rpartition("!")[0]
        candidates = (folder + wanted, f"{folder}/{wanted}", f"{archive}!IHE_XDM/{wanted}".lstrip("!"), wanted)
        found = next((self._names[each] for each in candidates if each in self._names), "")
        return found or self._bases.get(wanted.rpartition("/")[2], "")


@dataclass(slots=True)
class _Findings:
    places: _Places
    entries: dict[str, DocumentEntry] = field(default_factory=dict)
    patient_ids: list[Identifier] = field(default_factory=list)
    document_notices: dict[str, tuple[Notice, ...]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)


def read_package(data: bytes) -> Package | Unreadable:
    """The package in a zip. A zip without metadata, or with metadata beyond reading, still gives its documents."""
    opened = open_archive(data)
    return opened if isinstance(opened, Unreadable) else package_of(*opened)


def package_of(members: Sequence[Member], notices: Iterable[Notice] = ()) -> Package:
    """The package made of members already unzipped."""
    findings = _Findings(_Places(members), notices=list(notices))
    metadata = [member for member in members if is_metadata(member.name)]
    for member in metadata:
        _read_set(member, findings)
    if not metadata:
        findings.notices.append(METADATA_MISSING)
    if len(set(findings.patient_ids)) > 1:
        findings.notices.append(SEVERAL_PATIENTS)
    documents = tuple(_documents(members, findings))
    return Package(
        members=tuple(members),
        documents=documents,
        patient_ids=tuple(dict.fromkeys(findings.patient_ids)),
        requested_action=_requested_action(findings.entries.values()),
        notices=tuple(dict.fromkeys(findings.notices)),
    )


def is_metadata(name: str) -> bool:
    """METADATA.XML in any case, however deep; the slash before it is missing in some archives."""
    return name.upper().endswith(METADATA_NAME)


def _read_set(metadata: Member, findings: _Findings) -> None:
    submission = read_metadata(metadata.content)
    if isinstance(submission, Unreadable):
        findings.notices.append(submission.notice)
        return
    findings.notices += submission.notices
    findings.patient_ids += submission.patient_ids
    for entry in submission.entries:
        name = findings.places.find(entry.uri, metadata.name)
        if not name:
            findings.notices.append(DOCUMENT_MISSING)
        elif name in findings.entries:
            findings.document_notices[name] = (LISTED_TWICE,)
        else:
            findings.entries[name] = entry


def _documents(members: Iterable[Member], findings: _Findings) -> Iterator[PackageDocument]:
    for member in members:
        entry = findings.entries.get(member.name)
        if entry:
            noticed = (*member.notices, *findings.document_notices.get(member.name, ()), *_integrity(member, entry))
            yield PackageDocument(member.name, member.content, entry, noticed)
        elif is_document(member):
            yield PackageDocument(member.name, member.content, None, (*member.notices, UNLISTED))


def is_document(member: Member) -> bool:
    """Whether the bytes are a document that Liaison reads: a PDF or a CDA."""
    kind = media_type(member.content)
    return kind == PDF or (kind == XML and is_cda(member.content))


def _integrity(member: Member, entry: DocumentEntry) -> Iterator[Notice]:
    """SHA-1 and size of the bytes as zipped against what the metadata say, where they say it."""
    digest = hashlib.sha1(member.content, usedforsecurity=False).hexdigest()
    if entry.hash and entry.hash != digest:
        yield HASH_DIFFERS
    if entry.size is not None and entry.size != len(member.content):
        yield SIZE_DIFFERS


def _requested_action(entries: Iterable[DocumentEntry]) -> RequestedAction:
    """The gravest action asked of any document: a cancellation, then a replacement, then a creation."""
    asked = {entry.action for entry in entries}
    return "cancel" if "cancel" in asked else "replace" if "replace" in asked else "create"
