"""The rule that chooses among several addresses, and what makes an address ask for a person."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.core.directory.choice import (
    USABLE,
    KnownAddress,
    Rule,
    Standing,
    Watched,
    choose_address,
    standing_of,
)

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LISTED = Standing.LISTED


def chosen(*addresses: KnownAddress) -> tuple[str, Rule]:
    choice = choose_address(addresses)
    assert choice is not None
    return choice.address.email, choice.rule


def test_the_address_he_replied_from_comes_first_the_latest_of_them() -> None:
    preferred = KnownAddress("preferee", LISTED, preferred=True, dematerialised=True, delivered_at=NOW)
    old = KnownAddress("ancienne", LISTED, replied_at=NOW - timedelta(days=90))
    recent = KnownAddress("recente", LISTED, replied_at=NOW)
    assert chosen(preferred, old, recent) == ("recente", Rule.REPLIED)


def test_then_the_preferred_one_then_paperless_then_the_last_that_worked_then_the_first() -> None:
    plain, worked = KnownAddress("simple", LISTED), KnownAddress("marche", LISTED, delivered_at=NOW)
    paperless = KnownAddress("demat", LISTED, dematerialised=True)
    preferred = KnownAddress("preferee", LISTED, preferred=True)
    assert chosen(plain, worked, paperless, preferred) == ("preferee", Rule.PREFERRED)
    assert chosen(plain, worked, paperless) == ("demat", Rule.DEMATERIALISED)
    assert chosen(plain, worked) == ("marche", Rule.DELIVERED)
    assert chosen(plain) == ("simple", Rule.ONLY)


def test_an_address_that_asks_a_person_comes_after_any_that_does_not() -> None:
    vanished = KnownAddress("partie", Standing.VANISHED, preferred=True, replied_at=NOW)
    assert chosen(vanished, KnownAddress("simple", Standing.UNLISTED)) == ("simple", Rule.ONLY)
    assert chosen(vanished) == ("partie", Rule.REPLIED)


def test_an_address_outside_the_trust_circle_is_never_chosen() -> None:
    assert choose_address([KnownAddress("dehors", Standing.UNTRUSTED, preferred=True, replied_at=NOW)]) is None


ADDRESSES = st.builds(
    KnownAddress,
    st.text("abc", min_size=1),
    st.sampled_from(Standing),
    preferred=st.booleans(),
    dematerialised=st.booleans(),
    replied_at=st.none() | st.just(NOW),
    delivered_at=st.none() | st.just(NOW),
)


@given(st.lists(ADDRESSES))
def test_the_choice_is_always_one_that_may_be_used_when_there_is_one(addresses: list[KnownAddress]) -> None:
    choice = choose_address(addresses)
    usable = [address for address in addresses if address.standing in USABLE]
    if usable:
        assert choice is not None
        assert choice.address in usable
    elif choice is not None:
        assert choice.address.standing in {Standing.VANISHED, Standing.CHANGED}


@pytest.mark.parametrize(
    ("watched", "holders", "standing"),
    [
        (Watched("8100", seen_before=True), ("8100",), Standing.LISTED),
        (Watched("8100", seen_before=True), ("8999", "8100"), Standing.LISTED),
        (Watched("8100", seen_before=True), (), Standing.VANISHED),
        (Watched("8100", seen_before=False), (), Standing.UNLISTED),
        (Watched("8100", seen_before=True), ("8999",), Standing.CHANGED),
        (Watched("8100", seen_before=True, confirmed_for="vanished"), (), Standing.CONFIRMED),
        (Watched("8100", seen_before=True, confirmed_for="vanished"), ("8999",), Standing.CHANGED),
        (Watched("", seen_before=False), ("8999",), Standing.LISTED),
    ],
)
def test_the_copy_says_the_standing_and_a_confirmation_holds_for_what_it_was_given_for(
    watched: Watched, holders: tuple[str, ...], standing: Standing
) -> None:
    assert standing_of(watched, holders, has_copy=True, trusted=True) == standing


def test_without_a_copy_nothing_is_verified_and_outside_the_circle_nothing_is_sent() -> None:
    watched = Watched("8100", seen_before=True)
    assert standing_of(watched, (), has_copy=False, trusted=True) == Standing.UNVERIFIED
    assert standing_of(watched, ("8100",), has_copy=True, trusted=False) == Standing.UNTRUSTED
