"""A short run of every fuzz target: seeds of our own, damaged in a few places. The long run is ``bin/bench fuzz``."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fuzz.targets import TARGETS

CRASHES = Path(__file__).with_name("crashes")
PLACES = st.integers(0, 1 << 20)
PIECES = st.binary(max_size=12) | st.sampled_from(
    [b"\r\n", b"\r\n\r\n", b"--", b"=?utf-8?B?", b"<", b"]]>", b"<!DOCTYPE", b"&x;", b"PK\x01\x02", b"\x00", b"=" * 40]
)
EDITS = st.lists(st.tuples(PLACES, st.integers(0, 30), PIECES), max_size=6)


def damaged(seed: bytes, edits: Iterable[tuple[int, int, bytes]]) -> bytes:
    """The seed with some bytes taken out here and there, and others put in their place."""
    data = bytearray(seed)
    for place, taken, piece in edits:
        start = place % (len(data) + 1)
        data[start : start + taken] = piece
    return bytes(data)


@cache
def seeds_of(name: str) -> list[bytes]:
    return TARGETS[name].seeds()


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_is_read(name: str) -> None:
    target = TARGETS[name]
    for seed in target.seeds():
        target.check(seed)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(choice=st.integers(0, 20), edits=EDITS)
def test_a_reader_stands_any_damage_to_its_seeds(name: str, choice: int, edits: list[tuple[int, int, bytes]]) -> None:
    target = TARGETS[name]
    seeds = seeds_of(name)
    target.check(damaged(seeds[choice % len(seeds)], edits))


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=300))
def test_a_reader_stands_any_bytes(name: str, data: bytes) -> None:
    TARGETS[name].check(data)


@pytest.mark.parametrize("found", sorted(CRASHES.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_once_made_a_reader_fall_is_read(found: Path) -> None:
    TARGETS[found.parent.name].check(found.read_bytes())
