"""Rows of a table of treatments, whatever its columns are called, as lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from liaison.core.cda.values import (
    SECTION_ADMISSION,
    SECTION_DISCHARGE,
    SECTION_STOPPED,
    Code,
    MedicationLine,
    Moments,
    Origin,
)
from liaison.core.medication.from_text.cues import cue_of
from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.mentions import Mention, mentions_in
from liaison.core.medication.from_text.posology import Posology, read_posology, read_route
from liaison.core.medication.from_text.statements import GUESSED_PART, UNKNOWN_NAME, doubts_of, excerpt_of, places_of
from liaison.core.medication.from_text.values import Grid, Token, joined
from liaison.core.medication.line import ATC

Role = str
"""What a column holds: drug, admission, discharge (treatment of that time), side (one of both, with its drug),
a moment, dose, posology, reason… or other."""

_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = tuple(
    (role, re.compile(pattern))
    for role, pattern in (
        (
            "admission",
            (
                r"(?:traitement|medicament|ttt|prescription)s?.*(?:entree|admission|habituel|domicile|avant|"
                r"anterieur)"
            ),
        ),
        ("discharge", r"(?:traitement|medicament|ttt|prescription)s?.*(?:sortie|retour)"),
        (
            "status",
            (
                r"statut|decision|devenir|conduite|^action|^evolution|modification|^suite|^etat|^sortie$|a la "
                r"sortie$"
            ),
        ),
        (
            "drug",
            (
                r"medicament|specialite|produit|^dci|denomination|molecule|^nom|traitement|^designation|"
                r"principe actif|therapeutique|substance|^prescriptions?$|^lignes? de prescription"
            ),
        ),
        ("between", r"^(?:gouter|collation|(?:15|16|17) ?h.*)$"),
        ("morning", r"^(?:matin|reveil|au reveil|lever|m|mat\.?|matin .*|petit.dej.*|(?:0?[5-9]|10) ?h.*)$"),
        ("noon", r"^(?:midi|mi|mid\.?|d|dejeuner|1[1-4] ?h.*)$"),
        ("evening", r"^(?:soir|s|diner|(?:1[5-9]|20) ?h.*)$"),
        ("bedtime", r"^(?:coucher|c|co|n|nuit|au coucher|couch\.?|2[1-3] ?h.*)$"),
        ("need", r"si besoin|a la demande|^sb$|^condition"),
        ("reason", r"commentaire|motif|indication|remarque|raison|observation|justification|precision|consigne"),
        ("duration", r"duree"),
        ("start", r"debut|depuis|^du$|introduit le"),
        ("end", r"^fin|date de fin|jusqu|^au$|arret le|date d'arret"),
        ("route", r"^voie"),
        ("frequency", r"frequence|rythme|^periodicite|moment|^prises?$|quand|horaire|^heures?"),
        ("strength", r"^dosage|concentration|^force"),
        ("form", r"^forme|galenique"),
        ("dose", r"^doses?\b|quantite|^qte|^unite|nombre"),
        ("posology", r"posologie|schema|modalite|administration|mode d'emploi|prise|comment|instruction"),
    )
)
_MOMENTS: tuple[Role, ...] = ("morning", "noon", "evening", "bedtime")
_NOTHING = frozenset({"", "-", "--", "/", "x0", "0", "non", "neant", ".", "_", "aucun", "aucune"})
_TICKED = frozenset({"x", "oui", "✓", "✔", "+", "☒"})
_FEWEST_ROLES = 2
_BEFORE = re.compile(r"^(?:avant|entree|admission|a l'(?:entree|admission)|habituel|domicile|a domicile|anterieur)")
_AFTER = re.compile(r"^(?:apres|sortie|retour|a la sortie|au retour)")
_STOPPED_SIDE = re.compile(r"(?:arret|stop|suspen|interr|supprim|non (?:repris|reconduit|poursuivi)|retire)")
_SAME_SIDE = re.compile(r"(?:idem|=|inchange|poursuiv|poursuit|maintenu|identique|sans changement|meme)\w*")


@dataclass(frozen=True, slots=True)
class _Row:
    """The words under each role."""

    cells: tuple[tuple[Role, tuple[Token, ...]], ...]

    def text(self, *roles: Role) -> str:
        return " ".join(filter(None, (joined(cell) for role, cell in self.cells if role in roles)))

    def cell(self, role: Role) -> tuple[Token, ...]:
        return next((cell for held, cell in self.cells if held == role), ())

    @property
    def tokens(self) -> tuple[Token, ...]:
        return tuple(token for _, cell in self.cells for token in cell)


def role_of(heading: str) -> Role:
    plain = " ".join(folded(heading).strip(" :.*").split())
    return next((role for role, pattern in _ROLES if pattern.search(plain)), "other")


def roles_of(headings: Sequence[str]) -> list[Role]:
    """The role of each column; « Avant » beside « Sortie » are the treatments of these two times."""
    roles = [role_of(heading) for heading in headings]
    plain = [" ".join(folded(heading).strip(" :.*").split()) for heading in headings]
    before = [place for place, text in enumerate(plain) if _BEFORE.match(text)]
    after = [place for place, text in enumerate(plain) if _AFTER.match(text)]
    if before and after:
        roles[before[0]], roles[after[0]] = "admission", "discharge"
    return roles


def is_heading_row(cells: list[str]) -> bool:
    """Whether these cells head a table of treatments: several columns we know, of which one names the drugs."""
    roles = roles_of(cells)
    known = [role for role in roles if role != "other"]
    names = {"drug", "admission", "discharge"} & set(roles)
    return len(set(known)) >= _FEWEST_ROLES and bool(names) and not any(mentions_in(folded(cell)) for cell in cells)


def read_grid(grid: Grid, section: str, origin: Origin, year: str = "") -> list[MedicationLine]:
    """One line for each row with a drug; a table with a column of before and one of after gives lines of both."""
    roles = roles_of(grid.headings)
    if "drug" not in roles and not {"admission", "discharge"} & set(roles):
        roles[:1] = ["drug"]
    lines: list[MedicationLine] = []
    for cells in grid.rows:
        row = _Row(tuple(zip(roles, cells, strict=False)))
        lines += _lines(row, section, origin, year)
    return lines


def read_rows(rows: tuple[tuple[str, ...], ...], section: str) -> tuple[MedicationLine, ...]:
    """The rows of the tables of a narrative, each table after its headings; empty when none holds drugs."""
    lines: list[MedicationLine] = []
    headings: tuple[str, ...] = ()
    for row in rows:
        if is_heading_row(list(row)) or not headings:
            headings = row
            continue
        cells = tuple(tuple(Token(word) for word in cell.split()) for cell in row)
        lines += read_grid(Grid(headings, (cells,)), section, "table")
    return tuple(replace(line, narrative=line.excerpt) for line in lines)


def _lines(row: _Row, section: str, origin: Origin, year: str) -> list[MedicationLine]:
    if row.text("admission", "discharge"):
        return [_line(side, "side", place, origin, year) for side, place in _sides(row)]
    if not _holds_drug(row.text("drug")):
        return []
    return [_line(row, "drug", section, origin, year)]


def _sides(row: _Row) -> Iterator[tuple[_Row, str]]:
    """The treatment before and the one after, each with its section: « ARRÊT » after says the one before is stopped."""
    drug, before, after = row.cell("drug"), row.cell("admission"), row.cell("discharge")
    others = tuple((role, cell) for role, cell in row.cells if role not in ("drug", "admission", "discharge"))
    first = _Row((("side", (*drug, *before)), *others))
    said = folded(joined(after)).strip(" .:*-")
    if _is_said(joined(before)) and _holds_drug(first.text("side")):
        yield first, SECTION_ADMISSION
    status = folded(row.text("status")).strip()
    if _STOPPED_SIDE.match(said) or (not _is_said(said) and _STOPPED_SIDE.match(status)):
        yield _Row((*first.cells, ("status", after))), SECTION_STOPPED
    elif _SAME_SIDE.fullmatch(said):
        yield _Row((*first.cells, ("status", after))), SECTION_DISCHARGE
    elif _is_said(said) and _holds_drug(f"{joined(drug)} {said}"):
        yield _Row((("side", (*drug, *after)), *others)), SECTION_DISCHARGE


def _holds_drug(text: str) -> bool:
    plain = folded(text).strip()
    return (
        plain not in _NOTHING and any(letter.isalpha() for letter in plain) and not plain.startswith(("aucun", "neant"))
    )


def _line(row: _Row, role: Role, section: str, origin: Origin, year: str) -> MedicationLine:
    named = row.text(role)
    mention = next(iter(mentions_in(folded(named))), None)
    posology = _posology(row, named, mention, role, year)
    status = _status(row, section) if role == "drug" else section
    return MedicationLine(
        section=status or SECTION_DISCHARGE,
        name=_name(named, posology, row),
        codes=(Code(mention.atc, ATC),) if mention and mention.atc else (),
        dose=posology.dose,
        frequency=posology.frequency,
        route=posology.route,
        as_needed=posology.as_needed or _is_said(row.text("need")),
        condition=posology.condition,
        start=posology.period.start,
        end=posology.period.end,
        duration=posology.period.duration,
        reason=row.text("reason") if folded(row.text("reason")).strip() not in _NOTHING else "",
        moments=posology.moments,
        origin=origin,
        page=next((token.page for token in row.tokens if token.page), None),
        excerpt=excerpt_of(row.tokens),
        narrative=excerpt_of(row.tokens),
        places=places_of(row.tokens),
        doubts=tuple(_doubts(mention, status, origin, posology)),
    )


def _doubts(mention: Mention | None, status: str, origin: Origin, posology: Posology) -> list[str]:
    return [
        *([UNKNOWN_NAME] if mention is None and origin == "text" else []),
        *([] if status else [GUESSED_PART]),
        *(doubts_of(posology, status or SECTION_DISCHARGE) if origin == "text" else []),
    ]


def _status(row: _Row, section: str) -> str:
    """What the column of decisions says, else the section the table stands in."""
    said = folded(row.text("status", "reason"))
    cue = cue_of("", said)
    stopped = cue.said == "stopped" or folded(row.text("status")).strip().startswith(
        ("arret", "stop", "suspen", "interr")
    )
    if stopped:
        return SECTION_STOPPED
    decided = folded(row.text("status")).strip() not in _NOTHING
    return SECTION_DISCHARGE if decided and section != SECTION_STOPPED else section


def _name(named: str, posology: Posology, row: _Row) -> str:
    """The name with its strength; words of the posology written in the same cell are left out."""
    found = named.find(posology.strength) if posology.strength else -1
    kept = named[: found + len(posology.strength)] if found > 0 else named
    if found <= 0 and posology.dose and posology.dose in kept:
        kept = kept[: kept.find(posology.dose)].strip(" ,:;-(")
    if found < 0 and row.text("strength"):
        kept = f"{kept} {row.text('strength')}"
    return kept.strip(" ,:;-(") or named


def _posology(row: _Row, named: str, mention: Mention | None, role: Role, year: str) -> Posology:
    own = named[mention.end :] if mention else _from_first_digit(named)
    start, end = row.text("start"), row.text("end")
    said = (
        own, row.text("strength"), row.text("dose"), row.text("posology"), row.text("frequency"), row.text("route"),
        f"pendant {row.text('duration')}" if row.text("duration")[:1].isdigit() else row.text("duration"),
        row.text("need") if len(row.text("need").split()) > 1 else "",
        f"depuis le {start}" if _is_said(start) else "", f"jusqu'au {end}" if _is_said(end) else "",
    )  # fmt: skip
    if role != "drug":
        said = (own, *said[1:])
    read = read_posology(" ; ".join(filter(None, said)), year=year)
    if not read.is_timed and not any(_is_said(row.text(moment)) for moment in _MOMENTS):
        read = read_posology(" ; ".join(filter(None, (*said, row.text("reason")))), year=year)
    return _with_columns(row, read)


def _from_first_digit(text: str) -> str:
    found = re.search(r"\d", text)
    return text[found.start() :] if found else ""


def _with_columns(row: _Row, read: Posology) -> Posology:
    """A column for each moment says more than any words."""
    read = replace(
        read,
        dose=row.text("dose") if _is_said(row.text("dose")) else read.dose,
        frequency=row.text("frequency") if _is_said(row.text("frequency")) else read.frequency,
    )
    amounts = [_intake(row.text(moment), read) for moment in _MOMENTS]
    has_columns = any(role in _MOMENTS for role, _ in row.cells)
    said = {amount for amount in amounts if amount not in ("", "0")}
    route = read.route or read_route(folded(row.text("form"))) or ""
    if not has_columns or not said:
        return replace(read, route=route)
    taken = [(amount, name) for amount, name in zip(amounts, _NAMES, strict=True) if amount not in ("", "0")]
    dose = next(iter(said)) if len(said) == 1 else ""
    explicit = read.dose if read.dose != read.strength else ""
    return replace(
        read,
        is_stepped=read.is_stepped or _is_said(row.text("between")),
        moments=Moments(*amounts),
        route=route,
        dose=explicit or (row.text(_first_moment(row)) if len(said) == 1 else dose) or read.dose,
        frequency=read.frequency or ", ".join(name for _, name in taken),
    )


_NAMES = ("matin", "midi", "soir", "coucher")


def _first_moment(row: _Row) -> Role:
    return next(role for role in _MOMENTS if folded(row.text(role)).strip() not in _NOTHING)


def _intake(cell: str, read: Posology) -> str:
    plain = folded(cell).strip()
    if plain == "0":
        return "0"
    if plain in _NOTHING:
        return ""
    if plain in _TICKED:
        return read_posology(f"{read.dose} le matin").moments.morning or "prise"
    return read_posology(f"{cell} matin").moments.morning or cell.strip()


def _is_said(text: str) -> bool:
    return folded(text).strip() not in _NOTHING
