"""Facts read in letters whose facts are known: precision and recall of each kind, on forms seen and on others.

A fact is right when its kind, its words and its days are those the letter states. Half of the forms deny, suppose or
speak of somebody else: what is read as sure in those counts against precision. What the letter itself holds for
doubtful is counted apart: how much of it is shown, and as doubtful.
"""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks import machine
from benchmarks.facts.letters import FORMS, Letter, Truth, make_letters
from liaison.core.letter_facts.read import read_facts_of_text
from liaison.core.letter_facts.values import ReadFact
from liaison.core.medication.from_document import read_pdf_treatments
from liaison.core.medication.from_text.folding import folded
from liaison.core.notices import Unreadable

TITLES = {
    "seen": "Formes vues pendant l'écriture",
    "unseen": "Formes écrites à part, puis regardées une fois",
    "third": "Formes écrites à la fin, puis regardées une fois",
    "fourth": "Formes d'une quatrième série, regardées",
    "held": "Formes mises de côté : leurs erreurs n'ont pas été regardées",
}
HELD = "held"
KINDS = ("date", "stay", "allergy", "carriage", "problem", "follow_up", "expected_result")


def of_text(letter: Letter) -> Sequence[ReadFact]:
    return read_facts_of_text(letter.text, letter.written)


def of_pdf(letter: Letter) -> Sequence[ReadFact]:
    read = read_pdf_treatments(letter.pdf, letter.written)
    return () if isinstance(read, Unreadable) else read.facts


READERS: dict[str, Callable[[Letter], Sequence[ReadFact]]] = {"PDF": of_pdf, "texte": of_text}


def measure(letters: int, seed: int = 0) -> dict[str, Any]:
    """By corpus and reader: precision and recall of each kind, every miss, the median milliseconds a letter takes."""
    return {
        "machine": machine.describe(),
        "letters": letters,
        "read": {
            corpus: {name: _read(reader, list(make_letters(corpus, letters, seed))) for name, reader in READERS.items()}
            for corpus in FORMS
        },
    }


def _read(reader: Callable[[Letter], Sequence[ReadFact]], letters: list[Letter]) -> dict[str, Any]:
    count = Count()
    times = []
    for letter in letters:
        begun = time.thread_time()
        facts = reader(letter)
        times.append(time.thread_time() - begun)
        count.add(letter, facts)
    return {
        "kinds": {kind: count.of(kind) for kind in KINDS},
        "milliseconds": round(statistics.median(times) * 1000, 2),
        "misses": dict(count.misses),
    }


@dataclass
class Count:
    """By kind: what letters state and hold for doubtful, what is read as sure, and what of these is the same."""

    stated: Counter[str] = field(default_factory=Counter)
    doubtful: Counter[str] = field(default_factory=Counter)
    sure: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    shown_doubtful: Counter[str] = field(default_factory=Counter)
    misses: Counter[str] = field(default_factory=Counter)

    def add(self, letter: Letter, facts: Sequence[ReadFact]) -> None:
        left = list(facts)
        self.sure.update(fact.kind for fact in facts if not fact.doubts)
        for truth in letter.truths:
            self._look_for(truth, left)
        self.misses.update(
            f"{'douteux' if fact.doubts else 'en trop'} : {fact.kind} {fact.label} {fact.start} « {fact.excerpt[:90]} »"
            for fact in left
        )

    def _look_for(self, truth: Truth, left: list[ReadFact]) -> None:
        (self.doubtful if truth.doubtful else self.stated)[truth.kind] += 1
        told = [fact for fact in left if is_told(truth, fact)]
        same = min(told, key=lambda fact: bool(fact.doubts) != truth.doubtful, default=None)
        if same is None:
            self.misses[f"manque : {truth.kind} {truth.label}"] += 1
            return
        left.remove(same)
        if truth.doubtful:
            self.shown_doubtful[truth.kind] += bool(same.doubts)
        else:
            self.shown[truth.kind] += 1
            self.right[truth.kind] += not same.doubts
        if bool(same.doubts) != truth.doubtful:
            self.misses[f"doute mal dit : {truth.kind} {truth.label} « {same.excerpt[:90]} »"] += 1

    def of(self, kind: str) -> dict[str, float | int]:
        """``precision`` is of what is read as sure, ``recall`` of what is stated, ``doubts`` of what is doubtful."""
        return {
            "precision": _share(self.right[kind], self.sure[kind]),
            "recall": _share(self.shown[kind], self.stated[kind]),
            "doubts": _share(self.shown_doubtful[kind], self.doubtful[kind]),
            "facts": self.stated[kind],
            "doubtful": self.doubtful[kind],
        }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 3) if whole else 1.0


def is_told(truth: Truth, fact: ReadFact) -> bool:
    """Problems and allergies to the word; of the others, the words told must be in it."""
    if truth.kind != fact.kind or (truth.start, truth.end) != (fact.start, fact.end):
        return False
    label = folded(fact.label)
    whole = truth.kind in ("problem", "allergy")
    return label == folded(truth.label) if whole else folded(truth.label) in label


def table(measured: dict[str, Any]) -> str:
    """A table in Markdown for each corpus, and what was missed; of the forms held out, how many only."""
    lines = [f"{measured['letters']} lettres de chaque corpus."]
    for corpus, title in TITLES.items():
        lines += ["", title, "", "| lu | précision / rappel / douteux : " + " | ".join(KINDS) + " | ms |"]
        lines.append("|---" * (len(KINDS) + 2) + "|")
        for name, read in measured["read"][corpus].items():
            cells = " | ".join(_cell(read["kinds"][kind]) for kind in KINDS)
            lines.append(f"| {name} | {cells} | {read['milliseconds']} |")
        if corpus != HELD:
            for name, read in measured["read"][corpus].items():
                lines += [f"{name}, {missed} ({count})" for missed, count in read["misses"].items()]
    return "\n".join([*lines, "", str(measured["machine"])])


def _cell(kind: dict[str, float | int]) -> str:
    doubts = f" / {kind['doubts']}" if kind["doubtful"] else ""
    return f"{kind['precision']} / {kind['recall']}{doubts}"
