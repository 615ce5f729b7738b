"""A list of residents as a home's software exports it: a CSV file, read line by line, each fault said in French.

The columns are those of ``COLUMNS``, in any order; an empty cell says nothing and changes nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from liaison.core.csv_list import WRONG_WIDTH, CsvList, LineProblem, read_csv_list
from liaison.core.identity.ins import is_valid_ins
from liaison.core.identity.status import DOUBTFUL, FICTIVE
from liaison.core.identity.traits import strict_code, strict_date
from liaison.core.notices import Notice, Unreadable
from liaison.core.people import INS_ROOTS

MOST_ROWS = 50_000
STATUSES = frozenset({"PROV", "RECUP", "VALI", "QUAL"})
COLUMNS = {
    "identifiant": "local_id",
    "matricule_ins": "ins",
    "oid_ins": "ins_oid",
    "statut_identite": "ins_status",
    "nom_naissance": "birth_family",
    "premier_prenom": "birth_given",
    "prenoms_naissance": "given_names",
    "nom_utilise": "used_family",
    "prenom_utilise": "used_given",
    "date_naissance": "birth_date",
    "sexe": "sex",
    "lieu_naissance": "birth_place",
    "chambre": "room",
    "present": "present",
    "attributs_identite": "attributes",
}
REQUIRED = ("nom_naissance", "premier_prenom", "date_naissance", "sexe")
LONGEST = {"local_id": 64, "birth_family": 100, "birth_given": 100, "given_names": 200, "used_family": 100}
LONGEST |= {"used_given": 100, "room": 20}
NO_ATTRIBUTE, HOMONYM = "AUCUN", "HOMONYME"
ATTRIBUTES = {
    "HOMO": HOMONYM,
    "HOMA": HOMONYM,
    "HOMD": HOMONYM,
    HOMONYM: HOMONYM,
    "DOUT": DOUBTFUL,
    "DOUTEUSE": DOUBTFUL,
    "FICT": FICTIVE,
    "FICTIVE": FICTIVE,
    NO_ATTRIBUTE: NO_ATTRIBUTE,
}
"""What the attributes may be written as: codes of the RNIV and of HL7 table 0445, or words."""
PRESENCES = {"": None, "oui": True, "non": False}

_PLACE = re.compile(r"\d{5}|2[AB]\d{3}", re.ASCII)
_FRENCH_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One resident: ``traits`` holds the identity traits the line gives, under the names of ``LocalIdentity``.

    ``doubt`` is among them when the line states attributes, empty when it states none of doubt. ``homonym`` is only
    ever given: a person takes that attribute away.
    """

    line: int
    local_id: str
    traits: Mapping[str, str]
    room: str = ""
    present: bool | None = None
    homonym: bool = False


@dataclass(frozen=True, slots=True)
class Roster:
    """The lines that can be taken, and what is wrong with the others, in the order of the file."""

    rows: tuple[RosterRow, ...]
    problems: tuple[LineProblem, ...] = field(default=())


def read_roster(content: bytes) -> Roster | Unreadable:
    """The residents of a CSV file; Unreadable when the file or its header cannot be used at all."""
    listed = read_csv_list(content, columns=COLUMNS, most_rows=MOST_ROWS)
    if isinstance(listed, Unreadable):
        return listed
    missing = [name for name in REQUIRED if name not in listed.header]
    if missing:
        return Unreadable(Notice("roster_missing_column", f"Il manque la colonne {missing[0]}."))
    return _read_lines(listed)


def _read_lines(listed: CsvList) -> Roster:
    rows: list[RosterRow] = []
    problems: list[LineProblem] = []
    for number, cells in listed.lines:
        values = _values(listed.header, cells)
        faults = [WRONG_WIDTH] if values is None else list(_faults(values))
        problems += [LineProblem(number, fault) for fault in faults]
        if values is not None and not faults:
            rows.append(_row(number, values))
    problems += _repeated(rows)
    return Roster(tuple(rows), tuple(sorted(problems, key=lambda problem: problem.line)))


def _values(header: tuple[str, ...], cells: tuple[str, ...]) -> dict[str, str] | None:
    if len(cells) != len(header):
        return None
    given = dict.fromkeys(COLUMNS.values(), "")
    for name, cell in zip(header, cells, strict=True):
        given[COLUMNS[name]] = _FORMS.get(name, str.strip)(cell)
    return given


def _faults(values: dict[str, str]) -> Iterator[str]:
    for name in REQUIRED:
        if not values[COLUMNS[name]]:
            yield f"La case {name} est vide."
    for name, most in LONGEST.items():
        if len(values[name]) > most:
            yield f"La case {_column(name)} dépasse {most} caractères."
    yield from (message for holds, message in _RULES if not holds(values))


def _row(number: int, values: dict[str, str]) -> RosterRow:
    apart = {"local_id", "room", "present", "attributes"}
    stated = _attributes(values)
    traits = {name: value for name, value in values.items() if value and name not in apart} | _doubt(stated)
    present = PRESENCES[values["present"]]
    return RosterRow(number, values["local_id"], traits, values["room"], present, homonym=HOMONYM in stated)


def _attributes(values: Mapping[str, str]) -> set[str]:
    return {ATTRIBUTES.get(word, word) for word in values["attributes"].split()}


def _doubt(stated: set[str]) -> dict[str, str]:
    """A doubtful or fictive identity is provisional and bears no INS (see ``status``); stating none takes it away."""
    doubts = stated & {DOUBTFUL, FICTIVE}
    if doubts:
        return {"doubt": min(doubts), "ins": "", "ins_oid": "", "ins_status": "PROV"}
    return {"doubt": ""} if stated else {}


def _repeated(rows: list[RosterRow]) -> list[LineProblem]:
    """The second line that bears the identifier or the matricule of another: whom it is about is not known."""
    problems: list[LineProblem] = []
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        for column, value in (("identifiant", row.local_id), ("matricule_ins", row.traits.get("ins", ""))):
            first = seen.setdefault((column, value), row.line)
            if value and first != row.line:
                problems.append(LineProblem(row.line, f"La case {column} est déjà celle de la ligne {first}."))
    return problems


def _column(name: str) -> str:
    return next(column for column, of in COLUMNS.items() if of == name)


def is_known_date(text: str) -> bool:
    """A real day of the calendar, or a year, or a year and month when the rest is unknown."""
    parts = [int(part) for part in strict_date(text).split("-") if part]
    try:
        return bool(parts) and bool(date(*[*parts, 1, 1][:3]))
    except ValueError:
        return False


def iso_date(text: str) -> str:
    """AAAA-MM-JJ from JJ/MM/AAAA or ISO 8601; a text of another form as it is."""
    text = text.strip()
    found = _FRENCH_DATE.fullmatch(text)
    return f"{found[3]}-{found[2]}-{found[1]}" if found else strict_date(text) or text


_FORMS: dict[str, Callable[[str], str]] = {
    "matricule_ins": strict_code,
    "oid_ins": strict_code,
    "statut_identite": strict_code,
    "date_naissance": iso_date,
    "sexe": strict_code,
    "lieu_naissance": strict_code,
    "present": lambda cell: cell.strip().lower(),
    "attributs_identite": lambda cell: re.sub(r"[,;/+\s]+", " ", cell).strip().upper(),
}
_RULES: tuple[tuple[Callable[[dict[str, str]], bool], str], ...] = (
    (
        lambda of: bool(of["local_id"] or of["ins"]),
        "Il faut un identifiant ou un matricule INS : sans eux, la ligne serait ajoutée à chaque import.",
    ),
    (lambda of: not of["ins"] or is_valid_ins(of["ins"]), "Le matricule INS est faux (forme ou clé)."),
    (lambda of: not of["ins_oid"] or of["ins_oid"] in INS_ROOTS, "L'OID n'est pas celui d'une INS."),
    (lambda of: not of["ins_status"] or of["ins_status"] in STATUSES, "Le statut est PROV, RECUP, VALI ou QUAL."),
    (
        lambda of: bool(of["ins"]) or of["ins_status"] not in {"RECUP", "QUAL"},
        "Une identité récupérée ou qualifiée porte un matricule INS.",
    ),
    (lambda of: not of["birth_date"] or is_known_date(of["birth_date"]), "La date de naissance n'est pas une date."),
    (lambda of: of["sex"] in {"", "F", "M", "U"}, "Le sexe est F, M ou U."),
    (
        lambda of: not of["birth_place"] or bool(_PLACE.fullmatch(of["birth_place"])),
        "Le lieu de naissance est un code INSEE de cinq caractères.",
    ),
    (
        lambda of: _attributes(of) <= set(ATTRIBUTES.values()),
        "Les attributs sont homonyme, douteuse, fictive, ou aucun.",
    ),
    (
        lambda of: len(_attributes(of)) <= 1 or NO_ATTRIBUTE not in _attributes(of),
        "La case attributs_identite dit aucun, ou des attributs.",
    ),
    (
        lambda of: not _attributes(of) >= {DOUBTFUL, FICTIVE},
        "Une identité est douteuse ou fictive, pas les deux.",
    ),
    (
        lambda of: not _doubt(_attributes(of)).get("doubt") or (not of["ins"] and of["ins_status"] in {"", "PROV"}),
        "Une identité douteuse ou fictive est provisoire et ne porte pas de matricule INS.",
    ),
    (lambda of: of["present"] in PRESENCES, "La case present est oui ou non."),
)
