from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.core.cda.values import SECTION_ADMISSION, SECTION_DISCHARGE, SECTION_STOPPED, Code, MedicationLine
from liaison.core.medication.compare import HL7_CODES, ComparisonLine, compare
from liaison.core.medication.line import ATC, CIP, CIS, UCD, CurrentLine

AMLODIPINE = CurrentLine(
    key="t1",
    label="AMLODIPINE 5 mg gélule",
    substance="amlodipine",
    codes=(Code("60000001", CIS), Code("C08CA01", ATC)),
    dose="5 mg",
    frequency="1/j",
    route="orale",
)
AT_DISCHARGE = MedicationLine(
    section=SECTION_DISCHARGE,
    name="Amlodipine 5 mg gél.",
    codes=(Code("60000001", CIS),),
    dose="5 mg",
    frequency="1 fois par jour",
)
KARDEGIC = CurrentLine("t2", "KARDEGIC 75 mg sachet", "acide acétylsalicylique", (), "1 sachet", "1/j")


def only(current: CurrentLine, letter: MedicationLine) -> ComparisonLine:
    lines = compare([current], [letter]).lines
    assert len(lines) == 1, lines
    return lines[0]


def statuses(current: list[CurrentLine], letter: list[MedicationLine]) -> list[str]:
    return [line.status for line in compare(current, letter).lines]


def test_the_same_drug_and_posology_is_continued() -> None:
    line = only(AMLODIPINE, AT_DISCHARGE)
    assert (line.number, line.status, line.hl7_code, line.change) == (1, "continued", "10000001", "")
    assert (line.current_key, line.letter_index, line.label) == ("t1", 0, "AMLODIPINE 5 mg gélule")
    assert line.proposal == "Amlodipine 5 mg gél., 5 mg, 1 fois par jour"


def test_another_dose_is_modified_and_said_in_words() -> None:
    line = only(AMLODIPINE, replace(AT_DISCHARGE, dose="2,5 mg", reason="hypotension"))
    assert (line.status, line.hl7_code, line.reason) == ("modified", "10000004", "hypotension")
    assert line.change == "dose : 5 mg → 2,5 mg"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"frequency": "2/j"}, "fréquence : 1/j → 2/j"),
        ({"route": "sonde"}, "voie : orale → sonde"),
        ({"as_needed": True}, "si besoin : non → oui"),
    ],
)
def test_each_part_of_a_posology_counts(changed: dict[str, str | bool], words: str) -> None:
    line = only(AMLODIPINE, replace(AT_DISCHARGE, **changed))
    assert (line.status, line.change) == ("modified", words)


def test_another_strength_of_the_same_substance_is_modified() -> None:
    letter = replace(AT_DISCHARGE, name="AMLODIPINE 10 mg gél.", codes=(Code("C08CA01", ATC),), dose="1 gélule")
    line = only(replace(AMLODIPINE, dose="1 gél"), letter)
    assert (line.status, line.change) == ("modified", "dosage : 5 mg → 10 mg")


def test_another_brand_of_the_same_substance_is_equivalent() -> None:
    line = only(AMLODIPINE, replace(AT_DISCHARGE, name="AMLOR 5 mg", codes=(Code("C08CA01", ATC),)))
    assert (line.status, line.hl7_code) == ("equivalent", "10000002")
    assert line.change == "spécialité : AMLODIPINE → AMLOR"


def test_prolonged_release_is_not_taken_for_the_immediate_form() -> None:
    current = CurrentLine("k", "TRAMADOL 100 mg", "tramadol", (), "100 mg", "2/j")
    line = only(current, MedicationLine(SECTION_DISCHARGE, "TRAMADOL LP 100 mg", (), dose="100 mg", frequency="2/j"))
    assert (line.status, line.change) == ("equivalent", "forme : TRAMADOL 100 mg → TRAMADOL LP 100 mg")
    assert line.high_risk == "opioïdes"


def test_a_drug_absent_from_the_letter_is_not_mentioned_never_stopped() -> None:
    line = compare([KARDEGIC], []).lines[0]
    assert (line.status, line.hl7_code, line.letter_index) == ("not_mentioned", "", None)
    assert line.proposal == "La lettre n'en parle pas."


def test_a_drug_in_the_stopped_section_is_stopped_with_its_reason() -> None:
    letter = MedicationLine(SECTION_STOPPED, "Kardégic", reason="saignement")
    line = only(KARDEGIC, letter)
    assert (line.status, line.hl7_code, line.reason) == ("stopped", "10000003", "saignement")
    assert line.proposal == "Arrêter Kardégic"


def test_a_drug_only_in_the_letter_is_started() -> None:
    letter = MedicationLine(SECTION_DISCHARGE, "ELIQUIS 2,5 mg", (Code("B01AF02", ATC),), dose="1 cp", as_needed=False)
    line = compare([KARDEGIC], [letter]).lines[1]
    assert (line.number, line.status, line.hl7_code, line.current_key) == (2, "started", "10000005", None)
    assert (line.high_risk, line.proposal) == ("anticoagulants", "ELIQUIS 2,5 mg, 1 cp")


def test_a_drug_cited_at_admission_only_says_nothing_of_the_discharge() -> None:
    line = only(KARDEGIC, MedicationLine(SECTION_ADMISSION, "Kardégic 75 mg"))
    assert (line.status, line.letter_index) == ("not_mentioned", 0)
    assert "avant la sortie" in line.change


def test_a_negated_line_is_never_a_go_ahead() -> None:
    assert statuses([AMLODIPINE], [replace(AT_DISCHARGE, negated=True)]) == ["stopped"]
    assert statuses([AMLODIPINE], [replace(AT_DISCHARGE, negated=True, section=SECTION_STOPPED)]) == ["not_mentioned"]


def test_what_the_letter_leaves_unsaid_is_said() -> None:
    line = only(AMLODIPINE, replace(AT_DISCHARGE, dose=""))
    assert (line.status, line.change) == ("continued", "dose non précisée dans la lettre (5 mg avant)")


@pytest.mark.parametrize("system", [CIS, CIP, UCD, ATC])
def test_each_code_system_pairs_lines_whatever_their_names(system: str) -> None:
    code = (Code("N02BE01", system),)
    current = CurrentLine("k", "DOLIPRANE 1 g", "", code, "1 g", "3/j")
    only(current, MedicationLine(SECTION_DISCHARGE, "paracétamol 1000 mg", code, dose="1000 mg", frequency="3/j"))


def test_a_brand_is_paired_with_its_substance() -> None:
    line = only(KARDEGIC, MedicationLine(SECTION_DISCHARGE, "Acide acétylsalicylique 75 mg", dose="1 sachet"))
    assert line.status == "equivalent"


def test_a_surer_code_wins_over_a_name() -> None:
    twin = replace(AMLODIPINE, key="t9", codes=(Code("60000009", CIS),))
    lines = compare([twin, AMLODIPINE], [AT_DISCHARGE]).lines
    assert [(line.current_key, line.status) for line in lines] == [("t9", "not_mentioned"), ("t1", "continued")]


def test_two_substances_under_one_name_are_kept_apart_by_their_codes() -> None:
    current = CurrentLine("k", "ASPIRINE", "", (Code("B01AC06", ATC),))
    letter = MedicationLine(SECTION_DISCHARGE, "ASPIRINE", (Code("N02BA01", ATC),))
    assert statuses([current], [letter]) == ["not_mentioned", "started"]


def test_duplicates_are_kept_apart_and_said() -> None:
    doubled = MedicationLine(SECTION_DISCHARGE, "Amlodipine 10 mg", (Code("C08CA01", ATC),), dose="10 mg")
    lines = compare([AMLODIPINE, replace(AMLODIPINE, key="t3", frequency="2/j")], [doubled]).lines
    assert [line.status for line in lines] == ["not_mentioned", "not_mentioned", "started"]
    assert lines[2].change == "même substance que les lignes 1, 2"


def test_among_duplicates_the_line_that_says_the_same_is_paired() -> None:
    evening = replace(AMLODIPINE, key="t3", dose="10 mg", frequency="le soir")
    letter = [replace(AT_DISCHARGE, dose="10 mg", frequency="le soir"), AT_DISCHARGE]
    lines = compare([AMLODIPINE, evening], letter).lines
    assert [(line.current_key, line.letter_index) for line in lines] == [("t1", 1), ("t3", 0)]
    assert {line.status for line in lines} == {"continued"}


def test_a_stop_and_a_start_of_one_drug_are_two_lines() -> None:
    stop = MedicationLine(SECTION_STOPPED, "Amlodipine 5 mg", (Code("C08CA01", ATC),), dose="5 mg", frequency="1/j")
    start = replace(stop, section=SECTION_DISCHARGE, name="Amlodipine 10 mg", dose="10 mg")
    lines = compare([AMLODIPINE], [start, stop]).lines
    assert [(line.status, line.letter_index) for line in lines] == [("stopped", 1), ("started", 0)]
    assert lines[1].change == "même substance que la ligne 1"


NAMES = st.sampled_from(
    ["AMLODIPINE 5 mg", "AMLOR 5 mg", "KARDEGIC 75 mg", "DOLIPRANE", "paracétamol 1 g", "", "LASILIX"]
)
CODES = st.lists(
    st.builds(Code, st.sampled_from(["1", "C08CA01", "N02BE01"]), st.sampled_from([CIS, CIP, UCD, ATC])), max_size=2
).map(tuple)
TEXTS = st.sampled_from(["", "1 cp", "5 mg", "2/j"])
SECTIONS = st.sampled_from([SECTION_DISCHARGE, SECTION_STOPPED, SECTION_ADMISSION, ""])
CURRENT = st.lists(
    st.builds(CurrentLine, st.just(""), NAMES, TEXTS, CODES, TEXTS, TEXTS, TEXTS, st.booleans()), max_size=7
).map(lambda lines: [replace(line, key=f"k{position}") for position, line in enumerate(lines)])
LETTER = st.lists(
    st.builds(MedicationLine, SECTIONS, NAMES, CODES, negated=st.booleans(), dose=TEXTS, frequency=TEXTS), max_size=7
)


@given(CURRENT, LETTER)
def test_every_line_of_both_sides_is_shown_exactly_once(
    current: list[CurrentLine], letter: list[MedicationLine]
) -> None:
    comparison = compare(current, letter)
    shown = comparison.lines
    assert [line.number for line in shown] == list(range(1, len(shown) + 1))
    assert [line.current_key for line in shown if line.current_key is not None] == [line.key for line in current]
    assert sorted(line.letter_index for line in shown if line.letter_index is not None) == list(range(len(letter)))
    assert all(line.current_key is not None or line.letter_index is not None for line in shown)
    assert (comparison.current_count, comparison.letter_count) == (len(current), len(letter))


@given(CURRENT, LETTER)
def test_nothing_is_stopped_or_started_unless_the_letter_says_so(
    current: list[CurrentLine], letter: list[MedicationLine]
) -> None:
    for line in compare(current, letter).lines:
        assert line.hl7_code == HL7_CODES[line.status]
        said = None if line.letter_index is None else letter[line.letter_index]
        if said is None:
            assert line.status == "not_mentioned"
        elif line.status == "stopped":
            assert said.section == SECTION_STOPPED or said.negated
        elif line.status in {"started", "continued", "modified", "equivalent"}:
            assert said.section in {SECTION_DISCHARGE, ""}
            assert not said.negated


@given(CURRENT)
def test_a_letter_that_repeats_the_treatment_changes_nothing(current: list[CurrentLine]) -> None:
    letter = [
        MedicationLine(
            SECTION_DISCHARGE,
            line.label,
            line.codes,
            dose=line.dose,
            frequency=line.frequency,
            as_needed=line.as_needed,
        )
        for line in current
        if line.label
    ]
    named = [line for line in current if line.label]
    found = [line.status for line in compare(named, letter).lines]
    assert found == ["continued"] * len(named)
