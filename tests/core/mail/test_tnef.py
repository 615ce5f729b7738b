"""winmail.dat, the envelope of Outlook."""

import struct
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from liaison.core.mail.compose import compose
from liaison.core.mail.message import read_mail
from liaison.core.mail.tnef import open_tnef
from liaison.core.mail.values import Address, Attachment, Mail, OutgoingMail
from liaison.core.notices import Unreadable
from liaison.core.xdm.archive import build_archive

PDF = b"%PDF-1.4\n%%EOF\n"
RENDERING, TITLE, DATA = 0x00069002, 0x00018010, 0x0006800F


def attribute(kind: int, content: bytes) -> bytes:
    return struct.pack("<BII", 2, kind, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)


def winmail(*files: tuple[str, bytes]) -> bytes:
    attributes = (
        attribute(RENDERING, bytes(14)) + attribute(TITLE, name.encode() + b"\0") + attribute(DATA, content)
        for name, content in files
    )
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


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


def test_a_damaged_winmail_dat_stays_with_its_reason() -> None:
    mail = received(winmail(("cr.pdf", PDF))[:20])
    assert [leaf.path for leaf in mail.leaves][:2] == ["1", "2"]
    assert isinstance(open_tnef(b"junk"), Unreadable)


@given(st.binary(max_size=300))
def test_junk_behind_the_signature_never_raises(junk: bytes) -> None:
    open_tnef(struct.pack("<IH", 0x223E9F78, 1) + junk)
