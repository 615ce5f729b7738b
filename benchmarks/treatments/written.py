"""Whole letters written by hand (``third.txt`` to ``tenth.txt``), each line of treatment followed by what it states.

Each file was read for the first time as it stands, and only then looked at: docs/benchmarks/medication.md tells what
that first reading gave.

``@ title`` begins a letter, ``= words`` is a heading in bold, ``| a | b`` the row of a table (``|!`` its headings); any
other line is a line of the letter, an empty one parts paragraphs. ``=> truths`` ends a line that names treatments,
several parted by ``&&``: ``section names ; strength ; dose ; moments ; rhythm ; extras``, where section is A, S or D,
names are parted by ``/``, and the rest is written as in ``phrases.py``; the extra ``q`` says that a reader must not be
sure of the posology. What is left empty is not asked.
"""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.treatments.letters import (
    ADMISSION,
    DISCHARGE,
    MOMENTS,
    STOPPED,
    Letter,
    Truth,
    moments_of,
)
from benchmarks.treatments.pages import as_pdf, as_text

_SECTIONS = {"A": ADMISSION, "S": STOPPED, "D": DISCHARGE}
_FIELDS = len(("names", "strength", "dose", "moments", "rhythm", "extras"))
_STATED = re.compile(r"(?P<words>.*) => (?P<truths>[ASD] .*)")
_LETTER = re.compile(r"^@ ", re.MULTILINE)


def letters_of(name: str) -> Iterator[Letter]:
    """The letters of the file of that name, in their order."""
    text = Path(__file__).with_name(f"{name}.txt").read_text("utf-8")
    for number, written in enumerate(filter(str.strip, _LETTER.split(text))):
        title, _, body = written.partition("\n")
        blocks, truths = _read(body)
        dice = random.Random(title)  # noqa: S311 (a corpus, not a secret)
        layout = dice.choice(("lines", "narrow", "bare table"))
        yield Letter(
            number, title.strip(), held_out=True, text=as_text(blocks), pdf=as_pdf(blocks, layout, dice), truths=truths
        )


def _read(body: str) -> tuple[list[dict[str, Any]], tuple[Truth, ...]]:
    blocks: list[dict[str, Any]] = []
    truths: list[Truth] = []
    for line in body.strip().splitlines():
        stated = _STATED.fullmatch(line)
        if stated:
            truths += [_truth(each.strip()) for each in stated["truths"].split("&&")]
        _add(blocks, stated["words"] if stated else line)
    return blocks, tuple(truths)


def _add(blocks: list[dict[str, Any]], words: str) -> None:
    last = blocks[-1]["kind"] if blocks else ""
    if words.startswith("|"):
        cells = [cell.strip() for cell in words.lstrip("|!").split("|")]
        if words.startswith("|!"):
            blocks.append({"kind": "table", "heads": cells, "rows": []})
        else:
            width = len(blocks[-1]["heads"])
            blocks[-1]["rows"].append((cells + [""] * width)[:width])
    elif words.startswith("= "):
        blocks.append({"kind": "heading", "text": words[2:]})
    elif not words.strip():
        blocks.append({"kind": "gap"})
    elif last == "lines":
        blocks[-1]["items"].append(words)
    else:
        blocks.append({"kind": "lines", "mark": "", "items": [words]})


def _truth(stated: str) -> Truth:
    section, _, rest = stated.partition(" ")
    cells = [cell.strip() for cell in rest.split(";", _FIELDS - 1)]
    names, strength, dose, moments, rhythm, extras = cells + [""] * (_FIELDS - len(cells))
    said = dict(extra.split(":") for extra in extras.split(";") if ":" in extra)
    return Truth(
        _SECTIONS[section],
        tuple(names.split("/")),
        strength,
        dose,
        {MOMENTS[each[0]]: each[1:] for each in moments_of(moments)},
        rhythm,
        said.get("v", ""),
        "sb" in extras.split(";"),
        said.get("f", ""),
        said.get("d", ""),
        unsure="q" in extras.split(";"),
        partial=True,
    )
