"""The pieces of the intake bench: its corpus, its reader, its clock, its table; and a mailbox it drains for good."""

import shutil
import time

import pytest
from benchmarks.corpus import make_sample, patient_of
from benchmarks.table import aligned

from benchmarks import intake_clock, intake_drain
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


def test_what_a_contender_takes_to_start_is_not_in_its_rate() -> None:
    begun: list[bool] = []
    with intake_clock.timed(lambda: bool(begun)) as clock:
        before = clock.given
        begun.append(True)
        while not clock.first:
            time.sleep(0.001)
    assert before < clock.first < clock.done
    assert clock.start + clock.steady == pytest.approx(clock.done - clock.given)


@pytest.mark.skipif(
    not shutil.which("dovecot", path="/usr/sbin:/usr/bin:/usr/local/sbin"), reason="Dovecot is not installed"
)
@pytest.mark.xdist_group("drain")
def test_a_mailbox_drained_by_a_process_that_is_killed_is_taken_up_where_it_was() -> None:
    measured = intake_drain.measure(300)
    assert measured["when_killed"]["received"] >= 150
    assert measured["when_killed"]["read"] < 300
    counted = measured["in_the_end"]
    assert (counted["received"], counted["distinct"], counted["read"]) == (300, 300, 300)
