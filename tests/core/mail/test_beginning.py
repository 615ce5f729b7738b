"""Messages as files keep them and gateways pass them on: what stands before the header must not hide it."""

import pytest

from liaison.core.inspection.inspect import inspect
from liaison.core.mail.message import read_mail

HEADER = "From: service@chu.fr\r\nSubject: Sortie\r\nMIME-Version: 1.0\r\n"
MESSAGE = (
    f"{HEADER}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nBonjour\r\n--b\r\n\r\nsuite\r\n--b--\r\n"
)


@pytest.mark.parametrize("before", ["\ufeff", "\r\n", "\r\n \r\n", ">From a@b.fr Tue\r\n", "\u00e9tat du relais\r\n"])
def test_a_header_is_found_behind_a_mark_blank_lines_or_a_line_of_junk(before: str) -> None:
    raw = (before + MESSAGE).encode()
    mail = read_mail(raw)
    assert (mail.sender.email, mail.subject) == ("service@chu.fr", "Sortie")
    assert [leaf.content for leaf in mail.leaves] == [b"Bonjour", b"suite"]
    assert inspect("f", raw)["kind"] == "message"


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\r\n"])
def test_every_end_of_line_in_use_is_one(line_end: str) -> None:
    mail = read_mail(MESSAGE.replace("\r\n", line_end).encode())
    assert (mail.subject, [leaf.content for leaf in mail.leaves]) == ("Sortie", [b"Bonjour", b"suite"])


@pytest.mark.parametrize(
    "text", ["\r\nBonjour\r\n", "Bonjour\r\nSubject: rien d'autre\r\n\r\n", "Bonjour\r\n" * 9 + HEADER]
)
def test_words_before_what_is_no_header_are_words(text: str) -> None:
    mail = read_mail(text.encode())
    assert (mail.sender.email, mail.subject) == ("", "")
    assert mail.leaves[0].content.strip() == text.strip().encode()


def test_a_header_behind_a_mark_is_found_in_a_message_inside_too() -> None:
    outer = f"{HEADER}Content-Type: message/rfc822\r\n\r\n\ufeff{HEADER}\r\nBonjour\r\n"
    assert [leaf.content.strip() for leaf in read_mail(outer.encode()).leaves][1:] == [b"Bonjour"]
