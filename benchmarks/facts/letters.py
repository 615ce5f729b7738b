"""Letters whose facts are known: one form of each kind drawn from a file, the days drawn too, as text and as PDF."""

import calendar
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from liaison.core.pdf.letter import write_letter
from liaison.core.pdf.values import Letter as PdfLetter
from liaison.core.pdf.values import LetterSection

FORMS = {
    "seen": "seen.txt",
    "unseen": "unseen.txt",
    "third": "third.txt",
    "fourth": "fourth.txt",
    "held": "held.txt",
}
NEXT_LINE = "⏎"
ORDER = ("date", "stay", "problems", "allergies", "carriage", "expected", "follow")
_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_FILLING = (
    "Évolution dans le service",
    "L'évolution a été favorable sous traitement symptomatique et rééducation.",
    "La tension est à 132/71 et la saturation à 96 % en air ambiant.",
)
_LATER = re.compile(r"\{\+(\d+)(m?)\}")


@dataclass(frozen=True, slots=True)
class Truth:
    """A fact the letter states: its label, or a part of it for what is asked for; ISO days.

    A ``doubtful`` one is supposed, on a condition or of the past in the letter itself.
    """

    kind: str
    label: str
    start: str = ""
    end: str = ""
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """``written`` is the day the reader is told, nothing when the letter is to say it itself."""

    lines: tuple[str, ...]
    written: str
    truths: tuple[Truth, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def pdf(self) -> bytes:
        blocks = (tuple(block.splitlines()) for block in self.text.split("\n\n") if block.strip())
        sections = tuple(LetterSection(lines[0], lines[1:]) for lines in blocks)
        return write_letter(PdfLetter("Compte rendu d'hospitalisation", ("CHU",), (), self.written, (), sections))


def forms_of(corpus: str) -> dict[str, list[tuple[str, str]]]:
    """By kind, each form and the facts it states, as they are written in the file."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    kind = ""
    for line in Path(__file__).with_name(FORMS[corpus]).read_text("utf-8").splitlines():
        if line.startswith("## "):
            kind = line[3:]
        elif line and not line.startswith("#"):
            form, _, facts = line.partition("=>")
            kinds.setdefault(kind, []).append((form.strip(), facts.strip()))
    return kinds


def make_letters(corpus: str, count: int, seed: int = 0) -> Iterator[Letter]:
    """Each form comes as often as another; what stands beside it, and the days, change."""
    draw = random.Random(f"{corpus}{seed}")  # noqa: S311 (a corpus, no secret)
    forms = forms_of(corpus)
    kinds = [kind for kind in ORDER if kind in forms]
    bags: dict[str, list[tuple[str, str]]] = {kind: [] for kind in kinds}
    for _ in range(count):
        chosen = {}
        for kind in kinds:
            bags[kind] = bags[kind] or draw.sample(forms[kind], len(forms[kind]))
            chosen[kind] = bags[kind].pop()
        yield _letter(chosen, draw)


def _letter(chosen: dict[str, tuple[str, str]], draw: random.Random) -> Letter:
    out = date(2026, draw.randint(1, 9), draw.randint(1, 28))
    days = {
        "in": out - timedelta(days=draw.randint(2, 28)),
        "out": out,
        "due": out + timedelta(days=draw.randint(7, 90)),
        "past": out - timedelta(days=draw.randint(100, 300)),
    }
    write = draw.choice((_numbers, _words))
    shown = {name: write(day) for name, day in days.items()}
    iso = {name: day.isoformat() for name, day in days.items()}
    lines: list[str] = []
    truths: list[Truth] = []
    for kind, (form, facts) in chosen.items():
        lines += [*(part.strip() for part in _filled(form, shown).split(NEXT_LINE)), ""]
        truths += [_truth(_filled(_later(fact, out), iso)) for fact in facts.split(";") if fact.strip()]
        if kind == "carriage":
            lines += [*_FILLING, ""]
    says_its_day = any(truth.kind == "date" for truth in truths)
    return Letter(tuple(lines), "" if says_its_day else out.isoformat(), tuple(truths))


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def _later(fact: str, start: date) -> str:
    """« {+8} » is so many days after the letter, « {+3m} » so many months."""

    def written(found: re.Match[str]) -> str:
        number = int(found[1])
        if not found[2]:
            return (start + timedelta(days=number)).isoformat()
        year, month = divmod(start.month - 1 + number, 12)
        last = calendar.monthrange(start.year + year, month + 1)[1]
        return date(start.year + year, month + 1, min(start.day, last)).isoformat()

    return _LATER.sub(written, fact)


def _truth(fact: str) -> Truth:
    kind, *words = fact.split()
    days = [word for word in words if re.fullmatch(r"\d{4}-\d\d-\d\d", word)]
    label = " ".join(word for word in words if word not in days)
    start, end = (*days, "", "")[:2]
    return Truth(kind.removeprefix("?"), label, start, end, doubtful=kind.startswith("?"))


def _numbers(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def _words(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
