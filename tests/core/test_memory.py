"""A message of 25 MB, whatever holds the bytes, is read whole in a process that stays under 150 MB."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from tests.core.cda.makers import a_header

from liaison.core.cda.build import build_level1
from liaison.core.mail.compose import compose
from liaison.core.mail.values import Address, Attachment, OutgoingMail
from liaison.core.xdm.archive import build_archive

NOON = datetime(2026, 7, 14, 12, 0, tzinfo=UTC)
LIMIT_KILOBYTES = 150_000
SIZE = 24_000_000
READ = """
import sys
from liaison.core.reading import read_message
reading = read_message(sys.stdin.buffer.read())
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(len(reading.mail.leaves), peak)
"""


def mail(*attachments: Attachment) -> bytes:
    return compose(
        OutgoingMail(
            message_id="<1@a.fr>",
            sender=Address("a@b.fr"),
            to=(Address("c@d.fr"),),
            subject="Gros envoi",
            body="Bonjour",
            date=NOON,
            attachments=attachments,
        )
    )


def scan() -> bytes:
    """A file that no zip makes smaller."""
    return b"%PDF-1.4\n%" + hashlib.shake_128(b"scan").digest(SIZE * 72 // 100)


def html(line: bytes, encoding: bytes) -> bytes:
    head = b"Content-Type: text/html\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n"
    return head + line * (SIZE // len(line))


def in_a_message(raw: bytes) -> bytes:
    return mail(Attachment("message.eml", "message/rfc822", raw))


def in_a_document(content: bytes) -> bytes:
    return build_level1(a_header(), content, "application/pdf")


FORMS: dict[str, tuple[Callable[[], bytes], int]] = {
    "an attached file": (lambda: mail(Attachment("a.pdf", "application/pdf", scan())), 2),
    "a file in a message": (lambda: in_a_message(mail(Attachment("a.pdf", "application/pdf", scan()))), 4),
    "a file in a message in a message": (
        lambda: in_a_message(in_a_message(mail(Attachment("a.pdf", "application/pdf", scan())))),
        6,
    ),
    "a file in a zip": (
        lambda: mail(Attachment("a.zip", "application/zip", build_archive([("a.pdf", scan())], at=NOON))),
        3,
    ),
    "a file in a document": (lambda: mail(Attachment("a.xml", "text/xml", in_a_document(scan()[:13_000_000]))), 2),
    "a text": (lambda: b"From: a@b.fr\r\n\r\n" + b"bonjour\r\n" * (SIZE // 9), 1),
    "a page": (lambda: html(b"<p>bonjour</p>\r\n", b"7bit"), 1),
    "a page in quoted-printable": (lambda: html(b"<p>bonjour=20</p>\r\n", b"quoted-printable"), 1),
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak in /proc")
@pytest.mark.parametrize("form", FORMS)
def test_a_25_megabyte_message_is_read_under_150_megabytes(form: str) -> None:
    make, leaves = FORMS[form]
    raw = make()
    assert len(raw) > SIZE * 0.95
    done = subprocess.run([sys.executable, "-c", READ], input=raw, capture_output=True, check=True)
    found, peak = map(int, done.stdout.split())
    assert found == leaves
    assert peak < LIMIT_KILOBYTES
