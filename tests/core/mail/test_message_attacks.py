"""Mail made to break its reader: it costs little more than its size."""

import base64
import tracemalloc
from email import message_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.mail.test_message import PDF, outgoing
from tests.support.growth import TIMES_LONGER, costs_no_more_than_its_size

from liaison.core.mail.compose import compose
from liaison.core.mail.message import read_mail
from liaison.core.mail.values import Attachment


def test_ten_thousand_parts_are_kept_in_a_thousand_rows_and_a_rest() -> None:
    raw = b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n' + b"--x\r\n\r\na\r\n" * 10_000 + b"--x--\r\n"
    mail = read_mail(raw)
    assert len(mail.leaves) <= 1001
    assert mail.leaves[-1].notices[0].code == "too_many_parts"
    assert sum(leaf.content.count(b"a") for leaf in mail.leaves) == 10_000


def test_a_tree_deeper_than_the_stack_is_kept() -> None:
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000))
    mail = read_mail(head + b"\r\nau fond\r\n")
    assert len(mail.leaves) == 1
    assert "parts_too_deep" in [notice.code for notice in mail.leaves[0].notices]
    assert b"au fond" in mail.leaves[0].content


def test_messages_nested_without_end_are_kept_shut() -> None:
    raw = b"Content-Type: message/rfc822\r\n\r\n" * 2000 + b"fin"
    mail = read_mail(raw)
    assert "messages_too_deep" in [notice.code for notice in mail.leaves[-1].notices]
    assert mail.leaves[-1].content.endswith(b"fin")


@pytest.mark.parametrize(
    "line", [b"Subject: " + b"=?" * 300_000, b"From: " + b"(" * 300_000, b"X: " + b"\r\n " * 200_000]
)
def test_a_huge_header_costs_no_more_than_its_size(line: bytes) -> None:
    assert read_mail(line + b"\r\n\r\nx").leaves[0].content == b"x"


MEGABYTE = 1_000_000
NEST = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(30))
ATTACKS = {  # what comes before, what is repeated, how many times, what comes after
    "nested multiparts": (NEST, b"x", 5 * MEGABYTE, b""),
    "base64 of paddings": (b"Content-Transfer-Encoding: base64\r\n\r\n", b"A=", 2 * MEGABYTE, b""),
    "base64 garbage": (b"Content-Transfer-Encoding: base64\r\n\r\n", b"\xff!A", MEGABYTE, b""),
    "boundaries without parts": (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n", b"--b\r\n", MEGABYTE, b""),
    "almost boundaries": (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", b"--bx\r\n", MEGABYTE, b""),
    "blockquotes": (b"Content-Type: text/html\r\n\r\n", b"<div><blockquote>", 300_000, b""),
    "empty paragraphs": (b"Content-Type: text/html\r\n\r\n", b"<p> ", 250_000, b""),
    "quotes in quotes": (b"Content-Type: text/html\r\n\r\n", b"<blockquote>x", 80_000, b""),
    "open angle brackets": (b"References: ", b"<", 5 * MEGABYTE, b"\r\n\r\nx"),
    "encoded words": (b"Subject: ", b"=?utf-8?B?w6k=?= ", 300_000, b"\r\n\r\nx"),
    "parameters": (b"Content-Type: text/plain; ", b'a*0*="x;', 600_000, b"\r\n\r\nx"),
    "folded blanks": (b"A: b\r\n", b" \r\n", MEGABYTE, b"\r\nx"),
    "no colon": (b"", b"a", 5 * MEGABYTE, b""),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_costs_no_more_than_its_size(attack: tuple[bytes, bytes, int, bytes]) -> None:
    start, piece, times, end = attack
    assert costs_no_more_than_its_size(read_mail, lambda size: start + piece * size + end, times // TIMES_LONGER)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_takes_little_more_memory_than_its_size(attack: tuple[bytes, bytes, int, bytes]) -> None:
    start, piece, times, end = attack
    raw = start + piece * times + end
    tracemalloc.start()
    mail = read_mail(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert mail.leaves
    assert peak < 8 * len(raw) + 20 * MEGABYTE


def test_a_25_megabyte_message_is_read_in_little_memory() -> None:
    raw = compose(outgoing(attachments=(Attachment("a.pdf", "application/pdf", PDF + bytes(18 * MEGABYTE)),)))
    tracemalloc.start()
    assert read_mail(raw).category == "clinical"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 * MEGABYTE


PARTS = st.lists(st.binary(max_size=60).filter(lambda content: b"--" not in content), min_size=1, max_size=6)


@settings(max_examples=150, deadline=None)
@given(PARTS)
def test_our_cutter_finds_the_parts_the_standard_parser_finds(contents: list[bytes]) -> None:
    parts = b"".join(
        b"--x\r\nContent-Type: application/x-test\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(content).replace(b"\n", b"\r\n")
        + b"\r\n"
        for content in contents
    )
    raw = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + parts + b"--x--\r\n"
    standard = [part.get_payload(decode=True) for part in message_from_bytes(raw).walk() if not part.is_multipart()]
    ours = [leaf.content for leaf in read_mail(raw).leaves if "!" not in leaf.path]
    assert ours == standard == contents
