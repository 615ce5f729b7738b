"""The numbered lines a doctor was asked about, and the names by which he may call them instead of their numbers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein

from liaison.core.medication.brands import synonyms
from liaison.core.medication.line import drug_name, named
from liaison.core.medication.reply_words import fold

_LINE = re.compile(
    r"[\s>|*•-]*(?P<number>\d{1,2})\s?(?:[.)]|°\s?[.)]?)\s+(?P<label>.*?)(?:\s+[—–-]{1,2}\s+(?P<rest>.*)|\s*:\s+(?P<said>.*))?"
)
_LETTERS = re.compile(r"[^\W\d_]{3}")
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_WORDS_OF_A_PROPOSAL: tuple[tuple[str, str], ...] = (
    ("poursuiv", "continued"),
    ("continu", "continued"),
    ("inchang", "continued"),
    ("non mention", "not_mentioned"),
    ("arret", "stopped"),
    ("stop", "stopped"),
    ("nouveau", "started"),
    ("initi", "started"),
    ("introdui", "started"),
    ("modifi", "modified"),
    ("remplac", "equivalent"),
    ("equivalen", "equivalent"),
)
_WORD = re.compile(r"[a-z][a-z0-9'-]*")
_STRENGTH = re.compile(r"\d+(?:[.,]\d+)?\s?(?:mg|g|mcg|µg|ug|ui|ml)?(?![a-z0-9])")
_AFTER_A_NAME = re.compile(rf"\s*(?:lp\s*)?(?P<strength>{_STRENGTH.pattern})")
_SHORTEST_NAME, _SHORTEST_BEGINNING, _SHORTEST_MISSPELT = 3, 4, 6
_NO_NAMES = named(
    "acide chlorure sodium vitamine potassium calcium magnesium insuline collyre solution sel gel dose doses matin soir"
    " midi stop arret pour plus avec sans depuis dans cela cette sont pas bien passe"
)
_LONGEST_LABEL = 300


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One numbered line of the message: what it calls the drug, and what the letter does of it where it says so.

    ``proposed`` is a status of the comparison (``continued``, ``stopped``, ``not_mentioned``…), empty when unknown.
    """

    number: int
    label: str = ""
    proposed: str = ""


@dataclass(frozen=True, slots=True)
class Naming:
    """A drug named in the answer: where, the lines it may be, and whether it is written as in the message."""

    start: int
    end: int
    numbers: tuple[int, ...]
    exact: bool


def asked_lines(text: str) -> tuple[AskedLine, ...]:
    """The lines « 1. KARDEGIC 75 mg — poursuivi » of a message or of its quotation: the longest run from 1 upwards."""
    runs: list[list[AskedLine]] = [[]]
    for written in text.split("\n"):
        found = asked_line(written)
        if found is None:
            continue
        if found.number == 1:
            runs.append([found])
        elif runs[-1] and found.number == runs[-1][-1].number + 1:
            runs[-1].append(found)
    longest: list[AskedLine] = max(runs, key=len)
    return tuple(longest)


def asked_line(written: str) -> AskedLine | None:
    """One line as it is written in a message, with or without quote marks; None when it is not a numbered one."""
    found = _LINE.fullmatch(written[:_LONGEST_LABEL].strip())
    if found is None or not _LETTERS.search(found["label"]):
        return None
    return AskedLine(int(found["number"]), found["label"].strip(), _proposed(found["rest"] or found["said"] or ""))


def _proposed(words: str) -> str:
    start = fold(words)[:60]
    return next((meaning for word, meaning in _WORDS_OF_A_PROPOSAL if start.startswith(word)), "")


class Names:
    """Finds in folded text the drugs of some lines: by brand or substance, abbreviated, or one letter wrong."""

    def __init__(self, lines: Iterable[AskedLine]) -> None:
        self._numbers: dict[str, set[int]] = {}
        self._strengths: dict[int, str] = {}
        for line in lines:
            for name in _names_of(line.label):
                self._numbers.setdefault(name, set()).add(line.number)
            strength = _STRENGTH.search(fold(line.label))
            self._strengths[line.number] = _bare(strength.group()) if strength else ""

    def find(self, folded: str) -> tuple[Naming, ...]:
        if not self._numbers:
            return ()
        return tuple(self._with_strength(naming, folded) for naming in self._words(folded))

    def _words(self, folded: str) -> list[Naming]:
        found: list[Naming] = []
        for word in _WORD.finditer(folded):
            if found and word.start() < found[-1].end:
                continue
            naming = self._phrase(folded, word) or self._one_word(word)
            if naming:
                found.append(naming)
        return found

    def _phrase(self, folded: str, word: re.Match[str]) -> Naming | None:
        """A name of several words, as it is written in the message."""
        for name, numbers in self._numbers.items():
            if " " in name and folded.startswith(name, word.start()):
                return Naming(word.start(), word.start() + len(name), tuple(sorted(numbers)), exact=True)
        return None

    def _one_word(self, word: re.Match[str]) -> Naming | None:
        text = word.group().removeprefix("d'").removeprefix("l'")
        start = word.end() - len(text)
        if text in self._numbers:
            return Naming(start, word.end(), tuple(sorted(self._numbers[text])), exact=True)
        if text in _NO_NAMES or len(text) < _SHORTEST_BEGINNING:
            return None
        numbers = self._begun(text) or self._misspelt(text) or self._glued(text)
        return Naming(start, word.end(), tuple(sorted(numbers)), exact=False) if numbers else None

    def _begun(self, text: str) -> set[int]:
        return {number for name, numbers in self._numbers.items() if name.startswith(text) for number in numbers}

    def _glued(self, text: str) -> set[int]:
        """« leliquis »: the article without its apostrophe."""
        return self._numbers.get(text[1:], set()) if text[0] in "ld" else set()

    def _misspelt(self, text: str) -> set[int]:
        if len(text) < _SHORTEST_MISSPELT:
            return set()
        close = [name for name in self._numbers if name[0] == text[0] and _one_letter_wrong(name, text)]
        return {number for name in close for number in self._numbers[name]}

    def _with_strength(self, naming: Naming, folded: str) -> Naming:
        """« Bisoprolol 2,5 »: a strength that is that of the line belongs to its name, and may tell two lines apart."""
        after = _AFTER_A_NAME.match(folded, naming.end)
        if not after:
            return naming
        said = _bare(after["strength"])
        same = tuple(number for number in naming.numbers if _same_strength(self._strengths[number], said))
        return Naming(naming.start, after.end(), same, naming.exact) if same else naming


def _names_of(label: str) -> set[str]:
    """Brand, substance between parentheses, what both are also known under, and the first word where it says enough."""
    written = [_PARENTHESES.sub(" ", label), *_PARENTHESES.findall(label)]
    names = {fold(name) for each in written if (name := drug_name(each))}
    names |= {other for name in tuple(names) for other in synonyms(name)}
    names |= {name.split()[0] for name in names if " " in name}
    return {name for name in names if len(name) >= _SHORTEST_NAME and name not in _NO_NAMES}


def _one_letter_wrong(name: str, text: str) -> bool:
    return DamerauLevenshtein.distance(name, text, score_cutoff=1) <= 1


def _bare(strength: str) -> str:
    return strength.replace(" ", "").replace(",", ".").removesuffix("mg")


def _same_strength(line: str, said: str) -> bool:
    return bool(line) and line == said


def by_number(lines: Sequence[AskedLine]) -> dict[int, AskedLine]:
    return {line.number: line for line in lines}
