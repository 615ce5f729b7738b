"""Regular expressions and loops over text from outside: a text repeated to the end costs no more than its size."""

from collections.abc import Callable
from functools import partial

import pytest
from tests.support.growth import costs_no_more_than_its_size

from liaison.core.mail.encoding import decode_words
from liaison.core.mail.headers import read_addresses, read_date, read_message_ids, read_parameter
from liaison.core.mail.hprim import read_hprim
from liaison.core.mail.html import html_to_text
from liaison.core.mail.mss import read_subject
from liaison.core.mail.quoting import split_reply
from liaison.core.mail.receipt_words import read_receipt_subject
from liaison.core.media import media_type
from liaison.core.medication.reply import read_reply
from liaison.core.xdm.metadata import read_cx

CHARACTERS = 4_000
READERS: dict[str, Callable[[str], object]] = {
    "subject": read_subject,
    "quoting": split_reply,
    "reply": lambda text: read_reply(text, lines=4),
    "html": html_to_text,
    "receipt": read_receipt_subject,
    "parameter": lambda text: read_parameter(f"a/b; {text}", "name"),
    "addresses": read_addresses,
    "message ids": read_message_ids,
    "encoded words": decode_words,
    "date": read_date,
    "patient id": read_cx,
    "media type": lambda text: media_type(text.encode()),
    "hprim": lambda text: read_hprim(text.encode()),
}
PIECES = (
    "XDM/1.0/DDM+",
    "[a]",
    "[KO Intégration",
    "1 documents",
    "1",
    "A",
    "a",
    "=?utf-8?B?",
    '"',
    "<",
    "<a@b>",
    ";",
    "a=b;",
    'a=";',
    '\\"',
    "[]",
    "(",
    ")",
    ":",
    "a@",
    "a.",
    "@",
    "^",
    "&",
    "-",
    "'",
    "14/07/1936",
    ">",
    "Le",
    "De :",
    "ok /",
    "mg",
    "2,5",
    "sauf",
    "<p>",
    "<!--",
    "<blockquote>",
    "&#1;",
    "*0*=",
    "%E9",
    "<table><tr>",
    "____________",
)


@pytest.mark.parametrize("name", READERS)
def test_a_text_repeated_to_the_end_costs_no_more_than_its_size(name: str) -> None:
    for piece in (*PIECES, " ", "\n", "\t", *(f"{each}\n" for each in PIECES)):
        assert costs_no_more_than_its_size(READERS[name], partial(_repeated, piece), CHARACTERS), f"{name}: {piece!r}"


def _repeated(piece: str, characters: int) -> str:
    return (piece * characters)[:characters]
