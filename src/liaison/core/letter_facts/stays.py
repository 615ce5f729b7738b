"""The days of the stay a letter is about."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from liaison.core.letter_facts.days import real_day
from liaison.core.letter_facts.doubt import is_on_condition
from liaison.core.letter_facts.sentences import Sentence
from liaison.core.letter_facts.values import ReadFact
from liaison.core.letter_facts.writing import fact_from
from liaison.core.medication.from_text.dates import DAY, WEEKDAY, iso_day
from liaison.core.medication.from_text.folding import folded

LONGEST_STAY = 400
"""Days; two dates further apart are not those of one stay."""
DAYS_AFTER = 5
"""A letter may be written a few days before the resident goes."""
_NEAR = r"(?:,?\s+(?!sorti|sort\b|quitte|entree|admis)\(?[a-z'-]+\)?){0,8}?"
_STAYED = r"(?<![a-z])(?:hospitalis\w+|sejour\w*|pris\w* en charge|accueilli\w*|suivi\w*|admis\w*|periode|dates?)"
_FROM_TO = re.compile(
    rf"{_STAYED}[^.;\d]{{0,90}}?(?<![a-z])(?:du|entre le|:|de)\s*:?\s*{WEEKDAY}({DAY}|\d{{1,2}}(?:er)?)\s*"
    rf"(?:au|et le|jusqu'au|a|-|->|→|/)\s*:?\s*{WEEKDAY}({DAY})"
)
_IN = re.compile(
    rf"(?<![a-z])(?:date (?:d'|de l')?(?:entree|admission|hospitalisation)|entree?e?|admise?|admission|hospitalisee?|"
    rf"arrivee?|hospitalisation|transferee?){_NEAR},?\s*:?\s*(?:le|ce|depuis le|du)?\s*{WEEKDAY}({DAY})"
)
_OUT = re.compile(
    rf"(?<![a-z])(?:date (?:de |de la )?(?:sortie|fin d'hospitalisation)|sortie?|sort|quitte\w*|quittera|regagne\w*|"
    rf"retour\w*|sortante?|depart){_NEAR},?\s*:?\s*(?:le|ce|du|au)?\s*{WEEKDAY}({DAY})"
)
_NOT_THIS_STAY = re.compile(
    r"(?<![a-z])(?:precedente?|anterieure?s?|ancienne?s?|dernierement|deja|antecedents?|prevue?s?|programmee?s?|"
    r"envisagee?s?|prochaine?|future|sera hospitalis\w+|rehospitalis\w+|consultation|rendez-vous|rdv|"
    r"n'a pas ete|refus\w+|souhaitee?|possible|eventuel\w*|courrier|prescription|ordonnance)(?![a-z])"
)


@dataclass(frozen=True, slots=True)
class _Said:
    start: str
    end: str
    sentence: Sentence

    @property
    def days(self) -> tuple[date, date] | None:
        start, end = real_day(self.start), real_day(self.end)
        return (start, end) if start and end else None


def stay_in(sentences: Iterable[Sentence], *, year: str, written: str) -> Iterator[ReadFact]:
    """At most one: the latest that is said whole, else the day in and the day out said apart. Never one to come."""
    told = [sentence for sentence in sentences if sentence.part not in ("history", "follow_up", "expected")]
    said_whole = [said for sentence in told for said in _pairs(sentence, year)]
    pairs = [said for said in said_whole if _is_past(said, written)]
    if pairs:
        best = max(pairs, key=lambda said: said.end)
        yield fact_from("stay", best.sentence, start=best.start, end=best.end)
        return
    impossible = [said.sentence for said in said_whole]
    told = [sentence for sentence in told if sentence not in impossible]
    first_day, last_day = _first(_IN, told, year), _last(_OUT, told, year)
    yield from _apart(first_day, last_day, written)


def _apart(first: tuple[str, Sentence] | None, last: tuple[str, Sentence] | None, written: str) -> Iterator[ReadFact]:
    if first and last and _is_past(_Said(first[0], last[0], first[1]), written):
        yield fact_from("stay", first[1], last[1], start=first[0], end=last[0])
    elif first and not last:
        yield fact_from("stay", first[1], start=first[0])
    elif last and not first:
        yield fact_from("stay", last[1], end=last[0])


def _pairs(sentence: Sentence, year: str) -> Iterator[_Said]:
    plain = _whole(sentence)
    for found in _FROM_TO.finditer(plain):
        if _NOT_THIS_STAY.search(plain[: found.end()]):
            continue
        end = iso_day(found[2], year)
        start = iso_day(found[1], end[:4]) or iso_day(f"{found[1]}/{end[5:7]}/{end[:4]}", year)
        yield _Said(start, end, sentence)


def _is_past(said: _Said, written: str) -> bool:
    """Whether the days follow each other as those of a stay that was over soon after the letter was written."""
    days, day_written = said.days, real_day(written)
    if days is None or not 0 <= (days[1] - days[0]).days <= LONGEST_STAY:
        return False
    return day_written is None or (days[1] - day_written).days <= DAYS_AFTER


def _whole(sentence: Sentence) -> str:
    """The sentence after its heading: « Séjour : du 2 au 12 mars »."""
    return f"{folded(sentence.title)} {sentence.plain}".strip()


def _first(pattern: re.Pattern[str], sentences: Iterable[Sentence], year: str) -> tuple[str, Sentence] | None:
    return next(_days(pattern, sentences, year), None)


def _last(pattern: re.Pattern[str], sentences: Iterable[Sentence], year: str) -> tuple[str, Sentence] | None:
    return max(_days(pattern, sentences, year), key=lambda each: each[0], default=None)


def _days(pattern: re.Pattern[str], sentences: Iterable[Sentence], year: str) -> Iterator[tuple[str, Sentence]]:
    for sentence in sentences:
        plain = _whole(sentence)
        for found in pattern.finditer(plain):
            if _NOT_THIS_STAY.search(plain[: found.end()]) or is_on_condition(plain[: found.end()]):
                continue
            if day := iso_day(found[1], year):
                yield day, sentence
