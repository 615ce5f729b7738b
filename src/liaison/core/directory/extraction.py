"""The national extraction of MSSanté mailboxes, as the ANS publishes it: one line a mailbox, ``|`` between cells.

Extraction_Correspondance_MSSante has 31 columns under a header line, in UTF-8. It holds the mailboxes of people (PER)
and of organisations (ORG) that are not on the red list, without any stable identifier or date of its own.
"""

import re
from functools import lru_cache
from hashlib import blake2b

from liaison.core.directory.values import Kind, Listed
from liaison.core.directory.words import words_of
from liaison.core.notices import Notice

COLUMNS = (
    "Type de BAL",
    "Adresse BAL",
    "Type Identifiant PP",
    "Identifiant PP",
    "Identification nationale PP",
    "Type identifiant structure",
    "Identification Structure",
    "Service de rattachement",
    "Civilité d'exercice",
    "Nom d'exercice",
    "Prénom d'exercice",
    "Catégorie profession",
    "Libellé de catégorie profession",
    "Code Profession",
    "Libellé Profession",
    "Code savoir-faire",
    "Libellé savoir-faire",
    "Dématérialisation",
    "Raison Sociale structure BAL",
    "Enseigne commerciale structure BAL",
    "L2COMPLEMENTLOCALISATION structure BAL",
    "L3COMPLEMENTDISTRIBUTION structure BAL",
    "L4NUMEROVOIE structure BAL",
    "L4COMPLEMENTNUMEROVOIE structure BAL",
    "L4TYPEVOIE structure BAL",
    "L4LIBELLEVOIE structure BAL",
    "L5LIEUDITMENTION structure BAL",
    "L6LIGNEACHEMINEMENT structure BAL",
    "Code postal structure BAL",
    "Département structure BAL",
    "Pays structure BAL",
)
SEPARATOR = "|"
LONGEST_LINE = 8_000

NOT_AN_EXTRACTION = Notice(
    "not_an_extraction", "Ce fichier n'est pas l'extraction MSSanté de l'Annuaire Santé (31 colonnes attendues)."
)
WRONG_WIDTH = Notice("wrong_width", "La ligne n'a pas 31 colonnes.")
NO_ADDRESS = Notice("no_address", "La ligne ne porte pas d'adresse.")
OTHER_KIND = Notice("other_kind", "Le type de BAL n'est pas connu.")

_KINDS: dict[str, Kind] = {"PER": "PER", "ORG": "ORG", "CAB": "CAB"}
_FIRST_HEADINGS = ("type de bal", "adresse bal")
_YES = frozenset({"O", "OUI", "Oui", "oui", "1", "true", "True"})
_ADDRESS = re.compile(r"[^\s@|]+@[^\s@|]+\.[^\s@|]+")
_LONGEST_ADDRESS = 254
_OVERSEAS = ("97", "98")


def check_header(line: str) -> Notice | None:
    """Why the first line cannot be that of the extraction; None when it can. A byte order mark is let through."""
    headings = [heading.strip().strip('"').lower() for heading in line.lstrip("\ufeff").rstrip("\r\n").split(SEPARATOR)]
    if headings and headings[-1] == "" and len(headings) == len(COLUMNS) + 1:
        headings.pop()
    sound = len(headings) == len(COLUMNS) and tuple(headings[:2]) == _FIRST_HEADINGS
    return None if sound else NOT_AN_EXTRACTION


def read_line(line: str) -> Listed | Notice:
    """One line after the header, without its end; a Notice says why it is left out."""
    cells = line.split(SEPARATOR)
    if len(cells) != len(COLUMNS) and not (len(cells) == len(COLUMNS) + 1 and cells[-1] == ""):
        return WRONG_WIDTH
    kind = _KINDS.get(cells[0])
    if kind is None:
        return OTHER_KIND
    email = cells[1].strip().lower()
    if len(email) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(email):
        return NO_ADDRESS
    postal_code, city, department = _place(cells[28], cells[27])
    return Listed(
        kind,
        email,
        cells[6] if kind == "ORG" else cells[4] or cells[2] + cells[3],
        cells[8],
        cells[9].strip(),
        cells[10].strip(),
        cells[14],
        cells[16],
        cells[19] or cells[18],
        cells[6],
        cells[7],
        " ".join(filter(None, cells[22:26])),
        postal_code,
        city,
        department,
        cells[17] in _YES,
    )


@lru_cache(maxsize=1 << 16)
def _place(code: str, routing: str) -> tuple[str, str, str]:
    """The postal code, town and department of a line: the directory repeats them."""
    postal_code = code.strip()
    return postal_code, _city(routing, postal_code), department_of(postal_code)


def digest_of(line: str) -> int:
    """Sixty-four bits of a line, signed: two extractions hold the same line when they hold its digest."""
    return int.from_bytes(blake2b(line.encode(), digest_size=8).digest(), "big", signed=True)


def department_of(postal_code: str) -> str:
    """The department of a French postal code: two digits, three overseas (Corsica is 20); empty without a code."""
    if not postal_code[:2].isdecimal():
        return ""
    return postal_code[:3] if postal_code.startswith(_OVERSEAS) else postal_code[:2]


def _city(routing: str, postal_code: str) -> str:
    """The town of a routing line (« 51092 REIMS CEDEX »), without its code and the post office's word."""
    name = routing.strip()
    if postal_code and name.startswith(postal_code):
        name = name[len(postal_code) :].strip()
    elif name[:5].isdecimal():
        name = name[5:].strip()
    return name.partition(" CEDEX")[0].strip()


def same_town(one: str, other: str) -> bool:
    """Whether two ways of writing a town are the same one: « ST ETIENNE » and « Saint-Étienne »."""
    return set(words_of(one)) == set(words_of(other))
