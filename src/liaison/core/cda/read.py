"""The one way to read a CDA R2 document: bytes in, a frozen value or the reason it is none."""

from liaison.core.cda.conditions import read_absences, read_devices, read_problems
from liaison.core.cda.embedded import read_embedded
from liaison.core.cda.findings import (
    read_allergies,
    read_carriage,
    read_discharge_mode,
    read_expected_results,
    read_follow_up,
)
from liaison.core.cda.header import Header, read_header
from liaison.core.cda.markup import Element, find, parse
from liaison.core.cda.medication import read_medications, read_treatments
from liaison.core.cda.sections import read_body, read_sections
from liaison.core.cda.values import CdaDocument, Level
from liaison.core.notices import Notice, Unreadable


def read_cda(data: bytes) -> CdaDocument | Unreadable:
    """A CDA R2 document of any model, level 1 (one embedded file) or 3 (sections, with or without entries).

    Accepts UTF-8 (with or without its mark), UTF-16, ISO-8859-1/15 and Windows-1252, any prefix, nullFlavor anywhere,
    and a ClinicalDocument held in a stylesheet, which is not run. Document types, entities and network access are
    refused, and so are documents over 40 MB. Never raises: what is off is in ``notices``.
    """
    parsed = parse(data)
    if isinstance(parsed, Unreadable):
        return parsed
    document, notices = parsed
    return _document(document, read_header(document), notices)


def _document(document: Element, header: Header, notices: tuple[Notice, ...]) -> CdaDocument:
    body = read_body(document)
    medications = read_medications(body)
    treatments, treatment_notices = read_treatments(body, medications)
    embedded, embedded_notices = read_embedded(document)
    return CdaDocument(
        id=header.id,
        set_id=header.set_id,
        version=header.version,
        type=header.type,
        title=header.title,
        level=_level(document),
        templates=header.templates,
        effective_time=header.effective_time,
        confidentiality=header.confidentiality,
        replaces=header.replaces,
        patient=header.patient,
        authors=header.authors,
        signed_by=header.signed_by,
        signed_at=header.signed_at,
        custodian=header.custodian,
        recipients=header.recipients,
        gp=header.gp,
        stay_start=header.stay_start,
        stay_end=header.stay_end,
        stay_number=header.stay_number,
        sections=read_sections(body),
        treatments=treatments,
        medications=medications,
        allergies=read_allergies(body),
        expected_results=read_expected_results(body),
        follow_up=read_follow_up(body),
        discharge_mode=read_discharge_mode(body),
        embedded=embedded,
        problems=read_problems(body),
        devices=read_devices(body),
        absences=read_absences(body),
        carriage=read_carriage(body),
        related=header.related,
        around=header.around,
        notices=(*notices, *header.notices, *treatment_notices, *embedded_notices),
    )


def _level(document: Element) -> Level:
    return 1 if find(document, "component/nonXMLBody") is not None else 3
