"""What the metadata say of a document, taken from its CDA header and its bytes (annexe « Lien entête CDA – XDS »)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from liaison.core.cda.markup import NAMESPACES, Element, parse
from liaison.core.cda.times import hl7_time, iso_time
from liaison.core.cda.values import CdaDocument, Code
from liaison.core.media import PDF, is_cda
from liaison.core.notices import Unreadable
from liaison.core.people import INS_ROOTS, ORGANISATION_ROOT, PROFESSIONAL_ROOT, Identifier, Patient, Professional
from liaison.core.xdm.classes import class_of

FRENCH_FORMATS = "1.2.250.1.213.1.1.4.2.282"
IHE_FORMATS = "1.3.6.1.4.1.19376.1.2.3"
PDF_FORMAT = Code("urn:ihe:iti:xds-sd:pdf:2008", IHE_FORMATS, "Document à corps non structuré en PDF")
TEXT_FORMAT = Code("urn:ihe:iti:xds-sd:text:2008", IHE_FORMATS, "Document à corps non structuré en texte")
OTHER_FORMAT = Code("urn:asipSante:modelesHorsProfils:2011", FRENCH_FORMATS, "Modèle hors profils")
_TEMPLATE_FORMATS = {
    "1.2.250.1.213.1.1.1.29": Code("urn:asip:ci-sis:ldl-ses:2017", FRENCH_FORMATS, "Lettre de liaison à la sortie"),
    "1.2.250.1.213.1.1.1.21": Code("urn:asip:ci-sis:ldl-ees:2017", FRENCH_FORMATS, "Lettre de liaison à l'entrée"),
    "1.2.250.1.213.1.1.1.22": Code("urn:asip:ci-sis:dlu:2015", FRENCH_FORMATS, "Document de liaison d'urgence"),
    "1.2.250.1.213.1.1.1.23": Code("urn:asip:ci-sis:fludt:2017", FRENCH_FORMATS, "Transfert vers les urgences"),
    "1.2.250.1.213.1.1.1.24": Code("urn:asip:ci-sis:fludr:2017", FRENCH_FORMATS, "Retour des urgences"),
    "1.2.250.1.213.1.1.1.13": Code("urn:asip:ci-sis:vsm:2012", FRENCH_FORMATS, "Volet de synthèse médicale"),
    "1.2.250.1.213.1.1.1.37": Code("urn:asip:ci-sis:vac:2019", FRENCH_FORMATS, "Historique de vaccination"),
    "1.2.250.1.213.1.1.1.46": Code("urn:asip:ci-sis:vac-note:2021", FRENCH_FORMATS, "Note de vaccination"),
    "1.2.250.1.213.1.1.1.39": Code("urn:ihe:pharm:pre:2010", IHE_FORMATS, "Prescription"),
    "1.2.250.1.213.1.1.1.55": Code("urn:ihe:lab:xd-lab:2008", IHE_FORMATS, "Compte rendu d'examens biologiques"),
    "1.3.6.1.4.1.19376.1.3.3": Code("urn:ihe:lab:xd-lab:2008", IHE_FORMATS, "Compte rendu d'examens biologiques"),
    "1.2.250.1.213.1.1.1.45": Code(
        "urn:ihe:rad:CDA:ImagingReportStructuredHeadings:2013", IHE_FORMATS, "Compte rendu d'imagerie"
    ),
    "1.2.250.1.213.1.1.1.51": Code("urn:ihe:pcc:ips:2020", IHE_FORMATS, "Synthèse internationale du patient"),
}
_FACILITY = Code("SA01", "1.2.250.1.71.4.2.4", "Etablissement Public de santé")
_PRACTICE = Code("ETABLISSEMENT", "1.2.250.1.213.1.1.4.9", "Etablissement de santé")
_DELIMITERS = str.maketrans(dict.fromkeys("^&~|\\", " "))


@dataclass(frozen=True, slots=True)
class DerivedEntry:
    """All the values of one DocumentEntry, ready to be written."""

    uri: str
    mime_type: str
    slots: tuple[tuple[str, tuple[str, ...]], ...]
    title: str
    author: Professional
    codes: dict[str, Code]
    confidentiality: tuple[Code, ...]
    patient_id: str
    unique_id: str


@dataclass(frozen=True, slots=True)
class _HeaderFacts:
    """What the metadata need of the header that is no part of a CdaDocument."""

    language: str = "fr-FR"
    facility: Code = _FACILITY
    practice: Code = _PRACTICE
    start: str = ""
    stop: str = ""


def derive_entry(document: CdaDocument, content: bytes, uri: str, digest: str) -> DerivedEntry:
    facts = _header_facts(content)
    slots = (
        ("creationTime", (utc_time(document.effective_time),)),
        ("hash", (digest,)),
        ("languageCode", (facts.language,)),
        ("legalAuthenticator", (xcn(document.signed_by),) if document.signed_by else ()),
        ("serviceStartTime", (facts.start,)),
        ("serviceStopTime", (facts.stop,)),
        ("size", (str(len(content)),)),
        ("sourcePatientId", (source_patient_id(document.patient),)),
        ("sourcePatientInfo", source_patient_info(document.patient)),
        ("URI", (uri,)),
    )
    return DerivedEntry(
        uri=uri,
        mime_type="application/xslt+xml" if _presents_itself(content) else "text/xml",
        slots=tuple((name, kept) for name, values in slots if (kept := tuple(filter(None, values)))),
        title=document.title or document.type.label,
        author=document.authors[0] if document.authors else Professional(),
        codes={
            "class": class_of(document.type.code),
            "format": format_code(document),
            "facility": facts.facility,
            "practice": facts.practice,
            "type": document.type,
        },
        confidentiality=tuple(
            Code(code, "2.16.840.1.113883.5.25", "Normal" if code == "N" else code)
            for code in document.confidentiality or ("N",)
        ),
        patient_id=patient_cx(document.patient),
        unique_id=str(document.id),
    )


def format_code(document: CdaDocument) -> Code:
    """By the embedded file at level 1, by the model (table ASS_A11) at level 3."""
    if document.level == 1:
        return PDF_FORMAT if any(item.media_type == PDF for item in document.embedded) else TEXT_FORMAT
    found = (_TEMPLATE_FORMATS.get(template.root) for template in document.templates)
    return next(filter(None, found), OTHER_FORMAT)


def utc_time(iso: str) -> str:
    """A DTM in UTC without zone, as XDS wants; a time without zone or a bare date keeps its digits."""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return hl7_time(iso)
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S") if moment.tzinfo else hl7_time(iso)


def cx(identifier: Identifier, kind: str) -> str:
    return f"{_safe(identifier.extension)}^^^&{_safe(identifier.root)}&ISO^{kind}"


def patient_cx(patient: Patient) -> str:
    """The matricule INS, else the first other identifier."""
    if patient.ins:
        return cx(Identifier(patient.ins_oid, patient.ins), "NH")
    return source_patient_id(patient)


def source_patient_id(patient: Patient) -> str:
    """The identifier of the sender's own system, else the INS."""
    own = next((identifier for identifier in patient.ids if identifier.root not in INS_ROOTS), None)
    if own:
        return cx(own, "PI")
    return cx(Identifier(patient.ins_oid, patient.ins), "NH") if patient.ins else ""


def source_patient_info(patient: Patient) -> tuple[str, ...]:
    """PID fields of the patient: birth name (L), used name (D), birth date, sex, birth place (BDL, COG code)."""
    legal = "^".join(map(_safe, (patient.birth_family, patient.birth_given, patient.given_names))) + "^^^^L"
    used = f"{_safe(patient.used_family)}^{_safe(patient.used_given)}^^^^^D"
    fields = (
        ("PID-5", legal if patient.birth_family else ""),
        ("PID-5", used if patient.used_family else ""),
        ("PID-7", hl7_time(patient.birth_date[:10])),
        ("PID-8", patient.sex),
        ("PID-11", f"^^^^^^BDL^^{_safe(patient.birth_place)}" if patient.birth_place else ""),
    )
    return tuple(f"{field}|{value}" for field, value in fields if value)


def xcn(professional: Professional) -> str:
    """A person of authorPerson or legalAuthenticator: national identifier, or EI when given by a structure."""
    kind = "EI" if "/" in professional.id else "IDNPS"
    authority = f"&{PROFESSIONAL_ROOT}&ISO^D^^^{kind}" if professional.id else "^D^^^U"
    names = "^".join(map(_safe, (professional.id, professional.family, professional.given)))
    return f"{names}^^^^^^{authority}"


def xon(professional: Professional) -> str:
    organisation = professional.organisation
    if not (organisation.id or organisation.name):
        return ""
    return f"{_safe(organisation.name)}^^^^^&{ORGANISATION_ROOT}&ISO^IDNST^^^{_safe(organisation.id)}"


def _safe(text: str) -> str:
    """Without the delimiters of HL7 v2, which no identity of ours needs."""
    return " ".join(text.translate(_DELIMITERS).split())


def _presents_itself(content: bytes) -> bool:
    return is_cda(content) and b"XSL/Transform" in content[:65536]


def _header_facts(content: bytes) -> _HeaderFacts:
    parsed = parse(content)
    if isinstance(parsed, Unreadable):
        return _HeaderFacts()
    root = parsed[0]
    event = "h:documentationOf/h:serviceEvent"
    return _HeaderFacts(
        language=_attribute(root, "h:languageCode", "code") or "fr-FR",
        facility=_code(root, ".//h:location/h:healthCareFacility/h:code", _FACILITY),
        practice=_code(root, f"{event}//h:standardIndustryClassCode", _PRACTICE),
        start=_utc_attribute(root, f"{event}/h:effectiveTime/h:low"),
        stop=_utc_attribute(root, f"{event}/h:effectiveTime/h:high"),
    )


def _attribute(root: Element, path: str, name: str) -> str:
    found = root.find(path, NAMESPACES)
    return found.get(name, "") if found is not None else ""


def _utc_attribute(root: Element, path: str) -> str:
    return utc_time(iso_time(_attribute(root, path, "value")))


def _code(root: Element, path: str, default: Code) -> Code:
    found = Code(*(_attribute(root, path, name) for name in ("code", "codeSystem", "displayName")))
    return found if found.code else default
