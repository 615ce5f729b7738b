"""Treatments read in letters whose treatments are known: precision and recall of each field, beside plain matchers.

Some letters are generated, those of phrases nobody looked at being told apart; others are written whole by hand. Both
forms of each letter are read: its PDF and its text. Doctors' answers, written by hand too, are read beside.
"""

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks import machine
from benchmarks.treatments import matchers
from benchmarks.treatments.answers import answers, read_all
from benchmarks.treatments.letters import Letter, make_letters
from benchmarks.treatments.score import FIELDS, Tally, add
from benchmarks.treatments.written import letters_of
from liaison.core.cda.values import MedicationLine
from liaison.core.medication.from_text.letter import read_text, read_words
from liaison.core.notices import Unreadable
from liaison.core.pdf.text import page_sizes, read_pdf

Reader = Callable[[Letter], Sequence[MedicationLine]]


def of_pdf(letter: Letter) -> Sequence[MedicationLine]:
    read = read_pdf(letter.pdf, positions=True)
    return () if isinstance(read, Unreadable) else read_words(read.words, page_sizes(letter.pdf), read.pages)


def of_text(letter: Letter) -> Sequence[MedicationLine]:
    return read_text(letter.text)


ANSWERS = {"replies": "Réponses, premières", "second_replies": "Réponses, secondes"}
TITLES = {
    "seen": "Formes vues pendant l'écriture",
    "held_out": "Formes jamais vues",
    "third": "Lettres entières, premières",
    "fourth": "Lettres entières, deuxièmes",
    "fifth": "Lettres entières, troisièmes",
    "sixth": "Lettres entières, quatrièmes",
    "seventh": "Lettres entières, cinquièmes",
    "eighth": "Lettres entières, sixièmes",
    "ninth": "Lettres entières, septièmes",
    "tenth": "Lettres entières, huitièmes",
}
WRITTEN = ("third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
OURS: dict[str, Reader] = {"liaison, PDF": of_pdf, "liaison, texte": of_text}


def measure(letters: int, seed: int = 0, *, without_edsnlp: bool = True) -> dict[str, Any]:
    """The figures of each reader on both corpora, what each missed, and the median milliseconds a letter takes."""
    corpora = {
        "seen": list(make_letters(letters, held_out=False, seed=seed)),
        "held_out": list(make_letters(letters, held_out=True, seed=seed)),
        **{name: list(letters_of(name)) for name in WRITTEN},
    }
    readers = {**OURS, **matchers.plain(), **({} if without_edsnlp else matchers.edsnlp())}
    return {
        "machine": machine.describe(),
        "letters": {name: len(corpus) for name, corpus in corpora.items()},
        "lines": {name: sum(len(letter.truths) for letter in corpus) for name, corpus in corpora.items()},
        "readers": {
            name: {kind: _read(reader, corpus) for kind, corpus in corpora.items()} for name, reader in readers.items()
        },
        "answers": {name: asdict(read_all(answers(name))) for name in ANSWERS},
    }


def _read(reader: Reader, corpus: Iterable[Letter]) -> dict[str, Any]:
    tally, times = Tally(), []
    for letter in corpus:
        started = time.thread_time()
        lines = reader(letter)
        times.append(time.thread_time() - started)
        add(tally, letter, lines)
    return {
        "fields": tally.figures(),
        "milliseconds": round(statistics.median(times) * 1000, 2),
        "misses": tally.misses,
        "silent": tally.silent,
    }


def table(measured: dict[str, Any]) -> str:
    """The same figures for a person; every miss of ours is listed."""
    lines = [
        (
            f"{sum(measured['letters'].values())} lettres, {sum(measured['lines'].values())} lignes de traitement ("
            f"{', '.join(f'{TITLES[kind].lower()} : {count}' for kind, count in measured['lines'].items())})."
        )
    ]
    for kind, title in TITLES.items():
        lines += ["", title, f"  {'lecteur':28}" + "".join(f"{name:>17}" for name in FIELDS) + "   ms"]
        for name, found in measured["readers"].items():
            figures = found[kind]["fields"]
            cells = "".join(f"{figures[each]['precision']:>9.3f}/{figures[each]['recall']:.3f}  " for each in FIELDS)
            lines.append(f"  {name:28}{cells} {found[kind]['milliseconds']:.1f}")
    for name in OURS:
        for kind, title in TITLES.items():
            found = measured["readers"][name][kind]
            lines += ["", f"Manqués, {name}, {title.lower()} :", *(f"  {miss}" for miss in found["misses"])]
            lines += [f"  Faux, et sans aucun doute : {each}" for each in found["silent"]]
    return "\n".join([*lines, *_of_answers(measured["answers"])])


def _of_answers(measured: dict[str, Any]) -> list[str]:
    lines = []
    for name, title in ANSWERS.items():
        found = measured[name]
        lines += [
            "",
            (
                f"{title} : {found['answers']} ; mots {found['text']}, intentions {found['intents']}, visites"
                f" {found['visits']} sur {found['visits_said']}, lignes {found['acts']} sur {found['acts_said']} ;"
                f" actes faux : {len(found['wrong'])}"
            ),
            *(f"  FAUX {wrong}" for wrong in found["wrong"]),
            *(f"  {miss}" for miss in found["misses"]),
        ]
    return lines
