"""How far the treatments of a document can be read: drugs, vaccines, absences, and words that only a person reads."""

import pytest
from tests.core.cda.makers import LETTER, a_drug, a_section, bent, readable

from liaison.core.cda.build import build_discharge_letter
from liaison.core.cda.read import read_cda

XML = build_discharge_letter(LETTER)


def test_a_letter_without_entries_has_treatments_to_read_and_not_none() -> None:
    document = readable(read_cda(a_section("10183-2", "Kardégic 75 mg le matin")))
    assert (document.treatments, document.medications) == ("narrative_only", ())


def test_a_section_without_entries_gives_the_rows_of_its_tables() -> None:
    text = "<table><tr><th>Médicament</th><th>Dose</th></tr><tr><td>Aspirine</td><td/></tr></table>"
    (told,) = readable(read_cda(a_section("10183-2", text))).sections
    (coded,) = readable(read_cda(a_section("10183-2", text, a_drug("Aspirine")))).sections
    assert (told.rows, coded.rows) == ((("Médicament", "Dose"), ("Aspirine", "")), ())


def test_a_stated_absence_of_treatment_is_no_drug() -> None:
    entry = a_drug("Aucun", '<code code="no-known-medications" codeSystem="2.16.840.1.113883.5.1150.1"/>')
    document = readable(read_cda(a_section("10183-2", "Aucun traitement", entry)))
    assert (document.treatments, document.medications) == ("none_stated", ())


ABSENCE, SNOMED = "2.16.840.1.113883.5.1150.1", "2.16.840.1.113883.6.96"


@pytest.mark.parametrize(
    ("code", "system", "treatments"),
    [
        ("no-known-medications", ABSENCE, "none_stated"),
        ("no-medication-info", ABSENCE, "narrative_only"),
        ("182849000", SNOMED, "none_stated"),
        ("182904002", SNOMED, "narrative_only"),
    ],
)
def test_only_none_is_none_and_no_information_is_not(code: str, system: str, treatments: str) -> None:
    entry = a_drug("", f'<code code="{code}" codeSystem="{system}" displayName="Aucune information"/>')
    document = readable(read_cda(a_section("10183-2", "À demander", entry)))
    assert (document.treatments, document.medications) == (treatments, ())


def and_a_section(data: bytes, code: str, text: str, *entries: str) -> bytes:
    """The document with another section after its own."""
    section = a_section(code, text, *entries).decode().partition("<structuredBody>")[2].partition("</structured")[0]
    return bent(data, ("</structuredBody>", f"{section}</structuredBody>"))


@pytest.mark.parametrize(
    ("section", "code"), [("18610-6", "no-known-medications"), ("11369-6", "no-known-immunizations")]
)
def test_none_stated_elsewhere_does_not_hide_the_treatments_told_in_words(section: str, code: str) -> None:
    none = a_drug("", f'<code code="{code}" codeSystem="{ABSENCE}"/>')
    data = and_a_section(a_section(section, "Aucun", none), "10183-2", "Kardégic 75 mg le matin")
    assert readable(read_cda(data)).treatments == "narrative_only"


def test_none_stated_over_a_table_of_drugs_is_not_believed() -> None:
    rows = "".join(f"<tr><td>{name}</td><td>1</td></tr>" for name in ("Aspirine", "Oxazépam"))
    text = f"<table><tr><th>Médicament</th><th>Dose</th></tr>{rows}</table>"
    none = a_drug("", f'<code code="no-known-medications" codeSystem="{ABSENCE}"/>')
    assert readable(read_cda(a_section("10183-2", text, none))).treatments == "narrative_only"


@pytest.mark.parametrize(
    ("section", "template"),
    [("11369-6", "1.3.6.1.4.1.19376.1.5.3.1.4.12"), ("10183-2", "1.2.250.1.213.1.1.3.45"), ("11369-6", "1.2.3")],
)
def test_an_immunization_is_no_treatment(section: str, template: str) -> None:
    vaccine = a_drug("Vaccin", f'<templateId root="{template}"/>')
    assert readable(read_cda(a_section(section, "", vaccine))).medications == ()


def test_a_drug_dated_by_a_single_day_starts_then() -> None:
    given = a_drug("Ceftriaxone 1 g", '<effectiveTime value="20260304"/>')
    (line,) = readable(read_cda(a_section("10183-2", "", given))).medications
    assert (line.start, line.end) == ("2026-03-04", "")


def test_the_steps_of_a_tapered_dose_are_one_drug() -> None:
    frequency = '<effectiveTime><period value="{}" unit="h"/></effectiveTime><doseQuantity value="{}" unit="{{tbl}}"/>'
    steps = "".join(
        f'<entryRelationship typeCode="COMP">{a_drug("", frequency.format(hours, dose))}</entryRelationship>'
        for hours, dose in ((8, 2), (12, 1))
    )
    entry = a_drug("Prednisone 5 mg").replace("</substance", f"{steps}</substance")
    (line,) = readable(read_cda(a_section("10183-2", "", entry))).medications
    assert line.dose == "2 comprimés 1 fois toutes les 8 h ; 1 comprimé 1 fois toutes les 12 h"


def test_meal_times_are_said_in_words() -> None:
    times = '<effectiveTime><event code="ACM"/></effectiveTime><effectiveTime><event code="HS"/></effectiveTime>'
    (line,) = readable(read_cda(a_section("10183-2", "", a_drug("Metformine", times)))).medications
    assert line.frequency == "avant le petit-déjeuner, au coucher"


def test_a_treatment_known_by_its_length_has_a_duration_and_no_end() -> None:
    times = '<effectiveTime><low value="20260304"/><width value="10" unit="d"/></effectiveTime>'
    (line,) = readable(read_cda(a_section("10183-2", "", a_drug("Amoxicilline", times)))).medications
    assert (line.start, line.end, line.duration) == ("2026-03-04", "", "10 jours")


def test_a_magistral_preparation_is_named_by_the_text_it_points_to() -> None:
    entry = a_drug("", "<text/>").replace(
        "<name></name>", '<code><originalText><reference value="m"/></originalText></code>'
    )
    text = '<content ID="m">Préparation :<br/>vaseline 70 g</content>'
    (line,) = readable(read_cda(a_section("10183-2", text, entry))).medications
    assert (line.name, line.codes) == ("Préparation : vaseline 70 g", ())


def test_a_negated_or_intended_line_says_so() -> None:
    entry = a_drug("Aspirine", moodCode="INT", negationInd="true")
    (line,) = readable(read_cda(a_section("10183-2", "", entry))).medications
    assert (line.mood, line.negated) == ("INT", True)


def test_a_table_with_more_drugs_than_entries_is_a_warning() -> None:
    rows = "".join(f"<tr><td>{name}</td></tr>" for name in ("Aspirine", "Oxazépam"))
    text = f"<table><thead><tr><th>Médicament</th><th>Dose</th></tr></thead><tbody>{rows}</tbody></table>"
    document = readable(read_cda(a_section("10183-2", text, a_drug("Aspirine"))))
    assert [notice.code for notice in document.notices if notice.code.startswith("treat")] == [
        "treatments_differ_from_text"
    ]


def test_a_discharge_list_in_text_beside_coded_stops_is_a_warning() -> None:
    start, _, rest = XML.decode().partition("Traitements à la sortie</title>")
    text, _, rest = rest.partition("</text>")
    silent = f"{start}Traitements à la sortie</title>{text}</text></section>{rest.partition('</section>')[2]}"
    document = readable(read_cda(silent.encode()))
    assert {line.section for line in document.medications} == {"18610-6"}
    assert "treatments_differ_from_text" in {notice.code for notice in document.notices}


def test_a_table_and_entries_that_agree_raise_no_warning() -> None:
    text = "<table><tr><th>Médicament</th><th>Dose</th></tr><tr><td>Aspirine</td><td>75 mg</td></tr></table>"
    document = readable(read_cda(a_section("10183-2", text, a_drug("Aspirine"))))
    assert "treatments_differ_from_text" not in {notice.code for notice in document.notices}


def test_a_row_that_annotates_the_one_above_is_no_treatment_of_its_own() -> None:
    note = '<tr><td colspan="2">Instruction au patient : au repas</td></tr>'
    rows = f"<tr><td>Aspirine</td><td>75 mg</td></tr>{note}"
    text = f"<table><tr><th>Médicament</th><th>Dose</th></tr>{rows}</table>"
    document = readable(read_cda(a_section("10183-2", text, a_drug("Aspirine"))))
    assert "treatments_differ_from_text" not in {notice.code for notice in document.notices}


def test_the_stop_of_all_treatments_alerts() -> None:
    stop = '<observation><code code="MED-052"/><value value="true"/></observation>'
    notices = readable(read_cda(a_section("10183-2", "Arrêt", stop))).notices
    assert "all_treatments_stopped" in {notice.code for notice in notices}
