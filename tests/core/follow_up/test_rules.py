"""When a silent doctor is reminded, by a clock given as an argument."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from liaison.core.follow_up.rules import Rules, Silence, due_at, next_act

SENT = datetime(2026, 11, 20, 10, tzinfo=UTC)
RULES = Rules(high_risk_hours=6, usual_days=2, reminders=2)


def test_a_high_risk_change_is_reminded_in_hours_the_rest_in_days() -> None:
    assert due_at(Silence(SENT, 0, high_risk=True), RULES) == SENT + timedelta(hours=6)
    assert due_at(Silence(SENT, 0, high_risk=False), RULES) == SENT + timedelta(days=2)


def test_two_reminders_then_a_person() -> None:
    acts = [
        next_act(Silence(SENT, reminders, high_risk=True), RULES, SENT + timedelta(hours=6 * (reminders + 1)))
        for reminders in range(3)
    ]
    assert acts == ["remind", "remind", "take_over"]


def test_nothing_is_done_a_second_before() -> None:
    assert next_act(Silence(SENT, 0, high_risk=True), RULES, SENT + timedelta(hours=6, seconds=-1)) == "wait"


def test_a_site_that_wants_no_reminder_has_a_person_take_over_at_once() -> None:
    assert next_act(Silence(SENT, 0, high_risk=False), Rules(reminders=0), SENT + timedelta(days=3)) == "take_over"


@given(st.integers(0, 10), st.booleans(), st.integers(1, 240), st.integers(1, 60))
def test_each_act_is_due_later_than_the_one_before(reminders: int, risk: bool, hours: int, days: int) -> None:
    rules = Rules(hours, days, 10)
    before, then = Silence(SENT, reminders, risk), Silence(SENT, reminders + 1, risk)
    assert due_at(before, rules) < due_at(then, rules)
