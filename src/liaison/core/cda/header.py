"""The header of a CDA R2: what the document is, of whom, by whom, for whom, about which stay."""

import re
from dataclasses import dataclass

from liaison.core.cda.around import read_around
from liaison.core.cda.markup import Element, attribute, attribute_at, find, find_all, words_at
from liaison.core.cda.persons import (
    read_code,
    read_identifier,
    read_identifiers,
    read_organisation,
    read_patient,
    read_professional,
)
from liaison.core.cda.times import iso_time
from liaison.core.cda.values import DISCHARGE_LETTER, HOSPITAL_REPORT, Around, Code, RelatedDocument
from liaison.core.notices import Notice
from liaison.core.people import INS_ROOTS, PROFESSIONAL_ROOT, Identifier, Organisation, Patient, Professional

_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_ENCOUNTER = "componentOf/encompassingEncounter"


@dataclass(frozen=True, slots=True)
class Header:
    id: Identifier
    set_id: Identifier | None
    version: int
    type: Code
    title: str
    templates: tuple[Identifier, ...]
    effective_time: str
    confidentiality: tuple[str, ...]
    replaces: tuple[Identifier, ...]
    patient: Patient
    authors: tuple[Professional, ...]
    signed_by: Professional | None
    signed_at: str
    custodian: Organisation
    recipients: tuple[Professional, ...]
    gp: Professional | None
    stay_start: str
    stay_end: str
    stay_number: str
    related: tuple[RelatedDocument, ...]
    around: Around
    notices: tuple[Notice, ...]


def read_header(document: Element) -> Header:
    identifier = find(document, "id")
    set_id = find(document, "setId")
    kind = read_code(find(document, "code"))
    version, version_notices = _version(document)
    related = _related(document)
    patient, patient_notices = read_patient(find(document, "recordTarget/patientRole"))
    signed_by, signed_at, signature_notices = _signature(document)
    around, around_notices = read_around(document, patient.ins)
    start, end = _stay(document, kind)
    return Header(
        id=Identifier("") if identifier is None else read_identifier(identifier),
        set_id=_known(set_id),
        version=version,
        type=kind,
        title=words_at(document, "title"),
        templates=read_identifiers(document, "templateId"),
        effective_time=iso_time(attribute_at(document, "effectiveTime", "value")),
        confidentiality=_codes(document, "confidentialityCode"),
        replaces=tuple(each.id for each in related if each.relation == "RPLC"),
        related=related,
        around=around,
        patient=patient,
        authors=tuple(map(read_professional, find_all(document, "author/assignedAuthor"))),
        signed_by=signed_by,
        signed_at=signed_at,
        custodian=read_organisation(find(document, "custodian/assignedCustodian/representedCustodianOrganization")),
        recipients=_recipients(document),
        gp=_general_practitioner(document),
        stay_start=start,
        stay_end=end,
        stay_number=_stay_number(document),
        notices=(*version_notices, *patient_notices, *signature_notices, *around_notices, *_patients(document)),
    )


def _known(element: Element | None) -> Identifier | None:
    identifier = None if element is None else read_identifier(element)
    return identifier if identifier and (identifier.root or identifier.extension) else None


def _version(document: Element) -> tuple[int, tuple[Notice, ...]]:
    value = attribute_at(document, "versionNumber", "value")
    if not value:
        return 1, ()
    if _NUMBER.fullmatch(value):
        return int(value), ()
    return 1, (Notice("version_not_a_number", "Le numéro de version du document n'est pas un nombre."),)


def _codes(document: Element, path: str) -> tuple[str, ...]:
    return tuple(filter(None, (attribute(each, "code") for each in find_all(document, path))))


def _related(document: Element) -> tuple[RelatedDocument, ...]:
    return tuple(
        RelatedDocument(attribute(related, "typeCode"), identifier, _known(find(parent, "setId")), _version(parent)[0])
        for related in find_all(document, "relatedDocument")
        for parent in find_all(related, "parentDocument")
        for identifier in read_identifiers(parent, "id")
    )


def _signature(document: Element) -> tuple[Professional | None, str, tuple[Notice, ...]]:
    """The legal authenticator: a declaration of the sender's software, with no cryptographic value (CDA R2 4.2.2.8)."""
    element = find(document, "legalAuthenticator")
    if element is None:
        return None, "", (Notice("not_signed", "Le document ne dit pas qui l'a signé."),)
    if attribute_at(element, "signatureCode", "code") not in ("S", ""):
        return None, "", (Notice("not_signed", "Le document n'est pas encore signé par son responsable."),)
    entity = find(element, "assignedEntity")
    notices: tuple[Notice, ...] = ()
    if {each.root for each in read_identifiers(entity, "id")} & INS_ROOTS:
        notices = (Notice("signed_by_patient", "Le document est signé par le patient lui-même."),)
    return read_professional(entity), iso_time(attribute_at(element, "time", "value")), notices


def _recipients(document: Element) -> tuple[Professional, ...]:
    return tuple(
        read_professional(each, person="informationRecipient", organisation="receivedOrganization")
        for each in find_all(document, "informationRecipient/intendedRecipient")
    )


def _general_practitioner(document: Element) -> Professional | None:
    for participant in find_all(document, "participant"):
        if attribute_at(participant, "functionCode", "code") == "PCP":
            entity = find(participant, "associatedEntity")
            return read_professional(entity, person="associatedPerson", organisation="scopingOrganization")
    return None


def _stay(document: Element, kind: Code) -> tuple[str, str]:
    """The encounter's bounds; a hospital letter that leaves them empty says them in its service event (LDL-SES §3)."""
    bounds = _bounds(find(document, f"{_ENCOUNTER}/effectiveTime"))
    if bounds == ("", "") and kind.code in (DISCHARGE_LETTER, HOSPITAL_REPORT):
        return _bounds(find(document, "documentationOf/serviceEvent/effectiveTime"))
    return bounds


def _bounds(interval: Element | None) -> tuple[str, str]:
    low = attribute_at(interval, "low", "value") or attribute(interval, "value")
    return iso_time(low), iso_time(attribute_at(interval, "high", "value"))


def _stay_number(document: Element) -> str:
    """The encounter's number; some laboratories put a professional's id there, which is none."""
    for identifier in read_identifiers(document, f"{_ENCOUNTER}/id"):
        if identifier.root != PROFESSIONAL_ROOT and identifier.extension:
            return identifier.extension.rpartition("/")[2]
    return ""


def _patients(document: Element) -> tuple[Notice, ...]:
    count = len(find_all(document, "recordTarget/patientRole"))
    if count > 1:
        return (Notice("several_patients", "Le document concerne plusieurs patients : seul le premier est lu."),)
    if not count:
        return (Notice("no_patient", "Le document ne dit pas de quel patient il parle."),)
    return ()
