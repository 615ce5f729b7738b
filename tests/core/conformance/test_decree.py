"""The checklist of the decree: every demand has its rules, and a letter is told what it lacks, line by line."""

from dataclasses import replace

from tests.core.cda.makers import LETTER
from tests.core.conformance.mutations import drop, mutated
from tests.core.conformance.test_cda_rules import SOUND_LETTER, SOUND_REPORT
from tests.core.conformance.wounds import STAY

from liaison.core.cda.build import build_discharge_letter
from liaison.core.conformance.decree import DEMANDS, Item, checklist, lacking, unsaid
from liaison.core.conformance.discharge_letter import DECREE_RULES


def verdicts(content: bytes) -> dict[str, str]:
    return {item.label: item.verdict for item in checklist(content)}


def test_every_rule_of_the_decree_is_in_one_demand_and_no_demand_names_another() -> None:
    named = [rule for demand in DEMANDS for rule in (*demand.essential, *demand.details)]
    assert sorted(named) == sorted(rule.name for rule in DECREE_RULES)


def test_a_letter_that_says_all_lacks_only_what_its_posology_leaves_open() -> None:
    found = verdicts(SOUND_LETTER)
    assert {label for label, verdict in found.items() if verdict == "missing"} == set()
    assert found["Le motif d'hospitalisation"] == "said"


def test_what_the_letter_does_not_say_is_missing_with_its_sentence() -> None:
    content = build_discharge_letter(replace(LETTER, stopped=(), follow_up=()))
    found = {item.label: item for item in checklist(content)}
    assert found["Les suites à donner"] == Item(
        "Les suites à donner", "missing", ("La lettre ne dit rien des suites à donner.",)
    )
    assert "La lettre ne dit rien des suites à donner." in lacking(checklist(content))


def test_one_date_of_two_is_incomplete_and_none_is_missing() -> None:
    dates = "Les dates d'entrée et de sortie"
    assert verdicts(mutated(SOUND_LETTER, drop(f"{STAY}/h:effectiveTime/h:high")))[dates] == "incomplete"
    without = build_discharge_letter(replace(LETTER, header=replace(LETTER.header, stay_start="", stay_end="")))
    assert verdicts(without)[dates] == "missing"


def test_a_stopped_treatment_without_a_reason_is_incomplete() -> None:
    content = build_discharge_letter(replace(LETTER, stopped=(replace(LETTER.stopped[0], reason=""),)))
    assert verdicts(content)["Les traitements arrêtés, avec leur motif"] == "incomplete"


def test_a_level_1_letter_and_bytes_that_are_no_cda_have_no_checklist() -> None:
    assert checklist(SOUND_REPORT) == ()
    assert checklist(b"%PDF-1.4") == ()


def test_what_a_person_does_not_find_is_asked_for_by_its_label() -> None:
    assert unsaid([8, 0, 8]) == (DEMANDS[0].label, DEMANDS[8].label)
    assert unsaid([99, -1]) == ()
