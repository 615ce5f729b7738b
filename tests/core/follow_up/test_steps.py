"""The way of a message: what moves it, and that nothing moves it back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.apps.exchanges.models import Recipient
from liaison.core.follow_up.steps import Event, Step, after

ARRIVED = [Step.DELIVERED, Step.READ, Step.ANSWERED]


def test_the_steps_are_the_states_of_the_table() -> None:
    assert {str(step) for step in Step} == set(Recipient.State.values)


def test_a_message_goes_from_prepared_to_answered() -> None:
    step: Step | None = Step.PREPARED
    for event in (Event.TAKEN, Event.REPORTED_DELIVERED, Event.REPORTED_READ, Event.REPLIED):
        assert step is not None
        step = after(step, event)
    assert step == Step.ANSWERED


@given(st.sampled_from(ARRIVED), st.sampled_from(Event))
def test_what_arrived_never_goes_back(step: Step, event: Event) -> None:
    reached = after(step, event)
    assert reached is None or ARRIVED.index(reached) > ARRIVED.index(step)


@pytest.mark.parametrize("step", [Step.DELIVERED, Step.READ, Step.ANSWERED, Step.HELD])
def test_a_failure_counts_only_against_what_was_not_proven_to_arrive(step: Step) -> None:
    assert after(step, Event.REPORTED_FAILED) is None


def test_a_held_message_leaves_only_when_a_person_settles_its_address() -> None:
    assert after(Step.PREPARED, Event.ADDRESS_ASKS) == Step.HELD
    moves = {event: after(Step.HELD, event) for event in Event if after(Step.HELD, event)}
    assert moves == {Event.ADDRESS_SETTLED: Step.PREPARED, Event.REPLIED: Step.ANSWERED}
