"""Letters in the text form of H.PR.I.M. Médecins, which doctors' and laboratories' software still sends as a mail body.

Twelve lines stand before the words: a code, family name, given name, two lines of address, postcode and town, birth
date, social security number, file number, date, sender, recipient. ``****LAB****`` begins the coded results,
``****FIN****`` ends a letter, ``****FINFICHIER****`` the whole. Second-hand: the association's own text (« H.PR.I.M.
Médecins » 3.0, 1997) was not read; this follows three independent programs that write or read the form, and their
users' notes. Each fills the lines in its own way, so that what they say is a claim to be checked.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from liaison.core.mail.encoding import decode_text
from liaison.core.people import Patient

MAX_BYTES = 2_000_000
HEADER_LINES = 12
LINES_BEFORE = 4
_LONGEST_LINE = 100
_WHOLE_DATE = 10
_END = re.compile(r"^[ \t]*\*{4}FIN(?:FICHIER)?\*{3,4}[ \t]*$", re.MULTILINE)
_RESULTS = re.compile(r"^[ \t]*\*{4}LAB\*{3,4}[ \t]*$", re.MULTILINE)
_SOME_DATE = re.compile(rb"\d\d[/.-]\d\d[/.-]\d\d")
_DATE = re.compile(r"(\d\d)([/.-])(\d\d)\2(\d{4}|\d\d)")
_NAME = re.compile(r"[^\W\d_][^\d_*|:;<>@]*")
_NUMBER = re.compile(r"[\d ABab.]{0,25}")


@dataclass(frozen=True, slots=True)
class TextLetter:
    """One letter: whom its header names, without any INS; its date (ISO 8601) and its words, the codes left out."""

    patient: Patient
    reference: str
    date: str
    sender: str
    recipient: str
    text: str


def read_hprim(content: bytes) -> tuple[TextLetter, ...]:
    """The letters of a text that bears such a header, most often one; none for any other text.

    The social security number is left out: it may be that of the person who insures the patient, and is no INS.
    """
    if not _SOME_DATE.search(content, 0, HEADER_LINES * _LONGEST_LINE):
        return ()
    text = decode_text(content[:MAX_BYTES]).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return tuple(_letters(_END.split(text)))


def _letters(records: list[str]) -> Iterator[TextLetter]:
    """The records that bear a header; one that no end mark closes must bear its own date as well."""
    for number, record in enumerate(records, start=1):
        lines = record.split("\n", LINES_BEFORE + HEADER_LINES)
        found = (start for start in range(LINES_BEFORE) if _is_header(lines[start : start + HEADER_LINES]))
        start = next(found, None)
        if start is None:
            continue
        letter = _letter(lines[start : start + HEADER_LINES], "\n".join(lines[start + HEADER_LINES :]))
        if number < len(records) or letter.date:
            yield letter


def _is_header(lines: list[str]) -> bool:
    if len(lines) < HEADER_LINES or any(len(line) > _LONGEST_LINE for line in lines):
        return False
    said = [line.strip() for line in lines]
    names = all(_NAME.fullmatch(name) for name in said[1:3])
    born = len(said[6]) == _WHOLE_DATE and bool(_day(said[6]))
    dated = not said[9] or bool(_day(said[9]))
    return names and born and dated and bool(_NUMBER.fullmatch(said[7]))


def _letter(lines: list[str], words: str) -> TextLetter:
    said = [" ".join(line.split()) for line in lines]
    return TextLetter(
        patient=Patient(used_family=said[1], used_given=said[2], birth_date=_day(said[6])),
        reference=said[8],
        date=_day(said[9]),
        sender=said[10],
        recipient=said[11],
        text=_RESULTS.split(words, maxsplit=1)[0].strip("\n"),
    )


def _day(text: str) -> str:
    """``JJ/MM/AAAA`` as ISO 8601; a year in two figures, which no birth date may have, is of this century."""
    found = _DATE.fullmatch(text)
    if found:
        year = found[4] if len(found[4]) > 2 else f"20{found[4]}"  # noqa: PLR2004  # the figures of a short year
        with suppress(ValueError):
            return date(int(year), int(found[3]), int(found[1])).isoformat()
    return ""
