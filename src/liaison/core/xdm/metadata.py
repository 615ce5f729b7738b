"""METADATA.XML read: ebRIM in, document entries out (IHE XDM ITI-32, French volet « Échange de documents de santé »).

Lenient: any prefix or none, any order, wrapped or not, identifiers by their name first and their uuid next, because a
widespread style sheet swaps the uuids.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import cast

from lxml import etree
from lxml.etree import _Element as Element

from liaison.core.cda.times import iso_time
from liaison.core.cda.values import Code
from liaison.core.notices import Notice, Unreadable
from liaison.core.people import Identifier
from liaison.core.xdm import ebrim
from liaison.core.xdm.values import DocumentEntry, RequestedAction

MAX_BYTES = 5_000_000

TOO_LARGE = Notice(
    "metadata_too_large", "Les métadonnées de l'archive sont trop volumineuses : elles n'ont pas été lues."
)
DOCTYPE = Notice("metadata_doctype", "Les métadonnées déclarent un type ou des entités XML : elles sont refusées.")
NOT_XML = Notice("metadata_unreadable", "Les métadonnées de l'archive sont illisibles.")
REPAIRED = Notice("metadata_repaired", "Les métadonnées de l'archive sont mal formées : elles ont été lues au mieux.")
EMPTY = Notice("metadata_empty", "Les métadonnées de l'archive ne décrivent aucun document.")

_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_CX = re.compile(r"([^\^]*)\^[^\^]*\^[^\^]*\^[^&^]*(?:&([^&^]*))?")
_LOCAL_NAME = re.compile(r"[A-Za-z]{1,100}")
_ACTION = re.compile(r"(^|[:.])action$", re.IGNORECASE)
_ZONED = re.compile(r"(Z|[+-]\d\d:\d\d)$")
_NUMBER = re.compile(r"[0-9]{1,12}")
# A replacement, and one that also changes the format (ITI TF-3 §4.2.2).
_REPLACING = (":RPLC", ":XFRM_RPLC")
_NOTHING = frozenset({"", "null"})


@dataclass(frozen=True, slots=True)
class Submission:
    """One SubmitObjectsRequest: its documents, every patient identifier it bears, and what it asks.

    ``actions`` are those of the set and of its documents, present in the archive or not: a suppression needs no file.
    """

    entries: tuple[DocumentEntry, ...]
    patient_ids: tuple[Identifier, ...]
    actions: frozenset[RequestedAction] = frozenset()
    notices: tuple[Notice, ...] = ()


def read_metadata(data: bytes) -> Submission | Unreadable:
    """The submission set of a METADATA.XML. Document types, entities and files over 5 MB are refused."""
    if len(data) > MAX_BYTES:
        return Unreadable(TOO_LARGE)
    if _DOCTYPE.search(data.replace(b"\x00", b"")):
        return Unreadable(DOCTYPE)
    root, repaired = _parse(data)
    if root is None:
        return Unreadable(NOT_XML)
    entries = tuple(_read_entries(root))
    notices = ((REPAIRED,) if repaired else ()) + (() if entries else (EMPTY,))
    actions = frozenset({_common_action(root), *(entry.action for entry in entries)})
    return Submission(entries, _patient_ids(root, entries), actions, notices)


def _parse(data: bytes) -> tuple[Element | None, bool]:
    """The root, and whether the parser had to mend: undeclared prefixes are common, cut files are not read as whole."""
    for recover in (False, True):
        parser = etree.XMLParser(
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            remove_comments=True,
            remove_pis=True,
            recover=recover,
        )
        try:
            root = etree.fromstring(data.lstrip(), parser)
        except (etree.XMLSyntaxError, ValueError):
            continue
        return (_without_prefixes(root) if recover and root is not None else root), recover
    return None, True


def _without_prefixes(root: Element) -> Element:
    """A mended tree whose elements bear their local name: an undeclared prefix stays in the name otherwise."""
    for element in root.iter(etree.Element):
        local = element.tag.rpartition("}")[2].rpartition(":")[2]
        if _LOCAL_NAME.fullmatch(local):
            element.tag = local
    return root


def _read_entries(root: Element) -> Iterator[DocumentEntry]:
    common = _common_action(root)
    replacing = {
        element.get("sourceObject", "")
        for element in _descendants(root, "Association")
        if element.get("associationType", "").endswith(_REPLACING)
    }
    for element in _descendants(root, "ExtrinsicObject"):
        default = "replace" if element.get("id") in replacing else common
        yield _read_entry(element, default)


def _read_entry(element: Element, default_action: RequestedAction) -> DocumentEntry:
    slots = _slots(element)
    unique_id = _external_id(element, "uniqueId", ebrim.DOCUMENT_UNIQUE_ID)
    created = iso_time(_first(slots, "creationTime"))
    return DocumentEntry(
        uri=_first(slots, "URI"),
        mime_type=element.get("mimeType", ""),
        hash=_first(slots, "hash").lower(),
        size=_number(_first(slots, "size")),
        unique_id=unique_id,
        patient_id=read_cx(_external_id(element, "patientId", ebrim.DOCUMENT_PATIENT_ID)),
        type=next(_codes(element, ebrim.DOCUMENT_TYPE), Code("", "")),
        title=_name(element),
        creation_time=f"{created}Z" if "T" in created and not _ZONED.search(created) else created,
        confidentiality=tuple(code.code for code in _codes(element, ebrim.DOCUMENT_CONFIDENTIALITY)),
        action=_action(slots) or default_action,
    )


def _action(slots: dict[str, tuple[str, ...]]) -> RequestedAction | None:
    """What the sender asks, by the slot of the French profile or any other slot that calls itself an action."""
    for name, values in slots.items():
        if name == ebrim.ACTION_SLOT or _ACTION.search(name):
            found = ebrim.ACTION_LETTERS.get("".join(values).strip().upper())
            return cast("RequestedAction | None", found)
    return None


def _common_action(root: Element) -> RequestedAction:
    """The action said of the whole set, on its package."""
    actions = (_action(_slots(element)) for element in _descendants(root, "RegistryPackage"))
    return next(filter(None, actions), "create")


def _patient_ids(root: Element, entries: Iterable[DocumentEntry]) -> tuple[Identifier, ...]:
    own = [
        read_cx(_external_id(element, "patientId", ebrim.SET_PATIENT_ID))
        for element in _descendants(root, "RegistryPackage")
    ]
    return tuple(dict.fromkeys(found for found in (*own, *(entry.patient_id for entry in entries)) if found))


def read_cx(value: str) -> Identifier | None:
    """``279035121518989^^^&1.2.250.1.213.1.4.8&ISO^NH`` as root and extension; None for the empty forms seen."""
    found = _CX.match(value.strip())
    if not found or found[1].strip() in _NOTHING or (found[2] or "").strip() in _NOTHING:
        return None
    return Identifier(found[2].strip(), found[1].strip())


def _descendants(root: Element, name: str) -> Iterator[Element]:
    return root.iter(f"{{*}}{name}")


def _children(element: Element, name: str) -> Iterator[Element]:
    return element.iterchildren(f"{{*}}{name}")


def _slots(element: Element) -> dict[str, tuple[str, ...]]:
    slots = _children(element, "Slot")
    return {slot.get("name", ""): tuple([_said(value) for value in _descendants(slot, "Value")]) for slot in slots}


def _said(value: Element) -> str:
    return (value.text or "").strip()


def _first(slots: dict[str, tuple[str, ...]], name: str) -> str:
    return next(iter(slots.get(name, ())), "")


def _name(element: Element) -> str:
    for name in _children(element, "Name"):
        for text in _descendants(name, "LocalizedString"):
            return text.get("value", "").strip()
    return ""


def _external_id(element: Element, name: str, scheme: str) -> str:
    found = list(_children(element, "ExternalIdentifier"))
    named = (each for each in found if _name(each).endswith(f".{name}"))
    schemed = (each for each in found if each.get("identificationScheme", "").lower() == scheme)
    identifier = next(chain(named, schemed), None)
    return "" if identifier is None else identifier.get("value", "").strip()


def _codes(element: Element, scheme: str) -> Iterator[Code]:
    for found in _children(element, "Classification"):
        if found.get("classificationScheme", "").lower() == scheme:
            system = _first(_slots(found), "codingScheme")
            yield Code(found.get("nodeRepresentation", "").strip(), system, _name(found))


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None
