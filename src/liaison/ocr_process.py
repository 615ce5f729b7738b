"""Scanned pages read by Tesseract where the machine has it: a program of its own, a page at a time, bounded."""

import os
import shutil
import subprocess
from functools import lru_cache

from liaison.core.letter_facts.dating import dated_by_file
from liaison.core.medication.from_document import Facts, Lines, read_pdf_treatments, read_recognised
from liaison.core.notices import Notice, Unreadable
from liaison.core.pdf.recognised import words_of_table
from liaison.core.pdf.values import Word
from liaison.reading_process import apart, render_page_apart

LANGUAGE = "fra"
WIDTH = 2000
MAX_PAGES = 12
SECONDS_A_PAGE = 60
NOT_INSTALLED = Notice(
    "ocr_not_installed",
    "Ce document est une image, et ce poste n'a pas le lecteur d'images (Tesseract en français) : ses traitements ne"
    " sont pas lus.",
)
RECOGNISED = Notice(
    "ocr_read", "Ce document est une image : ses mots ont été reconnus par un logiciel, qui se trompe. Relisez l'image."
)
FAILED = Notice("ocr_failed", "Une page de ce document est une image qui n'a pas pu être lue.")
CUT = Notice("ocr_truncated", "Ce document est une longue image : seules ses premières pages sont lues.")


@lru_cache(maxsize=1)
def is_installed() -> bool:
    """Whether Tesseract and its French data are there."""
    program = shutil.which("tesseract")
    if program is None:
        return False
    listed = subprocess.run([program, "--list-langs"], capture_output=True, timeout=SECONDS_A_PAGE, check=False)  # noqa: S603 (a fixed command)
    return LANGUAGE in listed.stdout.decode("utf-8", "replace").split()


def read_words_of_pdf(pdf: bytes, written: str = "") -> tuple[Lines, Facts, tuple[Notice, ...]]:
    """The treatments and facts a PDF says, in the bounded process; a picture is recognised where it can be.

    ``written`` is the day of the letter in ISO 8601, if its header states it; where nothing says it, that of the file.
    """
    read = apart(read_pdf_treatments, pdf, written)
    if isinstance(read, Unreadable):
        return (), (), (read.notice,)
    notices: tuple[Notice, ...] = ()
    lines, facts = read.lines, read.facts
    if not read.has_words:
        words, notices = recognise(pdf, read.sizes)
        lines, facts = read_recognised(words, read.sizes, written)
    return lines, facts if written else dated_by_file(facts, read.created), notices


def recognise(pdf: bytes, sizes: tuple[tuple[float, float], ...]) -> tuple[tuple[Word, ...], tuple[Notice, ...]]:
    """The words of the pages of a scanned PDF, and what to say of them. ``sizes`` are its pages', in points."""
    if not is_installed():
        return (), (NOT_INSTALLED,)
    words: list[Word] = []
    notices = [RECOGNISED]
    for number, (wide, _) in enumerate(sizes[:MAX_PAGES]):
        table = _read(pdf, number)
        if table is None:
            notices.append(FAILED)
        else:
            words += words_of_table(table, number, wide / WIDTH)
    if len(sizes) > MAX_PAGES:
        notices.append(CUT)
    return tuple(words), tuple(dict.fromkeys(notices))


def _read(pdf: bytes, number: int) -> str | None:
    picture = render_page_apart(pdf, number, WIDTH)
    if isinstance(picture, Unreadable) or not picture:
        return None
    command = [shutil.which("tesseract") or "tesseract", "stdin", "stdout", "-l", LANGUAGE, "--psm", "4", "tsv"]
    try:
        read = subprocess.run(  # noqa: S603 (a fixed command; the picture is its input)
            command,
            input=picture,
            capture_output=True,
            timeout=SECONDS_A_PAGE,
            check=True,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return read.stdout.decode("utf-8", "replace")
