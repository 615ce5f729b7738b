"""Small CDA documents, written here."""

from dataclasses import replace

from liaison.core.cda.values import CdaDocument, Code, Embedded
from liaison.core.people import INS_TEST, Identifier, Organisation, Patient, Professional

RUTH = Patient(
    ins="236075122334482",
    ins_oid=INS_TEST,
    ids=(Identifier("1.2.250.1.999.1", "IPP-42"),),
    birth_family="NESSI",
    birth_given="RUTH",
    given_names="RUTH ANNE",
    used_family="DE LA MARNE",
    used_given="RUTH",
    birth_date="1936-07-14",
    sex="F",
    birth_place="51454",
)
SOMEBODY_ELSE = replace(RUTH, ins="136075122334455", birth_family="AUTRE")
DOCTOR = Professional(
    id="899700000001",
    family="BOILEAU",
    given="Jean",
    organisation=Organisation("1510000029", "CHU de la Vesle"),
)

CDA = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3">
  <id root="{id}"/>
  <code code="11490-0" codeSystem="2.16.840.1.113883.6.1" displayName="Lettre de liaison à la sortie"/>
  <title>Lettre de liaison</title>
  <effectiveTime value="20260714120000+0200"/>
  <confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>
  <languageCode code="fr-FR"/>
  <recordTarget><patientRole>
    <id root="{ins_oid}" extension="{ins}"/>
    <patient><name><family qualifier="BR">{family}</family><given qualifier="BR">RUTH</given><given>RUTH ANNE</given>
    </name><administrativeGenderCode code="F"/><birthTime value="19360714"/></patient>
  </patientRole></recordTarget>
  <documentationOf><serviceEvent><code code="IMP"/>
    <effectiveTime><low value="20260701080000+0200"/><high value="20260714110000+0200"/></effectiveTime>
  </serviceEvent></documentationOf>
  <componentOf><encompassingEncounter><effectiveTime><low value="20260701"/></effectiveTime>
    <location><healthCareFacility><code code="SA04" codeSystem="1.2.250.1.71.4.2.4" displayName="Privé"/>
    </healthCareFacility></location></encompassingEncounter></componentOf>
  <component><nonXMLBody><text mediaType="application/pdf" representation="B64">{pdf}</text></nonXMLBody></component>
</ClinicalDocument>
"""


def make_cda(number: int = 1, patient: Patient = RUTH, pdf: str = "JVBERi0xLjQK") -> tuple[CdaDocument, bytes]:
    """The bytes of a small level 1 CDA and the values they hold."""
    own_id = f"1.2.250.1.999.2.{number}"
    text = CDA.format(id=own_id, ins=patient.ins, ins_oid=patient.ins_oid, family=patient.birth_family, pdf=pdf)
    document = CdaDocument(
        id=Identifier(own_id),
        set_id=None,
        version=1,
        type=Code("11490-0", "2.16.840.1.113883.6.1", "Lettre de liaison à la sortie"),
        title="Lettre de liaison",
        level=1,
        templates=(),
        effective_time="2026-07-14T12:00:00+02:00",
        confidentiality=("N",),
        replaces=(),
        patient=patient,
        authors=(DOCTOR,),
        signed_by=DOCTOR,
        signed_at="",
        custodian=DOCTOR.organisation,
        recipients=(),
        gp=None,
        stay_start="",
        stay_end="",
        sections=(),
        treatments="absent",
        medications=(),
        allergies=(),
        expected_results=(),
        follow_up=(),
        discharge_mode="",
        embedded=(Embedded("application/pdf", b"%PDF-1.4\n"),),
    )
    return document, text.encode()
