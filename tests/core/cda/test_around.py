"""What the header says around the patient and the stay: read as values, never taken for someone else."""

from tests.core.cda.makers import PATIENT, the_letter

from liaison.core.cda.values import Around, Code, Contact, Participant
from liaison.core.pdf.document import letter_of_document
from liaison.core.people import Identifier, Organisation, Professional

TELECOM = '<telecom nullFlavor="NAV"/><patient classCode="PSN">'
BIRTH_PLACE = "<birthplace>"
CUSTODIAN = "<custodian>"
ACT = '<documentationOf typeCode="DOC">'
STAY = "<encompassingEncounter>"
GUARDIAN = """<guardian><code code="DAUC" displayName="Fille"/><telecom value="tel:0326000001"/>
  <guardianPerson><name><family>Petit</family><given>Jeanne</given></name></guardianPerson></guardian>"""
INFORMANTS = """<informant><relatedEntity classCode="NOK"><telecom value="tel:0326000002"/><relatedPerson><name>
  <family>Durand</family></name></relatedPerson></relatedEntity></informant><informant><relatedEntity classCode="ECON">
  <code code="SON" displayName="Fils"/></relatedEntity></informant><informant><relatedEntity classCode="CAREGIVER">
  <relatedPerson><name><family>Roy</family></name></relatedPerson></relatedEntity></informant>"""
ATTENDING = """<participant typeCode="INF"><functionCode code="ATTPHYS" displayName="Médecin responsable"/>
  <associatedEntity classCode="PROV"><id root="1.2.250.1.71.4.2.1" extension="810000000041"/><associatedPerson><name>
  <family>Blanc</family></name></associatedPerson><scopingOrganization><name>CH</name></scopingOrganization>
  </associatedEntity></participant>"""
ORDER = '<inFulfillmentOf><order><id root="1.2.3" extension="P-1"/></order></inFulfillmentOf>'


def address(local: str) -> tuple[str, str]:
    mailbox = f'<telecom value="mailto:{local}@patient.mssante.fr"/>'
    return TELECOM, f'{mailbox}<patient classCode="PSN">'


def test_a_header_that_says_nothing_around_has_empty_values() -> None:
    around = the_letter().around
    assert around == Around(facility=Code("SA01", "1.2.250.1.71.4.2.4", "Etablissement Public de santé"))


def test_the_mailbox_of_the_patient_is_read() -> None:
    document = the_letter(address(PATIENT.ins))
    assert document.around.health_address == f"{PATIENT.ins}@patient.mssante.fr"
    assert "health_address_of_another" not in [notice.code for notice in document.notices]


def test_a_mailbox_that_is_of_another_patient_is_told() -> None:
    document = the_letter(address("299999999999999"))
    assert "health_address_of_another" in [notice.code for notice in document.notices]


def test_the_guardian_and_the_close_ones_are_told_apart() -> None:
    document = the_letter((BIRTH_PLACE, GUARDIAN + BIRTH_PLACE), (CUSTODIAN, INFORMANTS + CUSTODIAN))
    assert document.around.contacts == (
        Contact("guardian", "Petit", "Jeanne", "Fille", ("tel:0326000001",)),
        Contact("trusted", "Durand", "", "", ("tel:0326000002",)),
        Contact("emergency", "", "", "Fils"),
        Contact("other", "Roy"),
    )


def test_the_close_ones_are_shown_in_the_letter_a_person_reads() -> None:
    document = the_letter((BIRTH_PLACE, GUARDIAN + BIRTH_PLACE), (CUSTODIAN, INFORMANTS + CUSTODIAN))
    shown = letter_of_document(document).patient
    assert ("Représentant légal", "Jeanne Petit (Fille), 0326000001") in shown
    assert ("Personne de confiance", "Durand, 0326000002") in shown
    assert ("Personne à prévenir", "Fils") in shown


def test_the_other_participants_are_not_the_gp() -> None:
    document = the_letter((ACT, ATTENDING + ORDER + ACT))
    function = Code("ATTPHYS", "", "Médecin responsable")
    blanc = Professional("810000000041", "Blanc", "", Organisation("", "CH"))
    assert document.around.participants == (Participant(function, blanc),)
    assert document.around.orders == (Identifier("1.2.3", "P-1"),)
    assert document.gp is not None
    assert document.gp.family == "ŒUVRARD"


def test_the_kind_of_the_stay_and_the_way_out_are_read() -> None:
    said = '<code code="IMP" codeSystem="1.2" displayName="Hospitalisation"/>'
    out = '<dischargeDispositionCode code="8" displayName="Domicile"/><location>'
    around = the_letter((STAY, STAY + said), ("<location>", out)).around
    assert around.encounter == Code("IMP", "1.2", "Hospitalisation")
    assert around.disposition == Code("8", "", "Domicile")
