"""winmail.dat, the envelope of Outlook."""

import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.winmail import (
    BINARY,
    CODE_PAGE,
    CONTENT,
    DATA,
    LONG_NAME,
    OBJECT,
    PROPERTIES,
    STRING,
    SUBJECT,
    TITLE,
    UNICODE,
    a_file,
    attribute,
    properties,
    stream,
    winmail,
)

from liaison.core.mail.compose import compose
from liaison.core.mail.message import read_mail
from liaison.core.mail.tnef import open_tnef
from liaison.core.mail.values import Address, Attachment, Mail, OutgoingMail
from liaison.core.notices import Unreadable
from liaison.core.xdm.archive import build_archive

PDF = b"%PDF-1.4\n%%EOF\n"
MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


def received(content: bytes) -> Mail:
    return read_mail(
        compose(
            OutgoingMail(
                message_id="<1@a.fr>",
                sender=Address("a@b.fr"),
                to=(Address("c@d.fr"),),
                subject="Compte rendu",
                body="",
                date=datetime(2026, 7, 14, tzinfo=UTC),
                attachments=(Attachment("winmail.dat", "application/ms-tnef", content),),
            )
        )
    )


def test_the_files_inside_winmail_dat_are_leaves() -> None:
    mail = received(winmail(("cr.pdf", PDF), ("cr.pdf", PDF + b"2")))
    assert [leaf.path for leaf in mail.leaves] == ["1", "2", "2!cr.pdf", "2!cr.pdf#2"]
    assert (mail.leaves[2].content, mail.leaves[3].content) == (PDF, PDF + b"2")
    assert mail.category == "clinical"


def test_a_zip_and_a_message_inside_winmail_dat_are_opened() -> None:
    archive = build_archive([("IHE_XDM/SUBSET01/cr.pdf", PDF)], at=datetime(2026, 7, 14, tzinfo=UTC))
    mail = received(winmail(("IHE_XDM.ZIP", archive), ("transfert.eml", b"From: a@b.fr\r\n\r\nBonjour\r\n")))
    assert [leaf.path for leaf in mail.leaves] == [
        "1",
        "2",
        "2!IHE_XDM.ZIP",
        "2!IHE_XDM.ZIP!IHE_XDM/SUBSET01/cr.pdf",
        "2!transfert.eml",
        "2!transfert.eml>1",
    ]


@pytest.mark.parametrize(
    "name",
    [
        attribute(TITLE, "Résumé.pdf".encode("cp1252") + b"\0"),
        properties((LONG_NAME, STRING, "Résumé.pdf".encode("cp1252") + b"\0")),
        properties((LONG_NAME, UNICODE, "Résumé.pdf\0".encode("utf-16-le"))),
    ],
)
def test_the_name_of_a_file_keeps_its_accents(name: bytes) -> None:
    code_page = attribute(CODE_PAGE, struct.pack("<II", 1252, 0), level=1)
    subject = attribute(SUBJECT, "Sortie de l'hôpital".encode("cp1252") + b"\0", level=1)
    for first in (b"", code_page, subject):
        mail = received(stream(first, a_file(name, attribute(DATA, PDF))))
        assert [(leaf.name, leaf.content) for leaf in mail.leaves[2:]] == [("Résumé.pdf", PDF)]


def test_a_message_of_outlook_inside_another_is_opened() -> None:
    inner = winmail(("cr.pdf", PDF))
    kept = attribute(DATA, b"This attachment is a MAPI 1.0 embedded message")
    whole = stream(a_file(kept, properties((LONG_NAME, STRING, b"Tr\0"), (CONTENT, OBJECT, MESSAGE + inner))))
    assert [leaf.path for leaf in received(whole).leaves] == ["1", "2", "2!Tr", "2!Tr!cr.pdf"]
    for _ in range(9):
        whole = stream(a_file(properties((LONG_NAME, STRING, b"Tr\0"), (CONTENT, OBJECT, MESSAGE + whole))))
    assert "messages_too_deep" in {notice.code for leaf in received(whole).leaves for notice in leaf.notices}


def test_a_file_kept_as_a_property_is_read() -> None:
    whole = stream(a_file(properties((LONG_NAME, STRING, b"cr.pdf\0"), (CONTENT, BINARY, PDF))))
    assert [(leaf.name, leaf.content) for leaf in received(whole).leaves[2:]] == [("cr.pdf", PDF)]


def test_a_file_cut_on_the_way_is_given_with_what_is_left_and_said() -> None:
    (leaf,) = received(winmail(("cr.pdf", PDF))[:-6]).leaves[2:]
    assert PDF.startswith(leaf.content)
    assert [notice.code for notice in leaf.notices] == ["tnef_cut"]


def test_a_count_that_lies_costs_no_more_than_the_bytes_there_are() -> None:
    """Four thousand million properties claimed, of which none is there."""
    claimed = attribute(PROPERTIES, struct.pack("<I", 0xFFFFFFFF))
    several = attribute(PROPERTIES, struct.pack("<IHHI", 1, 0x1003, LONG_NAME, 0xFFFFFFFF))
    assert [len(leaf.content) for leaf in received(stream(a_file(claimed), a_file(several))).leaves[2:]] == [0, 0]


def test_too_many_files_stay_shut() -> None:
    mail = received(winmail(*((f"{number}.txt", b"x") for number in range(501))))
    assert [leaf.path for leaf in mail.leaves] == ["1", "2"]
    assert [notice.code for notice in mail.leaves[1].notices] == ["tnef_too_many_files"]


def test_a_damaged_winmail_dat_stays_with_its_reason() -> None:
    mail = received(winmail(("cr.pdf", PDF))[:20])
    assert [leaf.path for leaf in mail.leaves][:2] == ["1", "2"]
    assert isinstance(open_tnef(b"junk"), Unreadable)


@given(st.binary(max_size=300))
def test_junk_behind_the_signature_never_raises(junk: bytes) -> None:
    found = open_tnef(struct.pack("<IH", 0x223E9F78, 1) + junk)
    assert isinstance(found, Unreadable) or sum(len(member.content) for member in found) <= len(junk)
