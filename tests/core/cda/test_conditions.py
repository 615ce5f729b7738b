"""Problems, devices, stated absences and related documents, as the CI-SIS entries code them."""

from tests.core.cda.makers import LETTER, a_drug, a_letter, a_section, readable, the_letter

from liaison.core.cda.build import build_discharge_letter
from liaison.core.cda.read import read_cda
from liaison.core.cda.values import Carriage, Code, Device, Problem, RelatedDocument
from liaison.core.people import Identifier

CIM_10 = "2.16.840.1.113883.6.3"
ABSENT = "2.16.840.1.113883.5.1150.1"
PROBLEM = '<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5"/>'


def a_problem(inside: str, status: str = "active", **attributes: str) -> str:
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    finding = f"<observation{said}>{PROBLEM}{inside}</observation>"
    return f'<act><statusCode code="{status}"/><entryRelationship>{finding}</entryRelationship></act>'


def test_a_problem_is_read_with_its_codes_dates_and_the_status_of_its_concern() -> None:
    time = '<effectiveTime><low value="20180422"/><high value="201804"/></effectiveTime>'
    other = '<translation code="36689008" codeSystem="2.16.840.1.113883.6.96" displayName="pyélonéphrite"/>'
    value = f'<value code="N10" codeSystem="{CIM_10}" displayName="Pyélonéphrite aiguë">{other}</value>'
    entry = a_problem(f'<text><reference value="#p"/></text>{time}{value}', "completed")
    text = '<table><tr><td>Avril 2018</td><td><content ID="p">Pyélonéphrite</content></td></tr></table>'
    (problem,) = readable(read_cda(a_section("11348-0", text, entry))).problems
    assert problem == Problem(
        label="Pyélonéphrite aiguë",
        codes=(
            Code("N10", CIM_10, "Pyélonéphrite aiguë"),
            Code("36689008", "2.16.840.1.113883.6.96", "pyélonéphrite"),
        ),
        start="2018-04-22",
        end="2018-04",
        status="completed",
        section="11348-0",
        narrative="Avril 2018 | Pyélonéphrite",
    )


def test_a_problem_without_a_code_is_named_by_the_text_it_points_to() -> None:
    entry = a_problem('<value nullFlavor="OTH"><originalText><reference value="p"/></originalText></value>')
    document = readable(read_cda(a_section("11450-4", '<content ID="p">Chutes à répétition</content>', entry)))
    assert [problem.label for problem in document.problems] == ["Chutes à répétition"]


def test_a_denied_problem_says_so() -> None:
    entry = a_problem(f'<value code="I10" codeSystem="{CIM_10}" displayName="HTA"/>', negationInd="true")
    assert [problem.negated for problem in readable(read_cda(a_section("11450-4", "", entry))).problems] == [True]


def test_neither_an_allergy_nor_its_reaction_is_a_problem() -> None:
    document = readable(read_cda(build_discharge_letter(LETTER)))
    assert [allergy.reaction for allergy in document.allergies] == ["Urticaire", ""]
    assert document.problems == ()


def test_the_reaction_to_a_vaccine_is_no_problem() -> None:
    fever = f'<observation>{PROBLEM}<value code="R50.2" codeSystem="{CIM_10}"/></observation>'
    vaccine = a_drug("Vaccin", f'<entryRelationship typeCode="CAUS">{fever}</entryRelationship>')
    assert readable(read_cda(a_section("11369-6", "", vaccine))).problems == ()


def test_a_stated_absence_is_told_apart_from_silence_and_is_no_problem() -> None:
    entry = a_problem(f'<value code="no-known-problems" codeSystem="{ABSENT}" displayName="Aucun problème connu"/>')
    document = readable(read_cda(a_section("11450-4", "Aucun", entry)))
    assert document.problems == ()
    assert document.absences == (Code("no-known-problems", ABSENT, "Aucun problème connu"),)
    assert readable(read_cda(a_section("11450-4", "Aucun"))).absences == ()


def test_a_device_is_read_with_its_classifications_and_its_unique_identifier() -> None:
    code = '<code code="J010104" codeSystem="1.2.250.1.213.2.68" displayName="Stimulateur cardiaque"/>'
    role = (
        f'<participantRole><id root="1.2.3" extension="UDI-7"/><playingDevice>{code}</playingDevice></participantRole>'
    )
    entry = f'<supply><effectiveTime><low value="20181203"/></effectiveTime><participant>{role}</participant></supply>'
    (device,) = readable(read_cda(a_section("46264-8", "", entry))).devices
    stimulator = Code("J010104", "1.2.250.1.213.2.68", "Stimulateur cardiaque")
    assert device == Device("Stimulateur cardiaque", (stimulator,), "2018-12-03", ids=(Identifier("1.2.3", "UDI-7"),))


def test_a_personal_object_that_is_not_borne_is_no_device() -> None:
    entry = '<observation><code code="Q021003" displayName="{}"/><value value="{}"/></observation>'
    entries = (entry.format("Lunettes", "true"), entry.format("Prothèse dentaire", "false"))
    document = readable(read_cda(a_section("46264-8", "", *entries)))
    assert [device.label for device in document.devices] == ["Lunettes"]


def test_a_device_under_its_own_template_is_found_in_any_section() -> None:
    role = "<participantRole><playingDevice><manufacturerModelName>Lit médical</manufacturerModelName></playingDevice>"
    template = '<templateId root="1.2.250.1.213.1.1.3.20"/>'
    entry = f"<supply>{template}<participant>{role}</participantRole></participant></supply>"
    assert [each.label for each in readable(read_cda(a_section("18776-5", "", entry))).devices] == ["Lit médical"]


def test_related_documents_are_all_kept_and_only_the_replaced_ones_are_replaced() -> None:
    parent = '<parentDocument><id root="1.2.9" extension="A"/><setId root="1.2.8"/><versionNumber value="3"/>'
    added = f'<relatedDocument typeCode="APND">{parent}</parentDocument></relatedDocument><componentOf>'
    document = the_letter(("<componentOf>", added))
    assert document.replaces == (LETTER.header.replaces,)
    assert document.related == (
        RelatedDocument("RPLC", LETTER.header.replaces),
        RelatedDocument("APND", Identifier("1.2.9", "A"), Identifier("1.2.8"), 3),
    )


def test_devices_and_problems_of_a_letter_stand_in_its_narrative_too() -> None:
    letter = a_letter(devices=(Device("Pacemaker"),), problems=(Problem("Diabète", status="active"),))
    sections = {each.code: each.text for each in readable(read_cda(build_discharge_letter(letter))).sections}
    assert "Pacemaker" in sections["46264-8"]
    assert "Diabète" in sections["11450-4"]


def test_the_bacteria_searched_and_found_are_read_in_the_words_of_the_letter() -> None:
    assert the_letter().carriage == Carriage(searched=True, found="E. coli BLSE")
    none = readable(read_cda(build_discharge_letter(a_letter(resistant_bacteria_found=""))))
    assert none.carriage == Carriage(searched=True)
    unsearched = a_letter(resistant_bacteria_searched=False, resistant_bacteria_found="")
    assert readable(read_cda(build_discharge_letter(unsearched))).carriage == Carriage(searched=False)


def test_a_document_that_says_nothing_of_bacteria_says_nothing() -> None:
    assert readable(read_cda(a_section("11348-0", "<paragraph>x</paragraph>", ""))).carriage == Carriage()
