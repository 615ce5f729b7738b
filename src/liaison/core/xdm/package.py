"""An IHE_XDM.ZIP read: members, metadata, and each document joined to what the metadata say of it.

Documents come first and metadata after: what METADATA.XML gets wrong is shown beside the document, never hides it.
"""

import hashlib
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from posixpath import normpath

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
URI_ASTRAY = Notice(
    "document_uri_astray",
    "L'adresse que les métadonnées donnent de ce document ne mène pas à lui : il a été reconnu par son contenu.",
)
CANCELLED_ABSENT = Notice(
    "document_to_cancel_absent",
    "L'envoi demande d'annuler un document qu'il ne porte pas : à retrouver dans le dossier et à traiter à la main.",
)
UNLISTED = Notice("document_unlisted", "Ce document n'est pas annoncé par les métadonnées de l'archive.")
LISTED_TWICE = Notice("document_listed_twice", "Les métadonnées décrivent ce document deux fois.")
HASH_DIFFERS = Notice("hash_differs", "L'empreinte de ce document n'est pas celle qu'annoncent les métadonnées.")
SIZE_DIFFERS = Notice("size_differs", "La taille de ce document n'est pas celle qu'annoncent les métadonnées.")
SEVERAL_PATIENTS = Notice("several_patients", "Les métadonnées de l'archive citent plusieurs patients.")


class _Places:
    """The members by their name, in any case, by their bytes, and by what stands after the last slash."""

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = members
        names = [member.name for member in members]
        self._names = {name.upper(): name for name in names}
        self._bases = _by(names, lambda name: name.upper().rpartition("/")[2])

    def named(self, uri: str, metadata_name: str) -> str:
        """The member a URI names: beside its METADATA.XML, else from the top of IHE_XDM."""
        wanted = _wanted(uri)
        if not wanted:
            return ""
        folder = metadata_name.upper().removesuffix(METADATA_NAME)
        archive = folder.rpartition("!")[0]
        candidates = (folder + wanted, f"{folder}/{wanted}", f"{archive}!IHE_XDM/{wanted}".lstrip("!"), wanted)
        return next((self._names[each] for each in candidates if each in self._names), "")

    def alike(self, entry: DocumentEntry, taken: Container[str]) -> str:
        """A member no URI names whose bytes have the hash announced, else one whose base name is the URI's."""
        same = self._digests.get(entry.hash, ()) if entry.hash else ()
        based = self._bases.get(_wanted(entry.uri).rpartition("/")[2], ())
        return next((name for name in (*same, *based) if name not in taken), "")

    @cached_property
    def _digests(self) -> dict[str, list[str]]:
        digests = {member.name: _sha1(member.content) for member in self._members if not is_metadata(member.name)}
        return _by(digests, digests.__getitem__)


def _by(names: Iterable[str], key: Callable[[str], str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(key(name), []).append(name)
    return found


def _wanted(uri: str) -> str:
    """A URI as the names of the archive are compared: ``./DOC0001.XML`` is ``DOC0001.XML``."""
    path = uri.strip().replace("\\", "/").upper()
    return normpath(path) if path else ""


@dataclass(slots=True)
class _Findings:
    places: _Places
    entries: dict[str, DocumentEntry] = field(default_factory=dict)
    unplaced: list[DocumentEntry] = field(default_factory=list)
    patient_ids: list[Identifier] = field(default_factory=list)
    actions: set[RequestedAction] = field(default_factory=set)
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
    _place_the_others(findings)
    if not metadata:
        findings.notices.append(METADATA_MISSING)
    if len(set(findings.patient_ids)) > 1:
        findings.notices.append(SEVERAL_PATIENTS)
    documents = tuple(_documents(members, findings))
    return Package(
        members=tuple(members),
        documents=documents,
        patient_ids=tuple(dict.fromkeys(findings.patient_ids)),
        requested_action=gravest(findings.actions),
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
    findings.actions |= submission.actions
    for entry in submission.entries:
        name = findings.places.named(entry.uri, metadata.name)
        if not name:
            findings.unplaced.append(entry)
        elif name in findings.entries:
            findings.document_notices[name] = (LISTED_TWICE,)
        else:
            findings.entries[name] = entry


def _place_the_others(findings: _Findings) -> None:
    """The entries whose URI leads nowhere, once every URI that leads somewhere has had its file."""
    for entry in findings.unplaced:
        name = findings.places.alike(entry, findings.entries)
        if name:
            findings.entries[name] = entry
            findings.document_notices[name] = (URI_ASTRAY,)
        else:
            findings.notices.append(CANCELLED_ABSENT if entry.action == "cancel" else DOCUMENT_MISSING)


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
    if entry.hash and entry.hash != _sha1(member.content):
        yield HASH_DIFFERS
    if entry.size is not None and entry.size != len(member.content):
        yield SIZE_DIFFERS


def _sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def gravest(asked: Container[RequestedAction]) -> RequestedAction:
    """The action of a whole, whatever files it carries: a cancellation, then a replacement, then a creation."""
    return "cancel" if "cancel" in asked else "replace" if "replace" in asked else "create"
