"""An IHE_XDM.ZIP written: INDEX.HTM, README.TXT, METADATA.XML and the documents, 8.3 names (IHE ITI-32 §3.32.4.1.2)."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape

from lxml import etree
from lxml.etree import _Element as Element

from liaison.core.cda.values import CdaDocument, Code
from liaison.core.people import Professional
from liaison.core.xdm import ebrim
from liaison.core.xdm.archive import build_archive
from liaison.core.xdm.derive import DerivedEntry, derive_entry, patient_cx, xcn, xon
from liaison.core.xdm.values import RequestedAction

SUBSET = "IHE_XDM/SUBSET01"
_SET_ID = "SubmissionSet01"
_SCHEMES = {
    "class": ebrim.DOCUMENT_CLASS,
    "format": ebrim.DOCUMENT_FORMAT,
    "facility": ebrim.DOCUMENT_FACILITY,
    "practice": ebrim.DOCUMENT_PRACTICE,
    "type": ebrim.DOCUMENT_TYPE,
}
_LETTERS = {action: letter for letter, action in ebrim.ACTION_LETTERS.items()}


def build_package(
    documents: Sequence[tuple[CdaDocument, bytes]],
    *,
    source_id: str,
    submission_time: datetime,
    submission_id: str,
    author: Professional,
    product: str = "Liaison",
    title: str = "",
    action: RequestedAction = "create",
) -> bytes:
    """The zip of some documents of one patient, each with its bytes exactly as they must arrive.

    ``source_id`` and ``submission_id`` are OIDs. The same arguments give the same bytes. ``ValueError`` without any
    document or with two patients: one usager per message (ECO.2.1.1).
    """
    if not documents:
        raise ValueError("an XDM package holds at least one document")
    if len({patient_cx(document.patient) for document, _ in documents}) > 1:
        raise ValueError("an XDM package holds the documents of one patient")
    entries = [_entry(number, document, content) for number, (document, content) in enumerate(documents, start=1)]
    writer = _MetadataWriter()
    metadata = writer.write(
        entries,
        title=title or entries[0].title,
        submission_time=submission_time,
        identifiers=(patient_cx(documents[0][0].patient), source_id, submission_id),
        author=author,
        action=action,
    )
    names = [entry.uri for entry in entries]
    members = [
        ("INDEX.HTM", _index(author, product, names)),
        ("README.TXT", _readme(author, product, names)),
        (f"{SUBSET}/METADATA.XML", metadata),
        *((f"{SUBSET}/{name}", content) for name, (_, content) in zip(names, documents, strict=True)),
    ]
    return build_archive(members, at=submission_time)


def _entry(number: int, document: CdaDocument, content: bytes) -> DerivedEntry:
    digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return derive_entry(document, content, f"DOC{number:04}.XML", digest)


class _MetadataWriter:
    """The pen of METADATA.XML: it numbers the objects, which ebRIM wants identified."""

    def __init__(self) -> None:
        self.count = 0

    def write(
        self,
        entries: Sequence[DerivedEntry],
        *,
        title: str,
        submission_time: datetime,
        identifiers: tuple[str, str, str],
        author: Professional,
        action: RequestedAction,
    ) -> bytes:
        root = etree.Element(f"{{{ebrim.LCM}}}SubmitObjectsRequest", nsmap={"lcm": ebrim.LCM, "rim": ebrim.RIM})
        objects = _add(root, "RegistryObjectList")
        package = _add(objects, "RegistryPackage", id=_SET_ID, status=ebrim.APPROVED)
        _slot(package, "submissionTime", [submission_time.astimezone(UTC).strftime("%Y%m%d%H%M%S")])
        _name(package, title)
        self._author(package, _SET_ID, ebrim.SET_AUTHOR, author)
        self._code(package, _SET_ID, ebrim.SET_CONTENT_TYPE, entries[0].codes["facility"])
        set_schemes = (
            (ebrim.SET_PATIENT_ID, "XDSSubmissionSet.patientId"),
            (ebrim.SET_SOURCE_ID, "XDSSubmissionSet.sourceId"),
            (ebrim.SET_UNIQUE_ID, "XDSSubmissionSet.uniqueId"),
        )
        for (scheme, name), value in zip(set_schemes, identifiers, strict=True):
            self._identifier(package, _SET_ID, scheme, name, value)
        node = {"classifiedObject": _SET_ID, "classificationNode": ebrim.SUBMISSION_SET_NODE}
        _add(objects, "Classification", id=self._id(), **node)
        for number, entry in enumerate(entries, start=1):
            self._document(objects, f"Document{number:02}", entry, action)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)

    def _document(self, objects: Element, own_id: str, entry: DerivedEntry, action: RequestedAction) -> None:
        document = _add(
            objects,
            "ExtrinsicObject",
            id=own_id,
            mimeType=entry.mime_type,
            objectType=ebrim.STABLE_DOCUMENT,
            status=ebrim.APPROVED,
        )
        for name, values in entry.slots:
            _slot(document, name, values)
        if action in _LETTERS:
            _slot(document, ebrim.ACTION_SLOT, [_LETTERS[action]])
        _name(document, entry.title)
        self._author(document, own_id, ebrim.DOCUMENT_AUTHOR, entry.author)
        for name, scheme in _SCHEMES.items():
            self._code(document, own_id, scheme, entry.codes[name])
        for code in entry.confidentiality:
            self._code(document, own_id, ebrim.DOCUMENT_CONFIDENTIALITY, code)
        patient = (ebrim.DOCUMENT_PATIENT_ID, "XDSDocumentEntry.patientId", entry.patient_id)
        unique = (ebrim.DOCUMENT_UNIQUE_ID, "XDSDocumentEntry.uniqueId", entry.unique_id)
        for scheme, name, value in (patient, unique):
            self._identifier(document, own_id, scheme, name, value)
        link = {"associationType": ebrim.HAS_MEMBER, "sourceObject": _SET_ID, "targetObject": own_id}
        _slot(_add(objects, "Association", id=self._id(), **link), "SubmissionSetStatus", ["Original"])

    def _author(self, parent: Element, owner: str, scheme: str, author: Professional) -> None:
        classification = self._classification(parent, owner, scheme, "")
        _slot(classification, "authorPerson", [xcn(author)])
        if institution := xon(author):
            _slot(classification, "authorInstitution", [institution])
        if author.speciality:
            _slot(classification, "authorSpecialty", [author.speciality])

    def _code(self, parent: Element, owner: str, scheme: str, code: Code) -> None:
        classification = self._classification(parent, owner, scheme, code.code)
        _slot(classification, "codingScheme", [code.system])
        _name(classification, code.label or code.code)

    def _classification(self, parent: Element, owner: str, scheme: str, code: str) -> Element:
        attributes = {"classificationScheme": scheme, "classifiedObject": owner, "nodeRepresentation": _xml(code)}
        return _add(parent, "Classification", id=self._id(), **attributes)

    def _identifier(self, parent: Element, owner: str, scheme: str, name: str, value: str) -> None:
        attributes = {"identificationScheme": scheme, "registryObject": owner, "value": _xml(value)}
        _name(_add(parent, "ExternalIdentifier", id=self._id(), **attributes), name)

    def _id(self) -> str:
        self.count += 1
        return f"Object{self.count:03}"


def _add(parent: Element, tag: str, /, **attributes: str) -> Element:
    return etree.SubElement(parent, f"{{{ebrim.RIM}}}{tag}", attributes)


def _slot(parent: Element, name: str, values: Iterable[str]) -> None:
    value_list = _add(_add(parent, "Slot", name=name), "ValueList")
    for value in values:
        _add(value_list, "Value").text = _xml(value)


def _name(parent: Element, value: str) -> None:
    _add(_add(parent, "Name"), "LocalizedString", value=_xml(value))


def _xml(text: str) -> str:
    """Only the characters XML 1.0 can hold."""
    return "".join(character for character in text if character >= " " and character not in "\ufffe\uffff")


def _index(author: Professional, product: str, names: Iterable[str]) -> bytes:
    links = "".join(f'<li><a href="{SUBSET}/{name}">{name}</a></li>' for name in names)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n'
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"\r\n'
        ' "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\r\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="fr"><head><title>Documents de santé</title></head>\r\n'
        f"<body><p>Émetteur : {escape(author.organisation.name)}</p><p>Application : {escape(product)}</p>\r\n"
        f'<p><a href="README.TXT">README.TXT</a></p><ul>{links}</ul></body></html>\r\n'
    ).encode()


def _readme(author: Professional, product: str, names: Iterable[str]) -> bytes:
    tree = "".join(f"{SUBSET}/{name}\r\n" for name in ("METADATA.XML", *names))
    return (
        f"Emetteur :\r\n{author.organisation.name}\r\n{author.organisation.id}\r\n\r\n"
        f"Application de l'émetteur :\r\n{product}\r\n\r\n"
        "Instructions :\r\nConsultez les documents avec un logiciel compatible avec le volet « Échange de documents de "
        f"santé » du CI-SIS.\r\n\r\nArborescence :\r\nINDEX.HTM\r\nREADME.TXT\r\n{tree}"
    ).encode()
