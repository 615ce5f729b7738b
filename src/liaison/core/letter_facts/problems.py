"""The problems and diagnoses a letter states under their headings."""

import re
from collections.abc import Iterator

from liaison.core.letter_facts.doubt import doubts_of, is_of_family, is_ruled_out, says_nothing
from liaison.core.letter_facts.sentences import Sentence
from liaison.core.letter_facts.values import ReadFact
from liaison.core.letter_facts.writing import fact_from, tidy
from liaison.core.medication.from_text.headings import bullet_of

MOST_WORDS = 16
FEWEST_LISTED, MOST_WORDS_LISTED = 3, 4
_COMMAS = re.compile(r"\s*[,;]\s*")
_DENIED = re.compile(
    r"(?<![a-z])(?:pas d[e']|absence d[e']|aucune?|sans (?:antecedent|autre)|pas de notion|jamais)(?![a-z])"
)
_OF_ANOTHER_KIND = re.compile(
    r"(?<![a-z])(?:allergi\w+|intoleran\w+|hypersensib\w+|bmr|bhre?|e?-?blse|epc|erv|sarm|portage|porteu(?:r|se)|ecbu|"
    r"ecouvillon\w*|depistages?)(?![a-z])"
)
_PARTS = re.compile(r"\s*(?:;|\s[-–•]\s|\s/\s|, (?=[A-ZÉÈ]))\s*")
_TELLING = re.compile(
    r"(?<![a-z])(?:avons|nous|a ete|ont ete|patiente?|monsieur|madame|mme|traitement|cordialement|dr|"
    r"docteur)(?![a-z])"
)


def problems_in(sentence: Sentence) -> Iterator[ReadFact]:
    """One for each item of the list. What is denied, ruled out, or of the family is none; what is supposed says so.

    What stands right under the list is often no item of it: an allergy, a carriage.
    """
    if sentence.part not in ("problems", "history") or _OF_ANOTHER_KIND.search(sentence.plain):
        return
    commas = sentence.part == "history" and _is_enumeration(sentence.text)
    for start, end in _items(sentence.text, _COMMAS if commas else _PARTS):
        written, plain = sentence.text[start:end], sentence.plain[start:end]
        label = tidy(written[bullet_of(written) :])
        if _is_problem(plain, label):
            yield fact_from("problem", sentence.clause(start, end), label=label.rstrip(" ?"), doubts=doubts_of(plain))


def _is_enumeration(text: str) -> bool:
    """« HTA, dyslipidémie, AVC en 2015 »: three short things or more, not one told with its details."""
    pieces = [piece.split() for piece in _COMMAS.split(text)]
    return len(pieces) >= FEWEST_LISTED and all(0 < len(piece) <= MOST_WORDS_LISTED for piece in pieces)


def _items(text: str, parts: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    at = 0
    for found in parts.finditer(text):
        if found.start() > at:
            yield at, found.start()
        at = found.end()
    yield at, len(text)


def _is_problem(plain: str, label: str) -> bool:
    if plain.rstrip().endswith(":"):
        return False
    said = re.search(r"[a-z]{3}", plain) is not None and 1 <= len(label.split()) <= MOST_WORDS
    taken_back = says_nothing(plain) or _DENIED.search(plain) or is_ruled_out(plain) or is_of_family(plain)
    return said and not taken_back and not _TELLING.search(plain)
