"""The letters of the demo say of a resident's treatments what a reader must find in them."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liaison.core.cda.build import build_discharge_letter
from liaison.core.cda.read import read_cda
from liaison.core.cda.values import CdaDocument, DischargeLetter
from liaison.core.identity.decide import decide
from liaison.core.identity.traits import LocalIdentity
from liaison.core.medication.compare import compare
from liaison.core.medication.line import CurrentLine
from liaison.demo.identity_cases import IDENTITY_CASES, IdentityCase, hospital_patient
from liaison.demo.letters import discharge_letter_for, hospital_report_for
from liaison.demo.stays import plan_of, stay_of
from liaison.demo.world import build_world
from liaison.demo.world.drugs import HOSPITAL_DRUGS
from liaison.demo.world.values import Resident

WORLD = build_world()
AT_HOME = WORLD.residents_of(WORLD.home)
NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)

residents = st.sampled_from(AT_HOME)
numbers = st.integers(min_value=0, max_value=20)
RULES: dict[IdentityCase, int] = {
    "certain": 1,
    "trait_differs": 2,
    "incomplete_ins": 3,
    "no_ins": 4,
    "unknown": 5,
}


def read(letter: DischargeLetter) -> CdaDocument:
    document = read_cda(build_discharge_letter(letter))
    assert isinstance(document, CdaDocument)
    return document


def current(resident: Resident) -> list[CurrentLine]:
    return [
        CurrentLine(
            key=str(number),
            label=line.drug.label,
            substance=line.drug.substance,
            codes=line.drug.codes,
            dose=line.dose,
            frequency=line.frequency,
            route=line.drug.route,
            as_needed=line.as_needed,
        )
        for number, line in enumerate(resident.treatments)
    ]


def locals_of_the_group() -> list[LocalIdentity]:
    return [
        LocalIdentity(
            key=each.key,
            site=each.site,
            ins=each.ins,
            ins_oid=each.ins_oid,
            ins_status=each.ins_status,
            birth_family=each.birth_family,
            birth_given=each.birth_given,
            given_names=each.given_names,
            birth_date=each.birth_date.isoformat(),
            sex=each.sex,
            birth_place=each.birth_place,
        )
        for each in WORLD.residents
    ]


@settings(max_examples=60, deadline=None)
@given(residents, numbers)
def test_a_reader_finds_in_the_letter_what_became_of_each_treatment(resident: Resident, number: int) -> None:
    stay = stay_of(WORLD, resident, number=number, now=NOW)
    plan = plan_of(WORLD, resident, stay)
    letter = discharge_letter_for(WORLD, resident, number=number, now=NOW)
    found = Counter(line.status for line in compare(current(resident), read(letter).medications).lines)
    kept = len(plan.continued) + len(plan.rebranded) + len(plan.changed)
    assert found == +Counter(
        continued=len(plan.continued),
        equivalent=len(plan.rebranded),
        modified=len(plan.changed),
        stopped=len(plan.stopped),
        not_mentioned=len(plan.forgotten),
        started=len(letter.at_discharge) - kept,
    )


@settings(max_examples=60, deadline=None)
@given(residents, numbers)
def test_every_treatment_has_one_fate(resident: Resident, number: int) -> None:
    plan = plan_of(WORLD, resident, stay_of(WORLD, resident, number=number, now=NOW))
    stopped, changed, rebranded = (
        [each.treatment for each in fate] for fate in (plan.stopped, plan.changed, plan.rebranded)
    )
    fates = [*plan.continued, *stopped, *changed, *rebranded, *plan.forgotten]
    assert sorted(fates, key=repr) == sorted(resident.treatments, key=repr)


@settings(max_examples=40, deadline=None)
@given(residents, numbers)
def test_a_stop_and_a_change_always_give_their_reason(resident: Resident, number: int) -> None:
    letter = discharge_letter_for(WORLD, resident, number=number, now=NOW)
    plan = plan_of(WORLD, resident, stay_of(WORLD, resident, number=number, now=NOW))
    assert all(line.reason for line in letter.stopped)
    assert sum(bool(line.reason) for line in letter.at_discharge) >= len(plan.changed)


@settings(max_examples=40, deadline=None)
@given(residents, numbers)
def test_heparin_is_not_added_to_an_anticoagulant(resident: Resident, number: int) -> None:
    letter = discharge_letter_for(WORLD, resident, number=number, now=NOW)
    anticoagulated = any(line.drug.atc.startswith(("B01AA", "B01AF")) for line in resident.treatments)
    heparin = HOSPITAL_DRUGS["LOVENOX"].drug.label
    assert not (anticoagulated and heparin in [line.name for line in letter.at_discharge])


@pytest.mark.parametrize("case", IDENTITY_CASES)
def test_each_identity_case_meets_its_rule(case: IdentityCase) -> None:
    resident = next(each for each in AT_HOME[10:] if each.ins_status == "QUAL")
    for number in range(4):
        letter = discharge_letter_for(WORLD, resident, case=case, number=number, now=NOW)
        decision = decide(read(letter).patient, locals_of_the_group(), accept_test_ins=True)
        assert decision.rule == RULES[case]
        if case in ("certain", "trait_differs", "incomplete_ins"):
            assert decision.resident_key == resident.key


def test_a_resident_not_qualified_at_home_is_never_certain() -> None:
    hospital = WORLD.hospitals[0]
    for resident in (each for each in AT_HOME if each.ins_status != "QUAL"):
        claim = hospital_patient(WORLD, resident, hospital)
        assert decide(claim, locals_of_the_group(), accept_test_ins=True).rule == 6


def test_every_resident_qualified_at_home_is_certain_when_the_hospital_is_right() -> None:
    hospital = WORLD.hospitals[0]
    qualified = [each for each in WORLD.residents if each.ins_status == "QUAL"]
    group = locals_of_the_group()
    for resident in qualified:
        decision = decide(hospital_patient(WORLD, resident, hospital), group, accept_test_ins=True)
        assert (decision.rule, decision.resident_key) == (1, resident.key)


def test_two_sendings_are_two_documents_and_one_sending_is_always_the_same() -> None:
    resident = AT_HOME[0]
    letter = discharge_letter_for(WORLD, resident, now=NOW)
    later = discharge_letter_for(WORLD, resident, now=NOW + timedelta(minutes=1))
    assert letter == discharge_letter_for(WORLD, resident, now=NOW)
    assert letter.header.id != later.header.id
    assert letter.header.set_id != later.header.set_id


def test_the_stay_ends_before_the_letter_is_written() -> None:
    for resident in AT_HOME:
        stay = stay_of(WORLD, resident, number=0, now=NOW)
        assert stay.start < stay.end < NOW


def test_the_words_agree_with_the_resident() -> None:
    for resident in AT_HOME:
        synthesis = discharge_letter_for(WORLD, resident, now=NOW).synthesis
        assert synthesis.startswith("Patiente de" if resident.sex == "F" else "Patient de")
        assert "{" not in synthesis


def test_a_report_tells_the_discharge_treatment_line_by_line() -> None:
    resident = AT_HOME[12]
    letter = discharge_letter_for(WORLD, resident, now=NOW)
    parts = dict(hospital_report_for(WORLD, resident, now=NOW).parts)
    assert len(parts["Traitement de sortie"]) == len(letter.at_discharge)
    assert all(line.name in " ".join(parts["Traitement de sortie"]) for line in letter.at_discharge)
    assert len(parts["Traitements arrêtés"]) == len(letter.stopped)


def test_every_kind_of_stay_is_met_among_the_residents() -> None:
    met = {stay_of(WORLD, each, number=number, now=NOW).story.key for each in AT_HOME for number in range(3)}
    assert len(met) == 8
