"""The frozen values of an IHE XDM package (ITI-32) and its metadata (ebRIM)."""

from dataclasses import dataclass
from typing import Literal

from liaison.core.cda.values import Code
from liaison.core.notices import Notice
from liaison.core.people import Identifier

RequestedAction = Literal["create", "replace", "cancel"]


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the archive, unzipped under our caps. ``name`` is a label, never used as a path."""

    name: str
    content: bytes
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """One DocumentEntry of METADATA.XML. ``patient_id`` is the CX as root and extension."""

    uri: str
    mime_type: str
    hash: str
    size: int | None
    unique_id: str
    patient_id: Identifier | None
    type: Code
    title: str
    creation_time: str
    confidentiality: tuple[str, ...]
    action: RequestedAction = "create"


@dataclass(frozen=True, slots=True)
class PackageDocument:
    """A document of the package: its bytes, and its metadata when METADATA.XML lists it."""

    name: str
    content: bytes
    entry: DocumentEntry | None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Package:
    """An XDM archive as read: every member accounted for, documents joined to their metadata."""

    members: tuple[Member, ...]
    documents: tuple[PackageDocument, ...]
    patient_ids: tuple[Identifier, ...]
    requested_action: RequestedAction
    notices: tuple[Notice, ...] = ()
