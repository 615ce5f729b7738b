"""Hints that a PDF is, or is not, a PDF/A-1 (ISO 19005-1), by its bytes. Only a validator may say that it is."""

import re
from collections.abc import Callable, Iterator

from liaison.core.conformance.finding import Rule

_PART = re.compile(rb"pdfaid:part(?:\s*=\s*[\"']|>)\s*(\d)")
_FORBIDDEN = {
    b"/JavaScript": "du code JavaScript",
    b"/Launch": "le lancement d'un programme",
    b"/EmbeddedFile": "une pièce jointe",
}


def other_part(data: bytes) -> Iterator[str]:
    said = _PART.search(data)
    if said is None or said[1] != b"1":
        yield "métadonnées XMP"


def encrypted(data: bytes) -> Iterator[str]:
    if b"/Encrypt" in data:
        yield "trailer"


def no_output_intent(data: bytes) -> Iterator[str]:
    if b"/OutputIntent" not in data:
        yield "catalogue"


def compressed_objects(data: bytes) -> Iterator[str]:
    if b"/ObjStm" in data:
        yield "objets"


def holding(mark: bytes) -> Callable[[bytes], Iterator[str]]:
    def broken_at(data: bytes) -> Iterator[str]:
        if mark in data:
            yield mark.decode("ascii")

    return broken_at


PDF_RULES: tuple[Rule[bytes], ...] = (
    Rule("PDFA-ENCRYPTED", "error", "Le PDF est chiffré : il ne s'ouvrira pas partout ni toujours.", encrypted),
    Rule("PDFA-PART", "warning", "Le PDF ne se dit pas PDF/A-1.", other_part),
    Rule(
        "PDFA-COLOUR", "warning", "Le PDF ne dit pas ses couleurs (OutputIntent), que PDF/A demande.", no_output_intent
    ),
    Rule("PDFA-OBJECTS", "warning", "Le PDF comprime ses objets, ce que PDF/A-1 interdit.", compressed_objects),
    *(
        Rule(
            f"PDFA-{mark[1:].decode().upper()}",
            "warning",
            f"Le PDF contient {what}, que PDF/A-1 interdit.",
            holding(mark),
        )
        for mark, what in _FORBIDDEN.items()
    ),
)
