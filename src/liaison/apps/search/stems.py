"""The stems of a text, put together here from what PostgreSQL said of each of its words (ADR 29).

A letter of thirty thousand characters has four thousand words, nearly all known. PostgreSQL is asked once what each
becomes, and the vector is made of its answers: the same, position for position, as ``search_stems`` makes of the whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, count
from struct import pack

import psycopg
from django.db import connection

INDEXED_CHARACTERS = 100_000
LONGEST_WORD = 200
"""In bytes. What is longer may hold more stems than a word is known by: its text is left to PostgreSQL."""
MOST_WORDS = 50_000
LAST_POSITION = 16_383
MOST_POSITIONS = 255
"""Of one stem, as ``to_tsvector`` counts them."""
_SIGNS = b"[]@/\\.,;:_+*=(){}<>\"'`%&#|!?$~^-"
_BLANKS = bytes.maketrans(_SIGNS, b" " * len(_SIGNS))
_LONG_SIGNS = "«»’´°€"
"""Of several bytes in UTF-8. The signs are those ``search_stems`` takes out; a blank ends each word of PostgreSQL."""
_LEARN = """
    SELECT word, lexeme, positions FROM unnest(%s::text[]) word
    CROSS JOIN LATERAL unnest(to_tsvector('liaison_french', word || ' 0'))
"""


@dataclass(frozen=True, slots=True)
class Word:
    """The stems of a word, how many positions after its beginning each stands, and how many positions it takes."""

    stems: tuple[tuple[bytes, tuple[int, ...]], ...]
    length: int


@dataclass(frozen=True, slots=True)
class Text:
    """What a row is searched by: its title and text, the site or mailbox it belongs to, its own number."""

    title: str
    body: str
    owner: int
    number: int

    @property
    def words(self) -> list[bytes]:
        whole = f"{self.title} {self.body[:INDEXED_CHARACTERS]}"
        for sign in _LONG_SIGNS:
            whole = whole.replace(sign, " ")
        return whole.encode().translate(_BLANKS).split()

    @property
    def places(self) -> tuple[bytes, ...]:
        """The words that no text holds: whose row it is, and the blocks of numbers it is in (migration 0002)."""
        blocks = (f"@{letter}{self.number >> shift}" for letter, shift in (("a", 12), ("b", 15), ("c", 18)))
        return tuple(word.encode() for word in (f"@o{self.owner}", *blocks))


_known: dict[bytes, Word] = {}


def vectors_of(texts: Sequence[Text]) -> list[bytes]:
    """The tsvector of each, as PostgreSQL receives one in binary."""
    cut = [text.words for text in texts]
    different = [set(words) for words in cut]
    simple = [max(map(len, words), default=0) <= LONGEST_WORD for words in different]
    known = _learned(set().union(*(words for words, short in zip(different, simple, strict=True) if short)))
    return [
        _vector(words, text.places, {word: known[word] for word in of_text}) if short else _made_by_postgresql(text)
        for text, words, of_text, short in zip(texts, cut, different, simple, strict=True)
    ]


def _learned(words: set[bytes]) -> dict[bytes, Word]:
    """These words; what is not known yet is asked. When too much is known, everything is forgotten.

    The threads of a worker share what is known: none relies on its staying there.
    """
    found = {word: known for word in words if (known := _known.get(word))}
    found |= _asked(words - found.keys())
    if len(_known) > MOST_WORDS:
        _known.clear()
    _known.update(found)
    return found


def _asked(words: Iterable[bytes]) -> dict[bytes, Word]:
    found: dict[str, list[tuple[str, list[int]]]] = {word.decode(): [] for word in words}
    if found:
        with connection.cursor() as cursor:
            cursor.execute(_LEARN, [list(found)])
            for word, lexeme, positions in cursor.fetchall():
                found[word].append((lexeme, positions))
    return {word.encode(): _word(stems) for word, stems in found.items()}


def _word(stems: Iterable[tuple[str, list[int]]]) -> Word:
    """The last position is that of the « 0 » put after the word: it tells how many the word takes, stop words too."""
    end = max(position for _, positions in stems for position in positions)
    of_word = ((lexeme.encode(), tuple(place - 1 for place in places if place != end)) for lexeme, places in stems)
    return Word(tuple((lexeme, places) for lexeme, places in of_word if places), end - 1)


def _vector(words: Sequence[bytes], places: Iterable[bytes], known: Mapping[bytes, Word]) -> bytes:
    """Of a text's words, which are those ``known``, and no other.

    The format of ``tsvectorrecv``: how many stems, then each in order, a zero, how many positions, the positions.
    """
    positions = {stem: _bounded(found) for stem, found in _positions(words, known).items()}
    positions |= {place: [] for place in places}
    stems = (b"%b\0%b" % (stem, pack(f"!H{len(at)}H", len(at), *at)) for stem, at in sorted(positions.items()))
    return pack("!i", len(positions)) + b"".join(stems)


def _positions(words: Sequence[bytes], known: Mapping[bytes, Word]) -> dict[bytes, list[int]]:
    """Of each stem, in no order."""
    positions: dict[bytes, list[int]] = defaultdict(list)
    for word, starts in _starts(words, known).items():
        for stem, places in known[word].stems:
            for place in places:
                positions[stem].extend([start + place for start in starts] if place else starts)
    return positions


def _starts(words: Sequence[bytes], known: Mapping[bytes, Word]) -> dict[bytes, list[int]]:
    """The first position of each word, each time it is there."""
    starts: dict[bytes, list[int]] = defaultdict(list)
    usual = all(word.length == 1 for word in known.values())
    before = count(1) if usual else accumulate((known[word].length for word in words), initial=1)
    for word, start in zip(words, before, strict=False):
        starts[word].append(start)
    return starts


def _bounded(positions: list[int]) -> list[int]:
    """In order, the late ones counted once, at the last position there is."""
    positions.sort()
    if positions[-1] > LAST_POSITION:
        positions = sorted({min(position, LAST_POSITION) for position in positions})
    return positions[:MOST_POSITIONS]


def _made_by_postgresql(text: Text) -> bytes:
    connection.ensure_connection()
    with psycopg.RawCursor(connection.connection, row_factory=psycopg.rows.scalar_row) as cursor:
        values = (text.title, text.body, text.owner, text.number)
        cursor.execute("SELECT search_stems($1, $2, $3, $4)", values, binary=True)
        return bytes(cursor.fetchone() or b"")
