"""A chain of entries in which nothing can be changed, removed or reordered unseen.

Each entry's hash covers the previous one's and its own payload in canonical form (sorted keys, UTF-8, no blank; the
subset of RFC 8785 that holds for strings, integers, booleans, null, lists and objects). The head kept elsewhere (an
export, another machine) shows a tail cut off.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

JSON: TypeAlias = "str | int | bool | Sequence[JSON] | Mapping[str, JSON] | None"

GENESIS = ""
FIRST_SEQ = 1


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """One entry as stored. ``seq`` counts from 1 without a gap; the first ``previous_hash`` is ``GENESIS`` (empty)."""

    seq: int
    previous_hash: str
    hash: str
    payload: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a verification found. ``sound`` when nothing is wrong.

    ``count`` entries were read and ``head`` is the hash of the last one (``GENESIS`` for none). ``first_broken`` is the
    first seq whose payload or link was altered, or that is out of order; ``first_missing`` the first seq absent before
    an entry that is there; ``truncated`` says that the expected head was not reached.
    """

    count: int
    head: str
    first_broken: int | None
    first_missing: int | None
    truncated: bool

    @property
    def sound(self) -> bool:
        return self.first_broken is None and self.first_missing is None and not self.truncated


def canonical(payload: Mapping[str, JSON]) -> bytes:
    """The one writing of a payload. Raises ``TypeError`` for a value that has more than one (floats, dates, bytes)."""
    return json.dumps(_plain(payload), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def entry_hash(previous_hash: str, payload: Mapping[str, JSON]) -> str:
    """SHA-256 (64 hexadecimal digits) over the previous hash, a line feed, and the payload in canonical form."""
    return hashlib.sha256(previous_hash.encode() + b"\n" + canonical(payload)).hexdigest()


def verify(entries: Iterable[ChainEntry], *, expected_head: str | None) -> ChainReport:
    """Read the entries once, in the order given (by seq), and say the first of each kind of fault.

    ``expected_head`` is a hash noted earlier, which the chain must still hold: entries may have followed it. None when
    no head was noted. A link that does not follow because an entry is missing is reported as missing, not as broken.
    """
    head, seq, count, head_seen = GENESIS, FIRST_SEQ, 0, expected_head in {None, GENESIS}
    broken: int | None = None
    missing: int | None = None
    for entry in entries:
        gap = entry.seq > seq
        missing = seq if gap and missing is None else missing
        broken = entry.seq if broken is None and _is_broken(entry, None if gap else head, seq) else broken
        head, seq, count = entry.hash, entry.seq + 1, count + 1
        head_seen = head_seen or entry.hash == expected_head
    return ChainReport(count, head, broken, missing, not head_seen)


def _is_broken(entry: ChainEntry, previous_hash: str | None, least_seq: int) -> bool:
    """``previous_hash`` is None when the entry before is missing and cannot be compared."""
    if entry.seq < least_seq or previous_hash not in {None, entry.previous_hash}:
        return True
    try:
        return entry_hash(entry.previous_hash, entry.payload) != entry.hash
    except TypeError:
        return True


def _plain(value: JSON) -> object:
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("A chained payload has text keys only.")
        return {key: _plain(item) for key, item in value.items()}
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"A chained payload holds no {type(value).__name__}.")
