"""Facts read in letters whose facts are known: precision and recall of each kind, on forms seen and on others.

A fact is right when its kind, its words and its days are those the letter states. Half of the forms deny, suppose or
speak of somebody else: what is read in those counts against precision.
"""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
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
}
KINDS = ("stay", "allergy", "carriage", "problem", "follow_up", "expected_result")


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
    right, found, there = Counter[str](), Counter[str](), Counter[str]()
    misses = Counter[str]()
    times = []
    for letter in letters:
        begun = time.thread_time()
        facts = list(reader(letter))
        times.append(time.thread_time() - begun)
        found.update(fact.kind for fact in facts)
        there.update(truth.kind for truth in letter.truths)
        for truth in letter.truths:
            same = next((fact for fact in facts if is_told(truth, fact)), None)
            if same is None:
                misses[f"manque : {truth.kind} {truth.label}"] += 1
            else:
                facts.remove(same)
                right[truth.kind] += 1
        misses.update(f"en trop : {fact.kind} {fact.label} {fact.start} « {fact.excerpt[:90]} »" for fact in facts)
    return {
        "kinds": {
            kind: {
                "precision": round(right[kind] / found[kind], 3) if found[kind] else 1.0,
                "recall": round(right[kind] / there[kind], 3) if there[kind] else 1.0,
                "facts": there[kind],
            }
            for kind in KINDS
        },
        "milliseconds": round(statistics.median(times) * 1000, 2),
        "misses": dict(misses),
    }


def is_told(truth: Truth, fact: ReadFact) -> bool:
    """Problems and allergies to the word; of the others, the words told must be in it."""
    if truth.kind != fact.kind or (truth.start, truth.end) != (fact.start, fact.end):
        return False
    label = folded(fact.label)
    whole = truth.kind in ("problem", "allergy")
    return label == folded(truth.label) if whole else folded(truth.label) in label


def table(measured: dict[str, Any]) -> str:
    """Two tables in Markdown, and what was missed on the forms never looked at."""
    lines = [f"{measured['letters']} lettres de chaque corpus."]
    for corpus, title in TITLES.items():
        lines += ["", title, "", "| lu | précision / rappel : " + " | ".join(KINDS) + " | ms |", "|---" * 8 + "|"]
        for name, read in measured["read"][corpus].items():
            cells = " | ".join(
                f"{read['kinds'][kind]['precision']} / {read['kinds'][kind]['recall']}" for kind in KINDS
            )
            lines.append(f"| {name} | {cells} | {read['milliseconds']} |")
        for name, read in measured["read"][corpus].items():
            lines += [f"{name}, {missed} ({count})" for missed, count in read["misses"].items()]
    return "\n".join([*lines, "", str(measured["machine"])])
