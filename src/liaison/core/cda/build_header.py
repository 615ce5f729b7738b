"""The header of a CDA R2 to be written, in the order of the schema and by the rules of « structuration minimale »."""

from dataclasses import replace

from liaison.core.cda.markup import Element, written
from liaison.core.cda.specialities import speciality_code
from liaison.core.cda.terms import (
    ACT_CODE,
    LOINC,
    SPECIALITY,
    SYSTEM_NAMES,
    TEMPLATE_CI_SIS,
    TEMPLATE_HL7_FRANCE,
)
from liaison.core.cda.times import hl7_time
from liaison.core.cda.values import Code, DocumentHeader
from liaison.core.people import (
    ORGANISATION_ROOT,
    PROFESSIONAL_ROOT,
    Identifier,
    Organisation,
    Patient,
    Professional,
)

_SEXES = {"M": "Masculin", "F": "Féminin", "U": "Inconnu"}
_CONFIDENTIALITY = "2.16.840.1.113883.5.25"
_FUNCTION = "2.16.840.1.113883.5.88"
_GENDER = "2.16.840.1.113883.5.1"


def clinical_document(header: DocumentHeader, templates: tuple[Identifier, ...], body: Element) -> Element:
    """The whole document: the header's elements in the order of POCD_HD000040, then the body."""
    return written(
        "ClinicalDocument",
        *_opening(header, templates),
        written("recordTarget", _patient_role(header.patient)),
        _author(header),
        _custodian(header.custodian),
        *map(_recipient, header.recipients),
        _legal_authenticator(header),
        _general_practitioner(header.gp),
        _service_event(header),
        _replaced(header.replaces),
        _encounter(header),
        written("component", body),
    )


def _opening(header: DocumentHeader, templates: tuple[Identifier, ...]) -> list[Element]:
    declared = (Identifier(TEMPLATE_HL7_FRANCE), Identifier(TEMPLATE_CI_SIS), *templates)
    return [
        written("realmCode", code="FR"),
        written("typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040"),
        *(identifier("templateId", template) for template in declared),
        identifier("id", header.id),
        coded("code", header.type if header.type.system else Code(header.type.code, LOINC, header.type.label)),
        written("title", header.title),
        time("effectiveTime", header.effective_time),
        coded("confidentialityCode", Code("N", _CONFIDENTIALITY, "Normal")),
        written("languageCode", code="fr-FR"),
        identifier("setId", header.set_id),
        written("versionNumber", value=str(header.version)),
    ]


def identifier(tag: str, value: Identifier) -> Element:
    return written(tag, root=value.root, extension=value.extension)


def coded(tag: str, code: Code, *children: Element, type_: str = "") -> Element:
    """A coded value, with the name of its system when we know it; no code at all is said by a nullFlavor."""
    return written(
        tag,
        *children,
        type_=type_,
        nullFlavor="" if code.code else "NA",
        code=code.code,
        codeSystem=code.system,
        codeSystemName=SYSTEM_NAMES.get(code.system, ""),
        displayName=code.label,
    )


def time(tag: str, iso: str) -> Element:
    value = hl7_time(iso)
    return written(tag, value=value, nullFlavor="" if value else "UNK")


def interval(tag: str, start: str, end: str, *, type_: str = "") -> Element:
    """An IVL_TS; a bound we do not know is said unknown, as the models ask."""
    return written(tag, time("low", start), time("high", end), type_=type_)


def _patient_role(patient: Patient) -> Element:
    ins = [Identifier(patient.ins_oid, patient.ins)] if patient.ins else []
    identifiers = [identifier("id", each) for each in (*ins, *patient.ids)]
    return written(
        "patientRole",
        *(identifiers or [written("id", nullFlavor="UNK")]),
        written("addr", nullFlavor="NAV"),
        written("telecom", nullFlavor="NAV"),
        written("patient", *_identity(patient), classCode="PSN"),
    )


def _identity(patient: Patient) -> list[Element | None]:
    sex = Code(patient.sex, _GENDER, _SEXES.get(patient.sex, "")) if patient.sex else Code("", "")
    county = _optional("county", patient.birth_place)
    return [
        written(
            "name",
            _optional("family", patient.birth_family, "BR"),
            _optional("given", patient.given_names),
            _optional("given", patient.birth_given, "BR"),
            _optional("family", patient.used_family, "CL"),
            _optional("given", patient.used_given, "CL"),
        ),
        coded("administrativeGenderCode", sex),
        time("birthTime", patient.birth_date),
        None if county is None else written("birthplace", written("place", written("addr", county))),
    ]


def _optional(tag: str, text: str, qualifier: str = "") -> Element | None:
    return written(tag, text, qualifier=qualifier) if text else None


def _author(header: DocumentHeader) -> Element:
    author = header.author
    return written(
        "author",
        time("time", header.effective_time),
        written("assignedAuthor", *_entity(author, "assignedPerson", "representedOrganization"), classCode="ASSIGNED"),
    )


def _entity(
    professional: Professional, person: str, organisation: str, industry: Code | None = None
) -> list[Element | None]:
    """The content that CDA gives every role of a professional: ids, code, address, telecom, person, organisation."""
    return [
        _professional_id(professional),
        _speciality(professional.speciality),
        written("addr", nullFlavor="NAV"),
        written("telecom", nullFlavor="NAV"),
        written(person, _person_name(professional)),
        _organisation(organisation, professional.organisation, industry),
    ]


def _professional_id(professional: Professional) -> Element:
    if not professional.id:
        return written("id", nullFlavor="UNK")
    return identifier("id", Identifier(PROFESSIONAL_ROOT, professional.id))


def _speciality(name: str) -> Element | None:
    if not name:
        return None
    code = speciality_code(name)
    if code:
        return coded("code", Code(code, SPECIALITY, name))
    return written("code", written("originalText", name), nullFlavor="OTH")


def _person_name(professional: Professional) -> Element:
    return written("name", _optional("family", professional.family), _optional("given", professional.given))


def _organisation(tag: str, organisation: Organisation, industry: Code | None = None) -> Element | None:
    if not (organisation.id or organisation.name or industry):
        return None
    return written(
        tag,
        identifier("id", Identifier(ORGANISATION_ROOT, organisation.id)) if organisation.id else None,
        _optional("name", organisation.name),
        None if industry is None else coded("standardIndustryClassCode", industry),
    )


def _custodian(custodian: Organisation) -> Element:
    organisation = written(
        "representedCustodianOrganization",
        identifier("id", Identifier(ORGANISATION_ROOT, custodian.id))
        if custodian.id
        else written("id", nullFlavor="UNK"),
        _optional("name", custodian.name),
    )
    return written("custodian", written("assignedCustodian", organisation))


def _recipient(recipient: Professional) -> Element:
    return written(
        "informationRecipient",
        written(
            "intendedRecipient",
            _professional_id(recipient) if recipient.id else None,
            written("informationRecipient", _person_name(recipient)),
            _organisation("receivedOrganization", recipient.organisation),
        ),
    )


def _legal_authenticator(header: DocumentHeader) -> Element:
    return written(
        "legalAuthenticator",
        time("time", header.signed_at),
        written("signatureCode", code="S"),
        written("assignedEntity", *_entity(header.signed_by, "assignedPerson", "representedOrganization")),
    )


def _general_practitioner(gp: Professional | None) -> Element | None:
    """His speciality is written when its code is known: a participant may not have one in words alone."""
    if gp is None:
        return None
    known = gp if speciality_code(gp.speciality) else replace(gp, speciality="")
    return written(
        "participant",
        coded("functionCode", Code("PCP", _FUNCTION, "Médecin traitant")),
        written("time", nullFlavor="NA"),
        written("associatedEntity", *_entity(known, "associatedPerson", "scopingOrganization"), classCode="PROV"),
        typeCode="INF",
    )


def _service_event(header: DocumentHeader) -> Element:
    """The hospital stay as the act that the document documents; its bounds are the dates of the stay (LDL-SES)."""
    performer = written(
        "performer",
        written(
            "assignedEntity",
            *_entity(header.signed_by, "assignedPerson", "representedOrganization", header.practice_setting),
        ),
        typeCode="PRF",
    )
    event = written(
        "serviceEvent",
        coded("code", Code("IMP", ACT_CODE, "Hospitalisation (établissement, y compris HAD)")),
        interval("effectiveTime", header.stay_start, header.stay_end),
        performer,
        classCode="ACT",
        moodCode="EVN",
    )
    return written("documentationOf", event, typeCode="DOC")


def _replaced(parent: Identifier | None) -> Element | None:
    if parent is None:
        return None
    return written("relatedDocument", written("parentDocument", identifier("id", parent)), typeCode="RPLC")


def _encounter(header: DocumentHeader) -> Element:
    """The stay number is unique in its establishment only: the establishment's id stands before it."""
    number = Identifier(ORGANISATION_ROOT, f"{header.custodian.id}/{header.stay_number}")
    return written(
        "componentOf",
        written(
            "encompassingEncounter",
            identifier("id", number) if header.stay_number else None,
            interval("effectiveTime", header.stay_start, header.stay_end),
            written("location", written("healthCareFacility", coded("code", header.facility_code))),
        ),
    )
