"""What one would otherwise run: a plain dictionary matcher, and the pipeline of edsnlp as it comes."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.treatments.letters import Letter
from liaison.core.cda.values import MedicationLine
from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.terminology import drug_names
from liaison.core.notices import Unreadable
from liaison.core.pdf.text import read_pdf

_HEADINGS = (("42346-7", r"entree|habituel|admission"), ("18610-6", r"arret|interromp"), ("10183-2", r"sortie"))
_DOSE = re.compile(r"\d+(?:[.,]\d+)?\s*(?:mg|g|ui|µg|ug|cp|comprimes?)")
_OF_EDSNLP = {"traitements entrée": "42346-7", "traitements sortie": "10183-2", "prescriptions": "10183-2"}

Reader = Callable[[Letter], Sequence[MedicationLine]]


def plain() -> dict[str, Reader]:
    return {"dictionnaire simple": _dictionary}


def edsnlp() -> dict[str, Reader]:
    pipeline = _pipeline()
    return {"edsnlp tel quel": lambda letter: _edsnlp(pipeline, letter)}


def _words(letter: Letter) -> str:
    read = read_pdf(letter.pdf)
    return "" if isinstance(read, Unreadable) else read.text


def _dictionary(letter: Letter) -> Sequence[MedicationLine]:
    """Every known name, in the section of the last line that holds a word of a heading; the dose that follows it."""
    lines, section = [], "10183-2"
    for row in _words(letter).splitlines():
        plain_row = folded(row)
        section = next((code for code, words in _HEADINGS if re.search(words, plain_row)), section)
        for name in drug_names(plain_row):
            dose = _DOSE.search(plain_row, name.end)
            lines.append(MedicationLine(section, row[name.start : name.end], dose=dose[0] if dose else "", excerpt=row))
    return lines


def _pipeline() -> Any:
    import edsnlp as library
    from edsnlp import pipes

    nlp = library.blank("eds")
    for pipe in (
        pipes.normalizer(),
        pipes.sentences(),
        pipes.sections(),
        pipes.drugs(),
        pipes.negation(),
        pipes.hypothesis(),
        pipes.family(),
    ):
        nlp.add_pipe(pipe)
    return nlp


def _edsnlp(pipeline: Any, letter: Letter) -> Sequence[MedicationLine]:
    """The drugs it neither denies, supposes nor gives to the family, in the treatment section it found around them."""
    read = pipeline(_words(letter))
    sections = [(each.start, each.end, _OF_EDSNLP.get(each.label_, "")) for each in read.spans.get("sections", ())]
    return [
        MedicationLine(
            next((code for start, end, code in sections if start <= drug.start < end), ""),
            drug.text,
            excerpt=drug.sent.text,
        )
        for drug in read.ents
        if not (drug._.negation or drug._.hypothesis or drug._.family)
    ]
