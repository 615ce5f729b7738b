"""The pieces of the intake bench that need no server: its corpus, its floor's reader, its table."""

import pytest
from benchmarks.corpus import make_sample, patient_of
from benchmarks.table import aligned

from liaison.core.identity.ins import is_valid_ins


def test_each_mail_is_about_somebody_else_whose_matricule_is_sound() -> None:
    people = [patient_of(number) for number in range(50)]
    assert len({person.ins for person in people}) == 50
    assert all(is_valid_ins(person.ins) for person in people)


def test_both_readers_of_the_straight_line_find_the_same_letter() -> None:
    pytest.importorskip("fast_mail_parser", reason="it comes with bin/bench")
    from benchmarks.straight_line import READERS

    raw = make_sample(0).raw
    (bare, bare_text), (whole, whole_text) = (READERS[name](raw)[3][0] for name in ("bare", "whole"))
    assert (bare["ins"], bare["title"]) == (whole["ins"], whole["title"])
    assert bare["ins"] == patient_of(0).ins
    assert len(bare_text) > 5000 < len(whole_text)


def test_a_table_stands_under_its_heads() -> None:
    assert aligned([("", "n"), ("one", "12")]) == ["      n", "one  12"]
