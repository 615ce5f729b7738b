"""The conventions of MSSanté mail (Référentiel socle MSSanté #2 v1.0.1, § ECO.2): subject, file names, headers.

All of them are hints for people: none identifies a patient, the documents do.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

PREFIX = "XDM/1.0/DDM"
LABEL_CHARACTERS = 40
UNKNOWN_ERROR = "906"

_PREFIX = re.compile(r"XDM\s?/\s?1\.0\s?/\s?DDM\s?\+?\s?", re.IGNORECASE)
_ERROR = re.compile(
    r"\[(?:KO Int[ée]gration|Erreur d['’]int[ée]gration)[^\]]{0,200}\]\s*(?:\[?(9\d\d)\b\]?)?", re.IGNORECASE
)
_BIRTH_DATE = re.compile(r"\s(\d{2})/(\d{2})/(\d{4})\s*$")
_SUFFIX = re.compile(r"(\s*\[[^\]]*\])+\s*$")
_COUNT = re.compile(r"(\d{1,3}) documents?\b", re.IGNORECASE)
# « à la sortie d'un ES », « examen par IRM »: capitals after such a word are the label's, no name comes there.
_BEFORE_AN_ACRONYM = {"d'un", "d'une", "un", "une", "en", "par", "au", "aux"}
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "’": "'"})
_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|_\x00-\x1f]+')


@dataclass(frozen=True, slots=True)
class MssSubject:
    """A subject as read. ``display`` is what a person sees, the machine's prefix hidden (ECO.3.1.3).

    ``birth_date`` is ISO 8601; ``documents`` 0 when the subject is not of the MSSanté form; ``error_code`` the 900 to
    906 of a subject that tells of a failed integration, 906 when it does not say which.
    """

    display: str
    documents: int = 0
    label: str = ""
    family: str = ""
    given: str = ""
    birth_date: str = ""
    error_code: str = ""


@dataclass(frozen=True, slots=True)
class MssHeaders:
    """The X-MSS-* headers: document codes, qualified INS said or denied (None: unsaid), product, exchange closed."""

    codes: tuple[str, ...] = ()
    qualified_ins: bool | None = None
    product: str = ""
    closed: bool = False


def compose_subject(labels: Sequence[str], family: str, given: str, birth_date: str) -> str:
    """``XDM/1.0/DDM+<label> <FAMILY> <given> <JJ/MM/AAAA>`` (ECO.2.1.3); an ISO date that is not whole is left out."""
    label = labels[0][:LABEL_CHARACTERS].strip() if len(labels) == 1 else f"{len(labels)} documents"
    words = (label, without_accents(family).upper(), without_accents(given), _french_date(birth_date))
    return f"{PREFIX}+" + " ".join(word for word in words if word)


def read_subject(subject: str) -> MssSubject:
    """What a subject says, the prefix found anywhere and in any case, after any RE, TR or FWD."""
    display = " ".join(_PREFIX.sub("", subject).split())
    error = _ERROR.search(subject)
    error_code = (error[1] or UNKNOWN_ERROR) if error else ""
    parts = _PREFIX.split(subject, maxsplit=1)
    if len(parts) == 1:
        return MssSubject(display, error_code=error_code)
    rest, birth_date = _take_birth_date(_SUFFIX.sub("", " ".join(parts[1].split())))
    label, family, given = _split_names(rest)
    counted = _COUNT.match(label)
    return MssSubject(display, int(counted[1]) if counted else 1, label, family, given, birth_date, error_code)


def _take_birth_date(text: str) -> tuple[str, str]:
    found = _BIRTH_DATE.search(text)
    return (text[: found.start()], f"{found[3]}-{found[2]}-{found[1]}") if found else (text, "")


def _split_names(text: str) -> tuple[str, str, str]:
    """Label, family and given: the family is the last run of words in capitals, the given name what follows.

    An acronym that ends the label after a word no name follows is the label's.
    """
    words = text.split()
    end = len(words)
    while end > 0 and not _is_capitals(words[end - 1]):
        end -= 1
    if end == 0:
        return text, "", ""
    if end == len(words) and end > 1:
        end -= 1
    start = end
    while start > 1 and _is_capitals(words[start - 1]):
        start -= 1
    if start < end - 1 and words[start - 1].lower().replace("’", "'") in _BEFORE_AN_ACRONYM:
        start += 1
    if start == end:
        return text, "", ""
    return " ".join(words[:start]), " ".join(words[start:end]), " ".join(words[end:])


def _is_capitals(word: str) -> bool:
    return word.isupper() and not any(character.isdigit() for character in word)


def pdf_name(act_date: date | str, label: str, family: str, given: str) -> str:
    """``<AAAAMMJJ>_<label>_<FAMILY>_<given>.pdf`` (ECO.2.1.6). ``act_date`` is a date or ISO 8601."""
    day = str(act_date)[:10].replace("-", "")
    words = (day, label[:LABEL_CHARACTERS], without_accents(family).upper(), without_accents(given))
    return "_".join(_NOT_IN_FILE_NAMES.sub(" ", word).strip() for word in words if word) + ".pdf"


def mss_headers(codes: Iterable[str], qualified_ins: bool | None, product: str) -> tuple[tuple[str, str], ...]:
    """X-MSS-CODECDA, X-MSS-INS and X-MSS-NIL (ECO.2.4.1 to 3); the first two only where there is a CDA."""
    unique = tuple(dict.fromkeys(filter(None, codes)))
    headers = [("X-MSS-CODECDA", ",".join(unique))] if unique else []
    if unique and qualified_ins is not None:
        headers.append(("X-MSS-INS", "O" if qualified_ins else "N"))
    return (*headers, ("X-MSS-NIL", product)) if product else tuple(headers)


def read_mss_headers(headers: Iterable[tuple[str, str]]) -> MssHeaders:
    """The meaning of ``Mail.mss_headers``."""
    said = {name.upper(): value.strip() for name, value in reversed(tuple(headers))}
    return MssHeaders(
        codes=tuple(code.strip() for code in said.get("X-MSS-CODECDA", "").split(",") if code.strip()),
        qualified_ins={"O": True, "N": False}.get(said.get("X-MSS-INS", "").upper()),
        product=said.get("X-MSS-NIL", ""),
        closed=said.get("X-MSS-MES", "").upper() == "FIN",
    )


def without_accents(text: str) -> str:
    if text.isascii():
        return " ".join(text.split())
    letters = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def _french_date(iso: str) -> str:
    try:
        return date.fromisoformat(iso[:10]).strftime("%d/%m/%Y")
    except ValueError:
        return ""
