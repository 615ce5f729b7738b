"""What a letter says of the stay, allergies, carriage, problems and follow-up, from its words alone: the way in.

For level 1 bodies and bare PDFs, where nothing is coded. All of it is a proposal to a person.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from liaison.core.letter_facts.allergies import allergies_in
from liaison.core.letter_facts.carriage import carriage_in
from liaison.core.letter_facts.problems import problems_in
from liaison.core.letter_facts.sentences import Sentence, sentences_of
from liaison.core.letter_facts.stays import stay_in
from liaison.core.letter_facts.tasks import tasks_in
from liaison.core.letter_facts.values import ReadFact
from liaison.core.medication.from_text.dates import DAY, WEEKDAY, iso_day, year_of
from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.sheet import read_sheet
from liaison.core.medication.from_text.values import Grid, Line

_DATED = re.compile(
    rf"^(?:(?:fait )?(?:a )?[a-z' -]{{2,40}}, ?le|date (?:du (?:courrier|document|compte[ -]rendu)|"
    rf"de redaction) ?:?(?: le)?|"
    rf"redigee? le)\s+{WEEKDAY}({DAY})"
)
MAX_FACTS = 200
MAX_CHARACTERS = 400_000


def read_facts(blocks: Iterable[Line | Grid], written: str = "") -> tuple[ReadFact, ...]:
    """The facts of the lines and tables of a letter, each once. ``written`` is the letter's day in ISO 8601, if known.

    At most MAX_FACTS.
    """
    sentences = sentences_of(blocks)
    year = written[:4] or year_of(" ".join(sentence.plain for sentence in sentences))
    written = written or _day_written(sentences, year)
    once: dict[tuple[str, ...], ReadFact] = {}
    for fact in _facts(sentences, year, written):
        once.setdefault((fact.kind, folded(fact.label), fact.start), fact)
    return tuple(once.values())[:MAX_FACTS]


def _day_written(sentences: tuple[Sentence, ...], year: str) -> str:
    """« Reims, le 12 mars 2026 », « Date du courrier : 12/03/2026 »; empty when the letter does not say it."""
    dated = (found for sentence in sentences if (found := _DATED.search(f"{folded(sentence.title)}{sentence.plain}")))
    return next((iso_day(found[1], year) for found in dated), "")


def read_facts_of_text(text: str, written: str = "") -> tuple[ReadFact, ...]:
    """The same, of a text without pages."""
    return read_facts(read_sheet(unicodedata.normalize("NFC", text[:MAX_CHARACTERS])), written)


def _facts(sentences: tuple[Sentence, ...], year: str, written: str) -> Iterator[ReadFact]:
    yield from stay_in(sentences, year=year, written=written)
    for sentence in sentences:
        yield from allergies_in(sentence)
        yield from carriage_in(sentence)
        yield from problems_in(sentence)
        yield from tasks_in(sentence, year=year, written=written)
