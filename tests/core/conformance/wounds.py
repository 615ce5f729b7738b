"""Sound documents, and the wound that breaks each rule on a CDA."""

from dataclasses import replace

from lxml import etree
from lxml.etree import _Element
from tests.core.cda.makers import HEADER, LETTER, REPORT
from tests.core.conformance.mutations import Mutation, drop, found, observation, put, rename, say, section, twice
from tests.core.inspection.files import the_pdf

from liaison.core.cda.build import build_discharge_letter, build_level1
from liaison.core.cda.values import Code, Device, Problem
from liaison.core.identity.ins import ins_key
from liaison.core.people import INS_NIR

SOUND_PATIENT = replace(HEADER.patient, ins=f"2340251454001{ins_key('2340251454001')}", ins_oid=INS_NIR)
SOUND_HEADER = replace(HEADER, patient=SOUND_PATIENT)
SOUND_LINES = tuple(replace(line, codes=LETTER.stopped[0].codes) for line in LETTER.at_discharge)
SOUND_LETTER = build_discharge_letter(
    replace(
        LETTER,
        header=SOUND_HEADER,
        at_discharge=SOUND_LINES,
        problems=(Problem("Insuffisance cardiaque", (Code("I50.0", "2.16.840.1.113883.6.3"),), start="2019"),),
        devices=(Device("Stimulateur cardiaque", start="2021-05-04"),),
    )
)
SOUND_REPORT = build_level1(replace(SOUND_HEADER, type=REPORT.type), the_pdf(), "application/pdf")

INS = "h:recordTarget/h:patientRole/h:id[1]"
PERSON = "h:recordTarget/h:patientRole/h:patient"
EVENT = "h:documentationOf/h:serviceEvent"
STAY = "h:componentOf/h:encompassingEncounter"
BODY = "h:component/h:nonXMLBody"
DISCHARGE, STOPPED = section("10183-2"), section("18610-6")

HEADER_WOUNDS: list[tuple[str, Mutation]] = [
    ("SM-REALM", put("h:realmCode", code="US")),
    ("SM-TYPEID", drop("h:typeId")),
    ("SM-TEMPLATE-FR", drop("h:templateId[1]")),
    ("SM-TEMPLATE-CISIS", drop("h:templateId[2]")),
    ("SM-TEMPLATE-FR", twice("h:templateId[1]")),
    ("SM-TEMPLATE-CISIS", twice("h:templateId[2]")),
    ("SM-TEMPLATE-ROOT", put("h:templateId[3]", root="")),
    ("SM-TEMPLATE-MODEL", drop("h:templateId[3]")),
    ("SM-ID", put("h:id", root="document 1")),
    ("SM-ID", twice("h:id")),
    ("SM-CODE", put("h:code", codeSystem="1.2.3")),
    ("SM-TITLE", say("h:title", " ")),
    ("SM-EFFECTIVETIME", put("h:effectiveTime", value="20260304")),
    ("SM-EFFECTIVETIME", put("h:effectiveTime", value="20260304163000")),
    ("SM-CONFIDENTIALITY", put("h:confidentialityCode", code="X")),
    ("SM-LANGUAGE", drop("h:languageCode")),
    ("SM-SETID", drop("h:setId")),
    ("SM-VERSION", put("h:versionNumber", value="deux")),
    ("SM-VERSION", put("h:versionNumber", value="0")),
    ("SM-REPLACES-ONE", twice("h:relatedDocument")),
    ("SM-REPLACES-ID", drop("h:relatedDocument/h:parentDocument/h:id")),
    ("SM-VERSION-ALONE", drop("h:relatedDocument")),
    ("SM-VERSION-FIRST", put("h:versionNumber", value="1")),
    ("SM-ACT", drop("h:documentationOf")),
    ("SM-PRACTICE-SETTING", drop(f"{EVENT}//h:standardIndustryClassCode")),
    ("SM-ENCOUNTER", drop(f"{STAY}/h:effectiveTime")),
    ("SM-FACILITY", drop(f"{STAY}/h:location")),
]
IDENTITY_WOUNDS: list[tuple[str, Mutation]] = [
    ("SM-PATIENT-ONE", twice("h:recordTarget")),
    ("SM-PATIENT-ID", drop("h:recordTarget/h:patientRole/h:id")),
    ("SM-PATIENT-NAME", drop(f"{PERSON}/h:name/h:family")),
    ("SM-PATIENT-BIRTH", drop(f"{PERSON}/h:birthTime")),
    ("INS-FAMILY", drop(f"{PERSON}/h:name/h:family[@qualifier='BR']")),
    ("INS-GIVEN", drop(f"{PERSON}/h:name/h:given")),
    ("INS-GIVEN", put(f"{PERSON}/h:name/h:given[@qualifier='BR']", qualifier="")),
    ("INS-GIVEN-LIST", drop(f"{PERSON}/h:name/h:given[not(@qualifier)]")),
    ("INS-SEX", drop(f"{PERSON}/h:administrativeGenderCode")),
    ("INS-BIRTH-PLACE", drop(f"{PERSON}/h:birthplace")),
    ("INS-FORM", put(INS, extension="12345")),
    ("INS-SEVERAL", put("h:recordTarget/h:patientRole/h:id[2]", root=INS_NIR, extension="134025145400192")),
    ("INS-KEY", put(INS, extension="234025145400199")),
    ("INS-NONE", drop(INS)),
    ("INS-TEST", put(INS, root="1.2.250.1.213.1.4.10")),
    ("INS-OLD", put(INS, root="1.2.250.1.213.1.4.2")),
    ("INS-NIR", put(INS, root="1.2.250.1.213.1.4.13")),
    ("SM-PATIENT-DAY", put(f"{PERSON}/h:birthTime", value="193402")),
    ("SM-PATIENT-DAY", put(f"{PERSON}/h:birthTime", value="19340200")),
    ("SM-PATIENT-SP", put(f"{PERSON}/h:name/h:family[@qualifier='CL']", qualifier="SP")),
]
PERSON_WOUNDS: list[tuple[str, Mutation]] = [
    ("SM-AUTHOR", drop("h:author")),
    ("SM-AUTHOR-TIME", drop("h:author/h:time")),
    ("SM-AUTHOR-ID", drop("h:author/h:assignedAuthor/h:id")),
    ("SM-AUTHOR-NAME", drop("h:author/h:assignedAuthor/h:assignedPerson")),
    ("SM-SIGNER", drop("h:legalAuthenticator")),
    ("SM-SIGNER-CODE", put("h:legalAuthenticator/h:signatureCode", code="X")),
    ("SM-SIGNER-TIME", put("h:legalAuthenticator/h:time", value="2026")),
    ("SM-SIGNER-ID", drop("h:legalAuthenticator/h:assignedEntity/h:id")),
    ("SM-SIGNER-NAME", drop("h:legalAuthenticator/h:assignedEntity/h:assignedPerson")),
    ("SM-CUSTODIAN", drop("h:custodian")),
    ("SM-CUSTODIAN-ID", drop("h:custodian//h:id")),
    ("SM-CUSTODIAN-NAME", drop("h:custodian//h:name")),
    ("SM-RECIPIENT", drop("h:informationRecipient//h:name")),
    ("SM-GP-NAME", drop("h:participant//h:associatedPerson")),
    ("SM-GP-TYPE", put("h:participant", typeCode="IND")),
    ("ID-PROFESSIONAL", put("h:author/h:assignedAuthor/h:id", extension="12")),
    ("ID-ORGANISATION", put("h:custodian//h:id", extension="9")),
    ("ID-ROOT", put("h:author/h:assignedAuthor/h:id", root="1.2.250.1.71")),
]
ENTITY = "h:legalAuthenticator/h:assignedEntity"
SEEN_DOCTOR = "h:participant/h:associatedEntity"
A_NAME = "<name><family>PETIT</family></name>"


def add(path: str, xml: str, *, first: bool = False) -> Mutation:
    """Put a piece of XML, in the namespace of HL7, in an element."""

    def mutation(root: _Element) -> None:
        piece = etree.fromstring(f'<x xmlns="urn:hl7-org:v3">{xml}</x>')[0]
        parent = found(root, path)[0]
        parent.insert(0 if first else len(parent), piece)

    return mutation


ROLE_WOUNDS: list[tuple[str, Mutation]] = [
    ("SM-CODE-LABEL", put("h:code", displayName="")),
    ("SM-RELATED-ONE", twice("h:relatedDocument")),
    ("SM-PATIENT-NAME-ONE", twice(f"{PERSON}/h:name")),
    ("SM-PATIENT-FAMILY", put(f"{PERSON}/h:name/h:family", qualifier="AD")),
    ("SM-PATIENT-GIVEN", put(f"{PERSON}/h:name/h:given", qualifier="IN")),
    ("SM-PATIENT-PRIVATE", add(PERSON, '<religiousAffiliationCode code="1"/>')),
    ("SM-ENTITY-ID", twice(f"{ENTITY}/h:id")),
    ("SM-ENTITY-ID", put(f"{ENTITY}/h:id", extension="")),
    ("SM-ENTITY-ORGANISATION", put(f"{ENTITY}/h:representedOrganization/h:id", root="1.2.3")),
    ("SM-ENTITY-ORGANISATION", twice(f"{ENTITY}/h:representedOrganization/h:name")),
    ("SM-PERSON-NAME", twice(f"{ENTITY}//h:family")),
    ("SM-PERSON-NAME", twice(f"{ENTITY}//h:given")),
    ("SM-PERSON-NAME", drop("h:informationRecipient//h:informationRecipient//h:family")),
    ("SM-PERSON-TITLE", add(f"{ENTITY}/h:assignedPerson/h:name", "<prefix>Docteur</prefix>")),
    ("SM-RECIPIENT-ID", put("h:informationRecipient/h:intendedRecipient/h:id", root="1.2.3")),
    ("SM-PARTICIPANT-TIME", add("h:participant/h:time", '<low nullFlavor="UNK"/>')),
    ("SM-PARTICIPANT-FUNCTION", put("h:participant/h:functionCode", codeSystem="")),
    ("SM-PARTICIPANT-CODE", put(f"{SEEN_DOCTOR}/h:code", displayName="")),
    ("SM-PARTICIPANT-CLASS", put(SEEN_DOCTOR, classCode="EMP")),
    ("SM-PARTICIPANT-ONE", twice(f"{SEEN_DOCTOR}/h:id")),
    ("SM-PARTICIPANT-ONE", add(SEEN_DOCTOR, f"<scopingOrganization>{'<name>A</name>' * 2}</scopingOrganization>")),
    ("SM-GUARDIAN-NAME", add(PERSON, f"<guardian><guardianPerson>{A_NAME * 2}</guardianPerson></guardian>")),
    ("SM-ADDRESS", say("h:recordTarget//h:birthplace//h:addr", "")),
    ("SM-ADDRESS", add("h:recordTarget//h:birthplace//h:addr", "<streetAddressLine>1 rue</streetAddressLine>")),
    ("SM-TELECOM", put(f"{ENTITY}/h:telecom", nullFlavor="", value="0326000000")),
    ("SM-TELECOM", put(f"{ENTITY}/h:telecom", nullFlavor="NI")),
    ("SM-CUSTODIAN-ONE", twice("h:custodian//h:id")),
    ("SM-ORDER-ID", add(".", "<inFulfillmentOf><order/></inFulfillmentOf>")),
    ("SM-ACT-CODE", put(f"{EVENT}/h:code", displayName="")),
    ("SM-ACT-MAIN", drop(f"{EVENT}/h:performer")),
    ("SM-ACT-MAIN", drop(f"{EVENT}/h:effectiveTime")),
    ("SM-ACT-PERFORMER", twice(f"{EVENT}/h:performer")),
    ("SM-ACT-TIME", drop(f"{EVENT}/h:effectiveTime/h:low")),
    ("SM-ENCOUNTER-ID", put(f"{STAY}/h:id", root="")),
    ("SM-ENCOUNTER-CODE", add(STAY, '<code code="IMP"/>')),
    ("SM-DISPOSITION", add(STAY, '<dischargeDispositionCode code="8"/>')),
]
DRUG, PROBLEM = f"({DISCHARGE}//h:substanceAdministration)[1]", f"{section('11450-4')}//h:observation"
CONCERN = f"{section('11450-4')}//h:act"
PLAN = section("18776-5")
ENTRY_WOUNDS: list[tuple[str, Mutation]] = [
    ("ENTRY-MED-DOSING", drop(f"{DRUG}/h:templateId[@root='1.3.6.1.4.1.19376.1.5.3.1.4.7.1']")),
    ("ENTRY-MED-ID", twice(f"{DRUG}/h:id")),
    ("ENTRY-MED-TEXT", drop(f"{DRUG}/h:text/h:reference")),
    ("ENTRY-MED-STATUS", put(f"{DRUG}/h:statusCode", code="active")),
    ("ENTRY-MED-PERIOD", drop(f"{STOPPED}//h:effectiveTime/h:high")),
    ("ENTRY-MED-FREQUENCY", put(f"{DRUG}/h:effectiveTime[2]", operator="I")),
    ("ENTRY-MED-DOSE", drop(f"{DRUG}/h:doseQuantity/h:high")),
    ("ENTRY-MED-RATE", add(DRUG, '<rateQuantity><low value="1"/></rateQuantity>')),
    ("ENTRY-MED-PRODUCT", drop(f"{DRUG}//h:manufacturedProduct/h:templateId")),
    ("ENTRY-MED-NAME", drop(f"{DRUG}//h:manufacturedMaterial/h:name")),
    ("ENTRY-MED-CIS", put(f"{DRUG}//h:manufacturedMaterial/h:code", codeSystem="1.2.3")),
    ("ENTRY-MED-SHOWN", drop(f"{DRUG}//h:manufacturedMaterial/h:code/h:originalText")),
    ("ENTRY-PROBLEM-ID", drop(f"{PROBLEM}/h:id")),
    ("ENTRY-PROBLEM-TEXT", drop(f"{PROBLEM}/h:text")),
    ("ENTRY-PROBLEM-STATUS", put(f"{PROBLEM}/h:statusCode", code="active")),
    ("ENTRY-PROBLEM-TIME", drop(f"{PROBLEM}/h:effectiveTime/h:low")),
    ("ENTRY-PROBLEM-VALUE", drop(f"{PROBLEM}/h:value/h:originalText")),
    ("ENTRY-CONCERN-CODE", put(f"{CONCERN}/h:code", nullFlavor="UNK")),
    ("ENTRY-CONCERN-STATUS", put(f"{CONCERN}/h:statusCode", code="held")),
    ("ENTRY-CONCERN-TIME", add(f"{CONCERN}/h:effectiveTime", '<high nullFlavor="UNK"/>')),
    ("ENTRY-CONCERN-CONTENT", drop(f"{CONCERN}/h:entryRelationship")),
    ("ENTRY-SEVERITY", put(".//h:code[@code='SEV']", code="X")),
    ("ENTRY-SEVERITY-TEXT", drop(".//h:observation[h:code/@code='SEV']/h:text")),
    ("ENTRY-REQUEST-TEXT", drop(f"{PLAN}//h:observation/h:text")),
    ("ENTRY-REQUEST-TIME", drop(f"{PLAN}//h:observation/h:effectiveTime")),
    ("ENTRY-PROCEDURE-KIND", rename(f"{PLAN}//h:procedure", "act")),
    ("ENTRY-PROCEDURE-TEXT", drop(f"{PLAN}//h:procedure/h:text")),
    ("ENTRY-ENCOUNTER-CODE", drop(f"{PLAN}//h:encounter/h:code")),
    ("ENTRY-ENCOUNTER-TIME", drop(f"{PLAN}//h:encounter/h:effectiveTime")),
    ("ENTRY-DEVICE-TIME", drop(f"{section('46264-8')}//h:supply/h:effectiveTime")),
    ("ENTRY-DEVICE", drop(f"{section('46264-8')}//h:playingDevice")),
]
BODY_WOUNDS: list[tuple[str, Mutation]] = [
    ("CDA-BODY", drop("h:component")),
    ("CDA-SECTIONS", drop("h:component/h:structuredBody/h:component")),
    ("CDA-SECTION-CODE", drop(f"{section('42349-1')}/h:code")),
    ("CDA-SECTION-TITLE", drop(f"{section('42349-1')}/h:title")),
    ("CDA-SECTION-TEXT", drop(f"{section('42349-1')}/h:text")),
    ("CDA-REFERENCES", put(f"{DISCHARGE}//h:reference", value="#nulle-part")),
    ("CDA-IDENTIFIERS", put(".//h:content", ID="le-même")),
]
LEVEL_1_WOUNDS: list[tuple[str, Mutation]] = [
    ("CDA-LEVEL1-TEMPLATE", put("h:templateId[3]", root="1.2.3")),
    ("CDA-LEVEL1-TYPE", put(f"{BODY}/h:text", mediaType="text/rtf")),
    ("CDA-LEVEL1-FORMAT", say(f"{BODY}/h:text", "UEsDBAoAAAAAAAAAAAA=")),
    ("CDA-ONE-BODY-FILE", twice(f"{BODY}/h:text")),
    ("CDA-BODY-CONTENT", say(f"{BODY}/h:text", "")),
    ("CDA-BODY-CONTENT", say(f"{BODY}/h:text", "é!")),
]
LETTER_WOUNDS: list[tuple[str, Mutation]] = [
    ("LDL-TEMPLATE", put("h:templateId[3]", root="1.2.250.1.213.1.1.1.21")),
    ("LDL-CODE", put("h:code", code="34112-3")),
    ("LDL-ACT-TIME", drop(f"{EVENT}/h:effectiveTime/h:low")),
    ("LDL-33557-0", drop(section("33557-0"))),
    ("LDL-42349-1", drop(section("42349-1"))),
    ("LDL-42545-4", twice(section("42545-4"))),
    ("LDL-10183-2", drop(DISCHARGE)),
    ("LDL-REPEATED", twice(STOPPED)),
    ("LDL-GEN-065", put(f"{observation('GEN-065')}/h:value", code="0")),
    ("LDL-ORG-070", drop(observation("ORG-070"))),
    ("LDL-ORG-074", drop(f"{observation('ORG-074')}/h:value")),
    ("LDL-MED-142", drop(observation("MED-142"))),
    ("LDL-MED-309", drop(observation("MED-309"))),
    ("LDL-MED-145", twice(observation("MED-145"))),
    ("LDL-MED-147", drop(observation("MED-147"))),
    ("LDL-DETAILS", put(f"{observation('MED-145')}/h:code|{observation('MED-147')}/h:code", code="MED-146")),
    ("LDL-STATUS", put(f"{STOPPED}//h:substanceAdministration/h:statusCode", code="active")),
    ("LDL-TIME", drop(f"{STOPPED}//h:substanceAdministration/h:effectiveTime")),
    ("LDL-DRUG-CODE", drop(f"{STOPPED}//h:manufacturedMaterial/h:code")),
    ("R1112-1-IDENTITY", drop(f"{PERSON}/h:birthTime")),
    ("R1112-1-GP", drop("h:participant")),
    ("R1112-1-DOCTOR", drop("h:author//h:family|h:legalAuthenticator//h:family")),
    ("R1112-1-ADMISSION", drop(f"{STAY}/h:effectiveTime/h:low|{EVENT}/h:effectiveTime/h:low")),
    ("R1112-1-DISCHARGE", drop(f"{STAY}/h:effectiveTime/h:high|{EVENT}/h:effectiveTime/h:high")),
    ("R1112-2-REASON", say(f"{section('42349-1')}/h:text", "")),
    ("R1112-3-SYNTHESIS", say(f"{section('42545-4')}/h:text", "")),
    ("R1112-4-DISCHARGE", say(f"{DISCHARGE}/h:text", "")),
    ("R1112-4-POSOLOGY", drop(f"{DISCHARGE}//h:doseQuantity|{DISCHARGE}//h:effectiveTime[@operator]")),
    ("R1112-4-DURATION", drop(f"{DISCHARGE}//h:effectiveTime/h:width")),
    ("R1112-4-STOPPED", drop(STOPPED)),
    ("R1112-4-REASON", drop(f"{STOPPED}//h:td[last()]")),
    ("R1112-4-ALLERGIES", drop(section("48765-2"))),
    ("R1112-5-EXPECTED", drop(section("30954-2"))),
    ("R1112-6-FOLLOW-UP", drop(section("18776-5"))),
]
OF_EVERY_DOCUMENT = (
    *HEADER_WOUNDS,
    *IDENTITY_WOUNDS,
    *PERSON_WOUNDS,
    *ROLE_WOUNDS,
    *ENTRY_WOUNDS,
    *BODY_WOUNDS,
)
