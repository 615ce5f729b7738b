"""What a letter says of its day, the stay, the patient and what follows, from its words alone: the way in.

For level 1 bodies and bare PDFs, where nothing is coded. All of it is a proposal to a person.
"""

import unicodedata
from collections.abc import Iterable, Iterator

from liaison.core.letter_facts.allergies import allergies_in
from liaison.core.letter_facts.carriage import carriage_in
from liaison.core.letter_facts.dating import day_of_letter
from liaison.core.letter_facts.problems import problems_in
from liaison.core.letter_facts.sentences import Sentence, sentences_of
from liaison.core.letter_facts.stays import stay_in
from liaison.core.letter_facts.tasks import tasks_in
from liaison.core.letter_facts.values import ReadFact
from liaison.core.medication.from_text.dates import year_of
from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.sheet import read_sheet
from liaison.core.medication.from_text.values import Grid, Line

MAX_FACTS = 200
MAX_CHARACTERS = 400_000


def read_facts(blocks: Iterable[Line | Grid], written: str = "") -> tuple[ReadFact, ...]:
    """The facts of the lines and tables of a letter, each once: what is stated before what is only supposed.

    ``written`` is the letter's day in ISO 8601 where something else than its words says it: it is looked for in them
    otherwise, and is then a fact like the others. At most MAX_FACTS.
    """
    held = tuple(blocks)
    sentences = sentences_of(held)
    year = written[:4] or year_of(" ".join(sentence.plain for sentence in sentences))
    said = None if written else day_of_letter(held)
    written = said.start if said else written
    once: dict[tuple[str, ...], ReadFact] = {}
    for fact in (*((said,) if said else ()), *_facts(sentences, year, written)):
        known = once.setdefault((fact.kind, folded(fact.label), fact.start), fact)
        if known.doubts and not fact.doubts:
            once[fact.kind, folded(fact.label), fact.start] = fact
    return tuple(once.values())[:MAX_FACTS]


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
