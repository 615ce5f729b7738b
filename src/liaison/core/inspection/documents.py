"""One document of an inspection, as the plain values of its JSON object. Missing values are None or empty lists."""

import hashlib
from typing import Any

from liaison.core.cda.values import Allergy, CdaDocument, Embedded, MedicationLine, Moments, Section
from liaison.core.media import PDF
from liaison.core.medication.from_document import LinesOfPdf, lines_of_pdf, medications_of_document
from liaison.core.notices import Notice
from liaison.core.pdf.values import PdfText, Signature
from liaison.core.people import Identifier, Organisation, Patient, Professional
from liaison.core.reading import DocumentReading

Json = dict[str, Any]

_FIELDS = (
    *("type_code", "type_system", "type_label", "title", "level", "templates"),
    *("id", "set_id", "version", "effective_time", "confidentiality", "replaces"),
    *("patient", "authors", "signed_by", "custodian", "recipients", "gp", "stay", "sections"),
    *("treatments", "medications", "allergies", "embedded"),
)
_LISTS = frozenset(
    {
        "templates",
        "confidentiality",
        "replaces",
        "authors",
        "recipients",
        "sections",
        "medications",
        "allergies",
        "embedded",
    }
)


def document_object(
    document: DocumentReading, source: str, pdf: bytes | None, read_lines: LinesOfPdf = lines_of_pdf
) -> tuple[Json, tuple[Notice, ...]]:
    """A CDA or a lone PDF, and what is to be said of its treatments.

    ``pdf`` are the bytes of the PDF that was read with it, when there is one; ``read_lines`` reads its drug lines.
    """
    medications, notices = medications_of_document(document, pdf, read_lines)
    said = {
        "source": source,
        "sha256": document.sha256,
        **(_said_by_cda(document.cda) if document.cda else _said_by_nothing()),
        **_said_by_metadata(document),
        "medications": [_medication(each) for each in medications],
        "pdf": None if pdf is None else _pdf(pdf, document.pdf),
    }
    return said, notices


def _said_by_cda(cda: CdaDocument) -> Json:
    return {
        "type_code": _text(cda.type.code),
        "type_system": _text(cda.type.system),
        "type_label": _text(cda.type.label),
        "title": _text(cda.title),
        "level": cda.level,
        "templates": ["@".join(filter(None, (each.root, each.extension))) for each in cda.templates],
        "id": _identifier(cda.id),
        "set_id": _identifier(cda.set_id),
        "version": cda.version,
        "effective_time": _text(cda.effective_time),
        "confidentiality": list(cda.confidentiality),
        "replaces": [str(each) for each in cda.replaces],
        "patient": _patient(cda.patient),
        "authors": [{**_professional(each), "organization_id": _text(each.organisation.id)} for each in cda.authors],
        "signed_by": _professional(cda.signed_by) if cda.signed_by else None,
        "custodian": _organisation(cda.custodian),
        "recipients": [_professional(each) for each in cda.recipients],
        "gp": _person(cda.gp) if cda.gp else None,
        "stay": _stay(cda),
        "sections": [_section(each) for each in cda.sections],
        "treatments": cda.treatments,
        "medications": [],
        "allergies": [_allergy(each) for each in cda.allergies],
        "embedded": [_embedded(each) for each in cda.embedded],
    }


def _said_by_nothing() -> Json:
    """The fields of a file that only its bytes describe."""
    return {name: [] if name in _LISTS else None for name in _FIELDS}


def _said_by_metadata(document: DocumentReading) -> Json:
    """What only the metadata know: who must not see it, and the type and title of a file that states none."""
    entry = document.entry
    if entry is None:
        return {}
    own = document.cda.confidentiality if document.cda else ()
    said: Json = {"confidentiality": list(dict.fromkeys(filter(None, (*own, *entry.confidentiality))))}
    if document.cda is None:
        said |= {
            "type_code": _text(entry.type.code),
            "type_system": _text(entry.type.system),
            "type_label": _text(entry.type.label),
            "title": _text(entry.title),
        }
    return said


def pdf_of(cda: CdaDocument | None, companion: bytes | None) -> bytes | None:
    """The PDF a person reads: the body of a level 1 document, else the file that comes with it."""
    inside = cda.embedded if cda and cda.level == 1 else ()
    return next((each.content for each in inside if each.media_type == PDF), companion)


def _pdf(content: bytes, read: PdfText | None) -> Json:
    return {
        "size": len(content),
        "sha256": digest(content),
        "pages": read.page_count or len(read.pages) if read else None,
        "text": (read.text.strip() or None) if read else None,
        "signatures": [_signature(each) for each in read.signatures] if read else [],
    }


def _signature(signature: Signature) -> Json:
    return {
        "signer": _text(signature.signer),
        "time": _text(signature.time),
        "intact": signature.intact,
        "trusted": signature.trusted,
    }


def _patient(patient: Patient) -> Json:
    return {
        "ins": _text(patient.ins),
        "ins_oid": _text(patient.ins_oid),
        "ids": [{"root": _text(each.root), "extension": _text(each.extension)} for each in patient.ids],
        "birth_family": _text(patient.birth_family),
        "birth_given": _text(patient.birth_given),
        "given_names": _text(patient.given_names),
        "used_family": _text(patient.used_family),
        "used_given": _text(patient.used_given),
        "birth_date": _text(patient.birth_date),
        "sex": _text(patient.sex),
        "birth_place": _text(patient.birth_place),
    }


def _person(person: Professional) -> Json:
    return {"id": _text(person.id), "family": _text(person.family), "given": _text(person.given)}


def _professional(person: Professional) -> Json:
    return {**_person(person), "organization": _text(person.organisation.name)}


def _organisation(organisation: Organisation) -> Json | None:
    if organisation == Organisation():
        return None
    return {"id": _text(organisation.id), "name": _text(organisation.name)}


def _stay(cda: CdaDocument) -> Json | None:
    if not (cda.stay_start or cda.stay_end):
        return None
    return {"start": _text(cda.stay_start), "end": _text(cda.stay_end)}


def _section(section: Section) -> Json:
    return {
        "code": _text(section.code),
        "title": _text(section.title),
        "text": _text(section.text),
        "entries": section.entries,
    }


def _medication(line: MedicationLine) -> Json:
    return {
        "section": _text(line.section),
        "name": _text(line.name),
        "codes": [{"code": each.code, "system": _text(each.system)} for each in line.codes],
        "mood": line.mood,
        "negated": line.negated,
        "start": _text(line.start),
        "end": _text(line.end),
        "dose": _text(line.dose),
        "frequency": _text(line.frequency),
        "route": _text(line.route),
        "as_needed": line.as_needed,
        "narrative": _text(line.narrative),
        "origin": line.origin,
        "moments": _moments(line.moments),
        "page": line.page,
        "excerpt": _text(line.excerpt or line.narrative),
    }


def _moments(moments: Moments) -> Json:
    return {
        "matin": _text(moments.morning),
        "midi": _text(moments.noon),
        "soir": _text(moments.evening),
        "coucher": _text(moments.bedtime),
    }


def _allergy(allergy: Allergy) -> Json:
    return {
        "agent": _text(allergy.agent),
        "reaction": _text(allergy.reaction),
        "severity": _text(allergy.severity),
        "negated": allergy.negated,
    }


def _embedded(file: Embedded) -> Json:
    return {"media_type": file.media_type, "size": len(file.content), "sha256": digest(file.content)}


def _identifier(identifier: Identifier | None) -> str | None:
    return str(identifier) if identifier and (identifier.root or identifier.extension) else None


def _text(value: str) -> str | None:
    return value or None


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
