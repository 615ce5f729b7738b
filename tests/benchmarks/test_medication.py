"""The letters whose treatments are known, and how a reading of them is held against them."""

from benchmarks.medication import OURS, measure, table
from benchmarks.treatments.letters import SEEN_LAYOUTS, UNSEEN_LAYOUTS, make_letter, make_letters
from benchmarks.treatments.score import Tally, add

from liaison.core.cda.values import MedicationLine


def test_the_same_seed_gives_the_same_letter() -> None:
    one, other = (make_letter(7, "dashes", held_out=False) for _ in range(2))
    assert (one.text, one.truths) == (other.text, other.truths)
    assert make_letter(8, "dashes", held_out=False).text != one.text


def test_every_layout_makes_a_letter_with_treatments() -> None:
    for held_out, layouts in ((False, SEEN_LAYOUTS), (True, UNSEEN_LAYOUTS)):
        letters = list(make_letters(len(layouts), held_out=held_out))
        assert [letter.layout for letter in letters] == list(layouts)
        assert all(letter.truths and letter.pdf.startswith(b"%PDF") for letter in letters)


def test_a_line_too_many_costs_precision_and_a_line_missed_costs_recall() -> None:
    letter = make_letter(1, "dashes", held_out=False)
    first = letter.truths[0]
    tally = Tally()
    add(tally, letter, [MedicationLine(first.section, first.names[0]), MedicationLine("10183-2", "INVENTOL")])
    drug = tally.figures()["drug"]
    assert (drug["precision"], drug["recall"]) == (0.5, round(1 / len(letter.truths), 4))
    assert any("en trop" in miss for miss in tally.misses)


def test_the_bench_reads_both_forms_beside_a_plain_dictionary_and_lists_its_misses() -> None:
    measured = measure(2)
    assert [*OURS, "dictionnaire simple"] == list(measured["readers"])
    assert "Manqués, liaison, texte, formes jamais vues :" in table(measured)
