"""The bench of facts runs small, says what it counted, and counts a wrong day as a miss."""

from benchmarks.facts import run
from benchmarks.facts.letters import FORMS, Letter, Truth, forms_of, make_letters

from liaison.core.letter_facts.values import ReadFact


def test_every_form_is_drawn_and_both_readers_are_measured() -> None:
    measured = run.measure(12)
    assert set(measured["read"]) == set(FORMS)
    for read in (reader for corpus in measured["read"].values() for reader in corpus.values()):
        assert read["kinds"]["stay"]["recall"] > 0.7
        assert sum(kind["facts"] for kind in read["kinds"].values()) > 20
    assert "Formes écrites à la fin" in run.table(measured)


def test_what_the_letter_holds_for_doubtful_counts_only_when_shown_as_such() -> None:
    letter = Letter(("Allergies",), "", (Truth("allergy", "iode", doubtful=True), Truth("allergy", "latex")))
    count = run.Count()
    count.add(letter, [ReadFact("allergy", "iode"), ReadFact("allergy", "latex")])
    assert count.of("allergy") == {"precision": 0.5, "recall": 1.0, "doubts": 0.0, "facts": 1, "doubtful": 1}
    count.add(letter, [ReadFact("allergy", "iode", doubts=("supposé",)), ReadFact("allergy", "latex")])
    assert count.of("allergy")["doubts"] == 0.5


def test_the_sets_of_forms_share_none() -> None:
    sets = [{form for forms in forms_of(name).values() for form, _ in forms} for name in FORMS]
    assert len(set().union(*sets)) == sum(map(len, sets))


def test_a_fact_with_another_day_or_other_words_is_none_of_those_stated() -> None:
    truth = Truth("follow_up", "cardiologie", "2026-04-15")
    assert run.is_told(truth, ReadFact("follow_up", "Consultation de cardiologie", start="2026-04-15"))
    assert not run.is_told(truth, ReadFact("follow_up", "Consultation de cardiologie", start="2026-04-16"))
    assert not run.is_told(Truth("allergy", "iode"), ReadFact("allergy", "iode et latex"))


def test_the_same_seed_makes_the_same_letters() -> None:
    assert [letter.text for letter in make_letters("seen", 3)] == [letter.text for letter in make_letters("seen", 3)]
