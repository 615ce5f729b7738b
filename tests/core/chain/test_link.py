import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from liaison.core.chain.link import GENESIS, JSON, ChainEntry, canonical, entry_hash, verify

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)
PAYLOADS = st.dictionaries(st.text(max_size=6), VALUES, max_size=4)


def _types(value: object) -> object:
    """Python holds True and 1 for equal; their writings are not."""
    if isinstance(value, dict):
        return {key: _types(item) for key, item in value.items()}
    return [_types(item) for item in value] if isinstance(value, list) else type(value)


def chain(payloads: Sequence[Mapping[str, JSON]]) -> list[ChainEntry]:
    entries: list[ChainEntry] = []
    head = GENESIS
    for seq, payload in enumerate(payloads, start=1):
        entries.append(ChainEntry(seq, head, entry_hash(head, payload), payload))
        head = entries[-1].hash
    return entries


CHAINS = st.lists(PAYLOADS, min_size=1, max_size=4).map(chain)


def test_the_canonical_form_is_one_whatever_the_order_of_the_keys() -> None:
    assert canonical({"b": [1, None, True], "a": "é"}) == '{"a":"é","b":[1,null,true]}'.encode()
    assert canonical({"a": "é", "b": (1, None, True)}) == canonical({"b": [1, None, True], "a": "é"})


def test_the_hash_is_sha256_of_the_previous_hash_and_the_payload() -> None:
    expected = hashlib.sha256(b'\n{"act":"filed"}').hexdigest()
    assert entry_hash(GENESIS, {"act": "filed"}) == expected


@pytest.mark.parametrize("value", [1.5, b"bytes", {1: "key"}, {"set"}])
def test_a_value_with_several_writings_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical({"value": value})  # type: ignore[dict-item]  # the refusal of a wrong type is what is tested


@given(PAYLOADS, PAYLOADS)
def test_payloads_share_a_writing_only_when_they_are_the_same(one: dict[str, JSON], other: dict[str, JSON]) -> None:
    same = canonical(one) == canonical(other)
    assert same == (json.loads(canonical(one)) == json.loads(canonical(other)) and _types(one) == _types(other))
    assert json.loads(canonical(one)) == one


@given(CHAINS)
def test_an_untouched_chain_is_sound(entries: list[ChainEntry]) -> None:
    report = verify(entries, expected_head=entries[-1].hash)
    assert report.sound
    assert (report.count, report.head) == (len(entries), entries[-1].hash)


@given(CHAINS, st.data())
def test_a_changed_payload_is_the_first_broken(entries: list[ChainEntry], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(entries) - 1))
    payload = data.draw(PAYLOADS)
    assume(canonical(payload) != canonical(entries[at].payload))
    entries[at] = replace(entries[at], payload=payload)
    report = verify(entries, expected_head=None)
    assert (report.first_broken, report.first_missing, report.sound) == (at + 1, None, False)


@given(CHAINS, st.data())
def test_a_rewritten_entry_breaks_the_next_link_or_the_head(entries: list[ChainEntry], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(entries) - 1))
    noted = entries[-1].hash
    forged: dict[str, JSON] = {"forged": "entry", "at": at}
    assume(canonical(forged) != canonical(entries[at].payload))
    entries[at] = replace(entries[at], payload=forged, hash=entry_hash(entries[at].previous_hash, forged))
    report = verify(entries, expected_head=noted)
    last = at == len(entries) - 1
    assert (report.first_broken, report.truncated) == ((None, True) if last else (at + 2, False))


@given(CHAINS, st.data())
def test_a_removed_entry_is_missing(entries: list[ChainEntry], data: st.DataObject) -> None:
    assume(len(entries) > 1)
    at = data.draw(st.integers(0, len(entries) - 2))
    del entries[at]
    report = verify(entries, expected_head=None)
    assert (report.first_missing, report.first_broken, report.sound) == (at + 1, None, False)


@given(CHAINS)
def test_a_cut_tail_is_seen_by_the_head_noted_elsewhere(entries: list[ChainEntry]) -> None:
    report = verify(entries[:-1], expected_head=entries[-1].hash)
    assert report.truncated
    assert not report.sound
    assert verify(entries[:-1], expected_head=None).sound


def test_entries_written_after_the_noted_head_are_no_fault() -> None:
    entries = chain([{"act": "a"}, {"act": "b"}])
    assert verify(entries, expected_head=entries[0].hash).sound


def test_reordered_and_repeated_entries_are_broken() -> None:
    one, two, three = chain([{"act": "a"}, {"act": "b"}, {"act": "c"}])
    assert verify([one, three, two], expected_head=None).first_broken == 2
    assert verify([one, one, two, three], expected_head=None).first_broken == 1


def test_an_empty_chain_is_sound_until_a_head_is_expected() -> None:
    assert verify([], expected_head=None).sound
    assert verify([], expected_head=GENESIS).sound
    assert verify([], expected_head="a" * 64).truncated


def test_a_stored_payload_that_cannot_be_written_is_broken_not_an_error() -> None:
    entry = ChainEntry(1, GENESIS, "a" * 64, {"value": 1.5})  # type: ignore[dict-item]  # what a tampered row may hold
    assert verify([entry], expected_head=None).first_broken == 1
