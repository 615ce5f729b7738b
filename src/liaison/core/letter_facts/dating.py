"""The day a letter was written, as its own words say it: « Reims, le 12 mars 2026 », « Compte rendu du … »."""

import re
from collections.abc import Iterable, Iterator

from liaison.core.letter_facts.days import real_day
from liaison.core.letter_facts.sentences import Sentence
from liaison.core.letter_facts.values import ReadFact
from liaison.core.letter_facts.writing import fact_from
from liaison.core.medication.from_text.dates import DAY, WEEKDAY, iso_day
from liaison.core.medication.from_text.values import Grid, Line, Words

DATED_BY_FILE = "date du fichier : la lettre ne dit pas la sienne"
FIRST_YEAR, LAST_YEAR = 1990, 2100
MOST_LINES = 3000
_THE_DAY = rf"{WEEKDAY}({DAY})"
_NOT_A_SPAN = r"(?!\s*(?:au|jusqu'au|[-–>]+)\s*\d)"
_LETTER = (
    r"(?:compte[ -]rendu|crh?|lettre|courrier|document)"
    r"(?: (?:d'hospitalisation|de liaison|de sortie|de sejour|medicale?|definitif))*"
)
_NOT_A_PLACE = re.compile(
    r"(?<![a-z])(?:nee?s?|entree?s?|sorti\w*|admis\w*|hospitalis\w+|oper\w+|vue?s?|consult\w+|rdv|rendez|controle\w*|"
    r"dece\w+|prelev\w+|recue?s?|sejour\w*|arriv\w+|depart|retour\w*|transf\w+|examen\w*|scanner|irm|radio\w*|echo\w*|"
    r"bilan|suivi|revoir|debut\w*|fin|depuis|realis\w+|pose|ablation|pratiqu\w+|effectu\w+|dates?|urgences|service|"
    r"patiente?|chute\w*|introdui\w+|arret\w*|jusqu\w*|du|au)(?![a-z])"
)
_SAID = (
    re.compile(
        rf"^date(?: (?:du |de la |de l'|de |d')?(?:courrier|document|compte[ -]rendu|lettre|redaction|edition|"
        rf"impression|validation|signature|creation|emission|envoi))?\s*:?\s*(?:le )?{_THE_DAY}{_NOT_A_SPAN}"
    ),
    re.compile(rf"^(?:fait a |a )?(?P<place>[a-z][a-z' -]{{1,40}}), ?(?:(?:le|ce) )?{_THE_DAY}\W*$"),
    re.compile(rf"^le {_THE_DAY}$"),
    re.compile(rf"^(?P<capitals>[a-z][a-z' -]{{1,40}}) le {_THE_DAY}\W*$"),
    re.compile(rf"^{_LETTER}\s*(?:(?:en date )?du|[-–:,])\s*{_THE_DAY}{_NOT_A_SPAN}"),
    re.compile(
        rf"^(?:{_LETTER} )?(?:redige|dicte|tape|etabli|fait|valide|signe|emis|edite|imprime)e?(?![a-z])"
        rf"[^.;:\d]{{0,40}}?(?:le|:)\s*{_THE_DAY}"
    ),
)


def day_of_letter(blocks: Iterable[Line | Grid]) -> ReadFact | None:
    """The day, with the words that say it; None when none does. A day without its year says nothing.

    A line that stands in two columns is read column by column too: the sender is often beside the day.
    """
    pieces = list(_pieces(blocks))
    for pattern in _SAID:
        for piece in pieces:
            found = pattern.search(piece.plain)
            if found and (day := _day(found, piece)):
                return fact_from("date", piece, start=day)
    return None


def dated_by_file(facts: tuple[ReadFact, ...], created: str) -> tuple[ReadFact, ...]:
    """The same facts, with the day the file was made when the letter does not say its own. ``created`` is ISO 8601."""
    if not created or any(fact.kind == "date" for fact in facts):
        return facts
    return (ReadFact("date", start=created, doubts=(DATED_BY_FILE,)), *facts)


def _pieces(blocks: Iterable[Line | Grid]) -> Iterator[Sentence]:
    held = list(blocks)[:MOST_LINES]
    for block in held:
        if isinstance(block, Line):
            yield Sentence("", Words(block.tokens))
            if len(block.cells) > 1:
                yield from (Sentence("", Words(cell)) for cell in block.cells)
        else:
            yield from (Sentence("", Words(tuple(token for cell in row for token in cell))) for row in block.rows)


def _day(found: re.Match[str], piece: Sentence) -> str:
    """ISO 8601; empty for what is no day of this time, or stands after what is no place."""
    named = found.groupdict()
    place = named.get("place") or named.get("capitals") or ""
    if _NOT_A_PLACE.search(place) or (named.get("capitals") and not _in_capitals(piece, len(place))):
        return ""
    day = iso_day(found[found.lastindex or 1])
    real = real_day(day)
    return day if real and FIRST_YEAR <= real.year <= LAST_YEAR else ""


def _in_capitals(piece: Sentence, length: int) -> bool:
    return piece.text[:length].isupper()
