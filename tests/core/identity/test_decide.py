from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.identity.identities import CLAIM, LOCAL

from liaison.core.identity.decide import RULES, decide
from liaison.core.identity.ins import ins_key
from liaison.core.identity.traits import LocalIdentity
from liaison.core.notices import Notice
from liaison.core.people import INS_DEMO, INS_NIA, INS_NIR, INS_TEST, Identifier, Patient

AT_ODDS = Notice("patient_contradiction", "Les métadonnées et le document ne désignent pas la même personne.")
NEIGHBOUR = LocalIdentity(
    "r2", "s1", "135065145400150", INS_NIR, "QUAL", frozenset(), "DUBOIS", "PAUL", "", "", "1935-06-02", "M", "51454"
)


def test_rule_1_one_qualified_resident_with_every_trait_equal_is_certain() -> None:
    decision = decide(CLAIM, [NEIGHBOUR, LOCAL])
    assert (decision.rule, decision.kind, decision.resident_key, decision.error_code) == (1, "certain", "r1", "")
    assert [comparison.verdict for comparison in decision.evidence] == ["equal"] * 7


@pytest.mark.parametrize(
    ("trait", "value"),
    [
        ("birth_family", "PAT-QUATRE"),
        ("birth_given", "DOMINIC"),
        ("given_names", "DOMINIQUE LOUISE"),
        ("birth_date", "1976-05-31"),
        ("sex", "M"),
        ("birth_place", "51454"),
        ("ins_oid", "1.2.250.1.213.1.4.9"),
    ],
)
def test_rule_2_a_trait_that_differs_answers_904(trait: str, value: str) -> None:
    decision = decide(replace(CLAIM, **{trait: value}), [LOCAL])
    assert (decision.rule, decision.kind, decision.resident_key) == (2, "trait_differs", "r1")
    assert decision.error_code == "904"
    assert "differs" in {comparison.verdict for comparison in decision.evidence}


def test_rule_2_the_same_traits_with_another_matricule_answer_904() -> None:
    other = replace(LOCAL, ins="279035121519080")
    decision = decide(CLAIM, [other])
    assert (decision.rule, decision.resident_key, decision.error_code) == (2, "r1", "904")


def test_rule_2_a_trait_the_home_does_not_hold_is_not_certain() -> None:
    assert decide(CLAIM, [replace(LOCAL, birth_place="")]).rule == 2


@pytest.mark.parametrize("trait", ["birth_family", "birth_date", "sex", "birth_place"])
def test_rule_3_a_matricule_without_all_its_traits_answers_905(trait: str) -> None:
    decision = decide(replace(CLAIM, **{trait: ""}), [LOCAL])
    assert (decision.rule, decision.kind, decision.error_code) == (3, "incomplete_ins", "905")
    assert decision.resident_key == "r1"


def test_rule_4_no_ins_answers_903_and_proposes_candidates() -> None:
    claim = replace(CLAIM, ins="", ins_oid="", ids=(Identifier("1.2.3", "42"),))
    decision = decide(claim, [LOCAL, NEIGHBOUR])
    assert (decision.rule, decision.kind, decision.resident_key) == (4, "no_ins", None)
    assert decision.error_code == "903"
    assert [candidate.key for candidate in decision.candidates] == ["r1"]


def test_rule_4_a_number_under_another_root_is_no_ins() -> None:
    assert decide(replace(CLAIM, ins_oid="1.2.250.1.213.1.4.13"), [LOCAL]).kind == "no_ins"


def test_rule_4_a_document_that_names_nobody_has_no_candidate() -> None:
    decision = decide(None, [LOCAL])
    assert (decision.rule, decision.kind, decision.candidates) == (4, "no_ins", ())


def test_rule_5_an_ins_nobody_holds_answers_902() -> None:
    decision = decide(CLAIM, [NEIGHBOUR])
    assert (decision.rule, decision.kind, decision.error_code, decision.evidence) == (5, "unknown", "902", ())


@pytest.mark.parametrize("status", ["PROV", "RECUP", "VALI"])
@pytest.mark.parametrize("matricule", ["", "279035121518989"])
def test_rule_6_an_identity_not_qualified_here_is_never_certain(status: str, matricule: str) -> None:
    local = replace(LOCAL, ins_status=status, ins=matricule, ins_oid=INS_NIR if matricule else "")
    decision = decide(CLAIM, [local])
    assert (decision.rule, decision.kind, decision.resident_key) == (6, "not_qualified", "r1")


@pytest.mark.parametrize("attribute", ["DOUT", "FICT"])
def test_rule_6_a_doubtful_or_fictive_identity_is_never_certain(attribute: str) -> None:
    assert decide(CLAIM, [replace(LOCAL, attributes=frozenset({attribute}))]).rule == 6


def test_rule_7_two_residents_with_the_matricule_are_both_shown() -> None:
    decision = decide(CLAIM, [LOCAL, replace(LOCAL, key="r9", birth_family="AUTRE", birth_given="PAUL")])
    assert (decision.rule, decision.kind, decision.resident_key) == (7, "several", None)
    assert {candidate.key for candidate in decision.candidates} == {"r1", "r9"}


def test_rule_7_a_doublon_without_matricule_is_seen() -> None:
    doublon = replace(LOCAL, key="r9", ins="", ins_oid="", ins_status="PROV")
    assert decide(CLAIM, [LOCAL, doublon]).kind == "several"


def test_rule_9_parts_that_disagree_are_never_certain() -> None:
    decision = decide(CLAIM, [LOCAL], contradictions=[AT_ODDS])
    assert (decision.rule, decision.kind, decision.resident_key) == (9, "contradiction", "r1")
    assert decide(None, [LOCAL], contradictions=[AT_ODDS]).kind == "contradiction"


def test_rule_10_a_wrong_key_is_never_certain_even_when_both_sides_bear_it() -> None:
    decision = decide(replace(CLAIM, ins="279035121518988"), [replace(LOCAL, ins="279035121518988")])
    assert (decision.rule, decision.kind) == (10, "contradiction")


@pytest.mark.parametrize("root", [INS_TEST, INS_DEMO])
def test_rule_11_a_test_identity_is_certain_only_where_tests_are_accepted(root: str) -> None:
    claim, local = replace(CLAIM, ins_oid=root), replace(LOCAL, ins_oid=root)
    assert (decide(claim, [local]).rule, decide(claim, [local]).kind) == (11, "contradiction")
    assert decide(claim, [local], accept_test_ins=True).kind == "certain"


def corrected(**before: str) -> LocalIdentity:
    """The resident, whose identity was another before somebody corrected it."""
    return replace(LOCAL, former=(replace(LOCAL, **before),))


def test_rule_12_an_identity_corrected_since_is_recognised_and_compared() -> None:
    claim = replace(CLAIM, ins="135065145400150", birth_family="PAT-QUATRE")
    held = corrected(ins="135065145400150", birth_family="PAT-QUATRE")
    decision = decide(claim, [held])
    assert (decision.rule, decision.kind, decision.resident_key) == (12, "former_identity", "r1")
    assert "differs" in {comparison.verdict for comparison in decision.evidence}


def test_rule_12_never_hides_the_resident_who_holds_the_matricule_now() -> None:
    heir = replace(NEIGHBOUR, key="heir", ins=CLAIM.ins)
    decision = decide(CLAIM, [heir, replace(LOCAL, ins="", ins_oid="", birth_family="X", former=(LOCAL,))])
    assert (decision.rule, decision.resident_key) == (2, "heir")


def test_rule_7_two_residents_who_held_the_identity_before_are_both_shown() -> None:
    one = replace(LOCAL, ins="", ins_oid="", birth_family="X", former=(LOCAL,))
    decision = decide(CLAIM, [one, replace(one, key="r9")])
    assert (decision.rule, decision.resident_key) == (7, None)
    assert {candidate.key for candidate in decision.candidates} == {"r1", "r9"}


def test_a_former_name_is_a_candidate_and_says_so() -> None:
    claim = replace(CLAIM, ins="", ins_oid="", birth_family="ANCIENNOM")
    (candidate,) = decide(claim, [corrected(birth_family="ANCIENNOM")]).candidates
    assert (candidate.key, candidate.former) == ("r1", True)
    assert not decide(replace(CLAIM, ins="", ins_oid=""), [corrected(birth_family="ANCIENNOM")]).candidates[0].former


def test_a_twin_is_said_and_changes_no_rule() -> None:
    twin = replace(LOCAL, key="r2", ins="279035121519080", birth_given="CLAUDE", given_names="CLAUDE ANNE")
    decision = decide(CLAIM, [LOCAL, twin])
    assert (decision.rule, decision.resident_key) == (1, "r1")
    assert [alert.code for alert in decision.alerts] == ["identity_twin"]


def test_a_namesake_of_another_birth_and_the_attribute_homonym_are_said() -> None:
    namesake = replace(LOCAL, key="r2", ins="", birth_date="1950-01-01", birth_place="")
    marked = replace(LOCAL, attributes=frozenset({"HOMA"}))
    codes = [alert.code for alert in decide(CLAIM, [marked, namesake]).alerts]
    assert codes == ["identity_homonym", "identity_namesake"]
    assert decide(CLAIM, [marked]).rule == 1


def test_a_nia_beside_the_nir_of_the_home_is_compared_and_said() -> None:
    nia = "7790351215189" + ins_key("7790351215189")
    decision = decide(replace(CLAIM, ins=nia, ins_oid=INS_NIA), [LOCAL])
    assert (decision.rule, decision.resident_key) == (2, "r1")
    assert "identity_nia" in [alert.code for alert in decision.alerts]


def test_a_matricule_that_contradicts_its_own_traits_is_said() -> None:
    decision = decide(replace(CLAIM, sex="M", birth_date="1941-12-28"), [LOCAL])
    codes = {alert.code for alert in decision.alerts}
    assert codes == {"ins_sex_differs", "ins_year_differs", "ins_month_differs"}


def test_the_sentence_names_the_traits_it_stumbles_on() -> None:
    assert "(date de naissance, sexe)" in decide(replace(CLAIM, birth_date="1979-03-29", sex="M"), [LOCAL]).sentence
    assert "(lieu de naissance (code insee))" in decide(replace(CLAIM, birth_place=""), [LOCAL]).sentence


def test_a_resident_of_another_home_is_a_candidate_elsewhere_and_nothing_else() -> None:
    abroad = replace(LOCAL, key="there", site="s2")
    decision = decide(CLAIM, [NEIGHBOUR], elsewhere=[abroad])
    assert (decision.rule, decision.resident_key, decision.candidates) == (5, None, ())
    assert [candidate.key for candidate in decision.elsewhere] == ["there"]


def test_rule_8_is_a_row_of_the_table_that_no_document_reaches() -> None:
    (rule,) = [rule for rule in RULES if rule.number == 8]
    assert (rule.kind, rule.error_code) == ("never_overwritten", "")
    assert [rule.number for rule in RULES] == list(range(1, 13))


def test_only_rule_1_is_certain_and_every_other_asks_a_person() -> None:
    assert [rule.number for rule in RULES if rule.kind == "certain"] == [1]
    assert {rule.error_code for rule in RULES} == {"", "902", "903", "904", "905", "906"}
    assert len({rule.number for rule in RULES}) == len(RULES)


values = st.sampled_from(
    ["", "X", "279035121518989", "PAT-TROIS", "DOMINIQUE", "1979-03-28", "M", "F", "51215", INS_NIR]
)
statuses = st.sampled_from(["PROV", "RECUP", "VALI", "QUAL"])
TRAITS = ("ins", "ins_oid", "birth_family", "birth_given", "birth_date", "sex", "birth_place")


@given(
    st.dictionaries(st.sampled_from(TRAITS), values, max_size=2),
    st.dictionaries(st.sampled_from(TRAITS), values, max_size=2),
    statuses,
    st.integers(0, 2),
)
def test_certain_always_means_qualified_valid_equal_and_single(
    claimed: dict[str, str], held: dict[str, str], status: str, twice: int
) -> None:
    claim, local = replace(CLAIM, **claimed), replace(LOCAL, ins_status=status, **held)
    decision = decide(claim, [local, NEIGHBOUR] + [replace(local, key=f"d{i}") for i in range(twice)])
    assert (decision.kind == "certain") == (decision.rule == 1)
    if decision.kind == "certain":
        assert (status, twice, claim.ins) == ("QUAL", 0, "279035121518989")
        assert {comparison.verdict for comparison in decision.evidence} == {"equal"}
    if (claimed, held, status, twice) == ({}, {}, "QUAL", 0):
        assert decision.kind == "certain"


@given(
    st.dictionaries(st.sampled_from(TRAITS), values, max_size=2),
    st.dictionaries(st.sampled_from(TRAITS), values, max_size=2),
    st.booleans(),
)
def test_no_resident_of_another_home_ever_changes_what_is_decided(
    claimed: dict[str, str], held: dict[str, str], known_here: bool
) -> None:
    claim: Patient = replace(CLAIM, **claimed)
    here = [NEIGHBOUR, *([LOCAL] if known_here else [])]
    abroad = [replace(LOCAL, key="there", site="s2", **held), replace(LOCAL, key="there too", site="s3")]
    alone, with_others = decide(claim, here), decide(claim, here, elsewhere=abroad)
    assert replace(with_others, elsewhere=()) == alone


@given(st.sampled_from(TRAITS), values, st.sampled_from(["PROV", "RECUP", "VALI", "QUAL"]))
def test_a_former_identity_alone_is_never_certain(trait: str, value: str, status: str) -> None:
    now = replace(LOCAL, ins="", ins_oid="", birth_family="AUTRE", ins_status=status)
    decision = decide(CLAIM, [replace(now, **{trait: value}, former=(LOCAL,))])
    assert decision.kind != "certain" or now.ins == LOCAL.ins


@given(st.sampled_from(TRAITS), values)
def test_the_sentence_never_repeats_personal_data(trait: str, value: str) -> None:
    sentence = decide(replace(CLAIM, **{trait: value}), [LOCAL]).sentence.upper()
    assert not any(word in sentence for word in ("PAT-TROIS", "DOMINIQUE", "1979", "51215", "27903"))
