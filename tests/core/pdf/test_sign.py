"""PAdES signatures: made, read back, and seen through when something was touched."""

import asyncio
import logging
from datetime import UTC, datetime
from functools import cache
from io import BytesIO

import pytest
from pyhanko.pdf_utils.generic import ArrayObject, FloatObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from tests.core.pdf.signers import SIGNED_AT, Signer, signer

from liaison.core.pdf.letter import Letter, LetterSection, write_letter
from liaison.core.pdf.sign import sign_pdf
from liaison.core.pdf.text import read_pdf, render_page
from liaison.core.pdf.values import PdfText, Signature


@cache
def letter() -> bytes:
    return write_letter(Letter("Lettre de liaison", (), (), "2026-03-04", (), (LetterSection("", ("Sortie.",)),)))


@cache
def signed() -> bytes:
    return signer().sign(letter())


def signatures(data: bytes, *trusted: bytes) -> tuple[Signature, ...]:
    reading = read_pdf(data, trusted=trusted)
    assert isinstance(reading, PdfText), reading
    return reading.signatures


def test_a_signature_tells_who_and_when_and_holds_up_to_its_authority() -> None:
    said = Signature("L'HERMITE Paul-Émile", "2026-03-04T17:05:00+01:00", intact=True, trusted=True)
    assert signatures(signed(), signer().authority) == (said,)


def test_a_signature_is_not_trusted_without_its_authority() -> None:
    stranger = signer("Autre")
    assert [(each.intact, each.trusted) for each in signatures(signed())] == [(True, False)]
    assert [each.trusted for each in signatures(signed(), stranger.authority)] == [False]


def test_authorities_may_come_in_one_bundle() -> None:
    bundle = signer("Autre").authority + signer().authority
    assert [each.trusted for each in signatures(signed(), bundle)] == [True]


def test_a_byte_changed_since_the_signature_shows() -> None:
    touched = signed().replace(b"/Lang (fr)", b"/Lang (en)", 1).replace(b"/Lang(fr)", b"/Lang(en)", 1)
    assert touched != signed()
    assert [(each.intact, each.trusted) for each in signatures(touched, signer().authority)] == [(False, False)]


def test_a_page_changed_by_an_update_after_the_signature_shows() -> None:
    writer = IncrementalPdfFileWriter(BytesIO(signed()))
    page = writer.find_page_for_modification(0)[0].get_object()
    page[pdf_name("/MediaBox")] = ArrayObject([FloatObject(number) for number in (0, 0, 10, 10)])
    writer.update_container(page)
    output = BytesIO()
    writer.write(output)
    assert [each.intact for each in signatures(output.getvalue(), signer().authority)] == [False]


def test_a_second_signature_leaves_the_first_intact() -> None:
    second = signer("MARTIN Luc")
    both = second.sign(signed(), datetime(2026, 3, 5, 8, 0, tzinfo=UTC))
    found = signatures(both, signer().authority, second.authority)
    assert [(each.signer, each.intact, each.trusted) for each in found] == [
        ("L'HERMITE Paul-Émile", True, True),
        ("MARTIN Luc", True, True),
    ]


def test_signing_only_appends_and_leaves_pdf_a_as_it_was() -> None:
    assert signed().startswith(letter())
    added = signed()[len(letter()) :]
    for broken in (b"/Version", b"x:xmpmeta", b"/ModDate", b"/XRef", b"/ObjStm", b"/Encrypt"):
        assert broken not in added
    assert b"/SubFilter /ETSI.CAdES.detached" in added
    assert b"/F 132" in added  # printed and locked, neither hidden nor out of view (ISO 19005-1, 6.5.3)
    assert b"/AP" in added


def test_a_signed_letter_looks_as_it_did() -> None:
    assert render_page(signed(), 0, width=200) == render_page(letter(), 0, width=200)


def test_signing_and_reading_work_inside_an_event_loop() -> None:
    async def inside() -> tuple[Signature, ...]:
        return signatures(signer().sign(letter()), signer().authority)

    assert [each.trusted for each in asyncio.run(inside())] == [True]


def test_no_name_of_a_certificate_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        signatures(signed())
    assert "HERMITE" not in caplog.text


def test_a_forged_signature_does_not_hide_the_document() -> None:
    forged = signed().replace(b"/ByteRange [", b"/ByteRange /", 1)
    reading = read_pdf(forged, trusted=(signer().authority,))
    assert isinstance(reading, PdfText)
    assert "Sortie." in reading.text
    assert not any(each.intact for each in reading.signatures)


def broken(data: bytes) -> bytes:
    """The same file, the last signature of which is no signature any more."""
    place = data.rindex(b"/Contents <") + len(b"/Contents <")
    return data[:place] + b"ff" * 8 + data[place + 16 :]


def test_a_signature_that_cannot_be_checked_is_seen_and_hides_no_other() -> None:
    reading = read_pdf(broken(signer().sign(signed())), trusted=(signer().authority,))
    assert isinstance(reading, PdfText)
    assert [(each.signer, each.intact, each.trusted) for each in reading.signatures] == [
        ("L'HERMITE Paul-Émile", True, True),
        ("", False, False),
    ]
    assert [notice.code for notice in reading.notices] == ["signatures_unchecked"]


def test_what_is_no_authority_takes_nothing_from_the_others() -> None:
    assert [each.trusted for each in signatures(signed(), b"rien", signer().authority)] == [True]


@pytest.mark.parametrize("part", ["certificate", "key"])
def test_signing_with_what_is_no_key_or_certificate_is_a_value_error(part: str) -> None:
    good: Signer = signer()
    material = {"certificate": good.certificate, "key": good.key, part: b"rien"}
    with pytest.raises(ValueError, match=r".+"):
        sign_pdf(letter(), chain=(), signer_name="", reason="", signed_at=SIGNED_AT, **material)
