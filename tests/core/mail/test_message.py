"""Reading what others send, and what we compose ourselves."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liaison.core.mail.compose import compose
from liaison.core.mail.message import read_mail
from liaison.core.mail.values import Address, Attachment, Mail, OutgoingMail
from liaison.core.xdm.archive import build_archive

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def crlf(text: str, encoding: str = "utf-8") -> bytes:
    return text.replace("\n", "\r\n").encode(encoding)


def outgoing(**changes: object) -> OutgoingMail:
    values: dict[str, object] = {
        "message_id": "<1@ehpad.mssante.fr>",
        "sender": Address("secretariat@ehpad.mssante.fr", "EHPAD Les Tilleuls – Secrétariat"),
        "to": (Address("dr.martin@mssante.fr", "Dr Éric MARTIN"),),
        "subject": "XDM/1.0/DDM+Lettre de liaison à la sortie NESSI Ruth 14/07/1936",
        "body": "Bonjour,\n\nCi-joint la lettre de liaison.\n",
        "date": NOON,
    }
    return OutgoingMail(**(values | changes))  # type: ignore[arg-type]  # the values above are those of the class


def paths(mail: Mail) -> list[str]:
    return [leaf.path for leaf in mail.leaves]


def test_a_composed_mail_reads_back_to_the_same_values() -> None:
    archive = build_archive([("IHE_XDM/SUBSET01/METADATA.XML", b"<?xml version='1.0'?><a/>")], at=NOON)
    sent = outgoing(
        attachments=(
            Attachment("IHE_XDM.zip", "application/zip", archive),
            Attachment("20260714_Lettre de liaison à la sortie_NESSI_Ruth.pdf", "application/pdf", PDF),
        ),
        in_reply_to="<0@hopital.mssante.fr>",
        references=("<a@b.fr>", "<0@hopital.mssante.fr>"),
        reply_to=Address("humains@ehpad.mssante.fr"),
        disposition_notification_to="secretariat@ehpad.mssante.fr",
        headers=(("X-MSS-CODECDA", "11490-0"), ("X-MSS-NIL", "Liaison 0.1")),
    )
    mail = read_mail(compose(sent))
    assert (mail.message_id, mail.in_reply_to, mail.references) == (sent.message_id, sent.in_reply_to, sent.references)
    assert (mail.sender, mail.to, mail.reply_to) == (sent.sender, sent.to, (sent.reply_to,))
    assert (mail.subject, mail.body, mail.date) == (sent.subject, sent.body.strip("\n"), NOON)
    assert mail.disposition_notification_to == "secretariat@ehpad.mssante.fr"
    assert mail.mss_headers == sent.headers
    assert mail.category == "clinical"
    assert paths(mail) == ["1", "2", "2!IHE_XDM/SUBSET01/METADATA.XML", "3"]
    assert mail.leaves[3].name == sent.attachments[1].name
    assert mail.leaves[3].content == PDF
    assert mail.notices == ()


def test_composing_twice_gives_the_same_bytes() -> None:
    assert compose(outgoing(attachments=(Attachment("a.pdf", "application/pdf", PDF),))) == compose(
        outgoing(attachments=(Attachment("a.pdf", "application/pdf", PDF),))
    )


def test_a_composed_mail_is_ascii_in_short_crlf_lines() -> None:
    raw = compose(
        outgoing(body="é" * 3000, subject="Œ" * 400, attachments=(Attachment("ï" * 200, "text/plain", b"x"),))
    )
    raw.decode("ascii")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_a_line_end_in_a_value_cannot_inject_a_header() -> None:
    mail = read_mail(compose(outgoing(subject="Bonjour\r\nBcc: espion@ailleurs.fr", message_id="<1@a>\r\nX-A: b")))
    assert mail.subject == "Bonjour Bcc: espion@ailleurs.fr"
    assert b"\r\nBcc:" not in compose(outgoing(subject="a\r\nBcc: b@c.fr"))


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=120).map(lambda text: " ".join(text.split()))


@settings(max_examples=150, deadline=None)
@given(subject=TEXTS, label=TEXTS, name=TEXTS.filter(bool), content=st.binary(max_size=400), body=TEXTS)
def test_any_text_and_any_bytes_come_back(subject: str, label: str, name: str, content: bytes, body: str) -> None:
    sent = outgoing(
        subject=subject,
        body=body,
        sender=Address("a@b.fr", label),
        attachments=(Attachment(name, "application/x-test", content),),
    )
    mail = read_mail(compose(sent))
    assert (mail.subject, mail.sender.label, mail.body) == (subject, label, body)
    own = next(leaf for leaf in mail.leaves if leaf.path == "2")
    assert (own.name, own.content) == (name, content)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600))
def test_reading_junk_never_raises(raw: bytes) -> None:
    assert read_mail(raw).leaves


JUNK_PIECES = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b'Content-Type: multipart/report; boundary="b"\r\n',
        b"Content-Type: message/rfc822\r\n",
        b"Content-Type: application/zip\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Disposition: attachment; filename*0*=utf-8''%E9; filename*=x; filename*1=\r\n",
        b"Subject: =?utf-8?B?w6k?= =?x-unknown?Q?=E9?=\r\n",
        b'From: "a, <b@c>, =?\r\n',
        b"Date: Mon, 99 Foo 99999999999999999999 25:61 +9999999\r\n",
        b"\r\n",
        b"--b\r\n",
        b"--b--\r\n",
        b"PK\x03\x04\xff",
        b"=\xe9=\r\n",
        b"UEsDBA==",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(JUNK_PIECES, max_size=14))
def test_reading_broken_mail_never_raises_and_never_empties(pieces: list[bytes]) -> None:
    assert read_mail(b"".join(pieces)).leaves


def test_every_leaf_is_listed_whatever_its_type_disposition_size_or_name() -> None:
    mail = read_mail(
        crlf("""From: a@b.fr
Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: multipart/alternative; boundary="y"

--y
Content-Type: text/plain; charset=utf-8

Bonjour
--y
Content-Type: text/html

<p>Bonjour</p>
--y--
--x
Content-Disposition: inline

--x
Content-Type: application/octet-stream

%PDF-1.4
--x
Content-Type: image/png; name="logo.png"
Content-ID: <logo>

\x00
--x--
""")
    )
    assert paths(mail) == ["1.1", "1.2", "2", "3", "4"]
    assert mail.leaves[2].content == b""
    assert mail.leaves[3].media_type == "application/pdf"
    assert mail.leaves[4].media_type == "application/octet-stream"
    assert mail.category == "clinical"


def test_a_message_inside_a_message_is_opened_and_its_leaves_placed() -> None:
    inner = compose(outgoing(subject="Transfert", attachments=(Attachment("cr.pdf", "application/pdf", PDF),)))
    mail = read_mail(compose(outgoing(attachments=(Attachment("transfert.eml", "message/rfc822", inner),))))
    assert paths(mail) == ["1", "2", "2>1", "2>2"]
    assert mail.leaves[1].content == inner.removesuffix(b"\r\n") or mail.leaves[1].content == inner
    assert mail.leaves[3].content == PDF
    assert mail.category == "clinical"
    assert mail.body == "Bonjour,\n\nCi-joint la lettre de liaison."


def test_a_zip_in_a_zip_is_opened_and_its_members_placed() -> None:
    inner = build_archive([("compte rendu.pdf", PDF)], at=NOON)
    outer = build_archive([("dossier/envoi.zip", inner)], at=NOON)
    mail = read_mail(compose(outgoing(attachments=(Attachment("tout.ZIP", "application/octet-stream", outer),))))
    assert paths(mail) == ["1", "2", "2!dossier/envoi.zip", "2!dossier/envoi.zip!compte rendu.pdf"]
    assert mail.leaves[3].name == "compte rendu.pdf"


def test_an_unreadable_zip_stays_with_its_reason() -> None:
    mail = read_mail(compose(outgoing(attachments=(Attachment("IHE_XDM.ZIP", "application/zip", b"PK\x03\x04half"),))))
    assert paths(mail) == ["1", "2"]
    assert [notice.code for notice in mail.leaves[1].notices] == ["zip_unreadable"]


def test_a_report_is_known_before_anything_in_it_is_opened() -> None:
    carried = build_archive([("IHE_XDM/SUBSET01/DOC0001.XML", b"<ClinicalDocument xmlns='urn:hl7-org:v3'/>")], at=NOON)
    original = compose(outgoing(attachments=(Attachment("IHE_XDM.zip", "application/zip", carried),)))
    raw = (
        b'Content-Type: multipart/report; report-type=disposition-notification; boundary="r"\r\n\r\n'
        b"--r\r\n\r\nLu.\r\n--r\r\nContent-Type: message/disposition-notification\r\n\r\n"
        b"Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n"
        b"--r\r\nContent-Type: message/rfc822\r\n\r\n" + original + b"\r\n--r--\r\n"
    )
    mail = read_mail(raw)
    assert mail.category == "report"
    assert paths(mail) == ["1", "2", "3"]
    assert mail.leaves[2].content == original


@pytest.mark.parametrize(
    ("headers", "category"),
    [
        ("Auto-Submitted: auto-replied\n", "automatic"),
        ("Auto-Submitted: auto-generated; robot\n", "automatic"),
        ("Auto-Submitted: no\n", "plain"),
        ("X-Autoreply: yes\n", "automatic"),
        ("Subject: =?utf-8?Q?R=C3=A9ponse_automatique_:_absence?=\n", "automatic"),
        ("Return-Path: <>\n", "automatic"),
        ("Return-Path: <a@b.fr>\n", "plain"),
        ("Subject: [KO =?utf-8?Q?Int=C3=A9gration?= système !][902] XDM/1.0/DDM+CR\n", "report"),
    ],
)
def test_robots_and_reports_are_told_from_people(headers: str, category: str) -> None:
    assert read_mail(crlf(f"From: a@b.fr\n{headers}\nBonjour\n")).category == category


def test_a_sending_robot_that_carries_a_document_is_clinical() -> None:
    raw = compose(
        outgoing(headers=(("Auto-Submitted", "auto-generated"),), attachments=(Attachment("", "application/pdf", PDF),))
    )
    assert read_mail(raw).category == "clinical"


@pytest.mark.parametrize(
    ("charset", "encoding"), [("utf-8", "utf-8"), ("iso-8859-1", "cp1252"), ("x-inconnu", "cp1252"), ("zip", "utf-8")]
)
def test_accents_survive_unknown_and_false_charsets(charset: str, encoding: str) -> None:
    body = "Réévaluation à J+8 : l’œdème"
    raw = crlf(f"Content-Type: text/plain; charset={charset}\nSubject: Été\n\n", encoding) + body.encode(encoding)
    mail = read_mail(raw)
    assert mail.body == body
    assert mail.subject == "Été"


@pytest.mark.parametrize(("charset", "codes"), [("x-inconnu", ["charset_unknown"]), ("ISO-8859-15", []), ("", [])])
def test_an_unknown_charset_is_said(charset: str, codes: list[str]) -> None:
    leaf = read_mail(crlf(f'Content-Type: text/plain; charset="{charset}"\n\nBonjour')).leaves[0]
    assert [notice.code for notice in leaf.notices] == codes


@pytest.mark.parametrize(
    ("sender", "correspondent"),
    [
        ("<236075122334482@patient.mssante.fr>", "patient"),
        ("<236075122334482@PATIENT.MSSANTE.FR>", "patient"),
        ("<dr.martin@patient.mssante.fr.ailleurs.fr>", "professional"),
        ("Dr Martin <dr.martin@chu.mssante.fr>", "professional"),
        ("personne", "unknown"),
    ],
)
def test_an_usager_is_told_from_a_professional_by_the_address(sender: str, correspondent: str) -> None:
    assert read_mail(crlf(f"From: {sender}\n\nBonjour")).correspondent == correspondent


@pytest.mark.parametrize(
    ("headers", "closed"),
    [("X-MSS-MES: fin\n", True), ("Subject: [FIN]\n", True), ("Subject: RE: [FIN] merci\n", False), ("", False)],
)
def test_the_end_of_an_exchange_with_an_usager_is_read(headers: str, *, closed: bool) -> None:
    assert read_mail(crlf(f"From: a@b.fr\n{headers}\nBonjour")).closes_exchange is closed


def test_a_message_in_a_zip_is_opened() -> None:
    inner = compose(outgoing(attachments=(Attachment("cr.pdf", "application/pdf", PDF),)))
    archive = build_archive([("envoi/transfert.eml", inner)], at=NOON)
    mail = read_mail(compose(outgoing(attachments=(Attachment("a.zip", "application/zip", archive),))))
    assert paths(mail) == ["1", "2", "2!envoi/transfert.eml", "2!envoi/transfert.eml>1", "2!envoi/transfert.eml>2"]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ('a/b; filename="x; name=y"; name=z.pdf', "z.pdf"),
        ('a/b; name="a\\"b.pdf"', 'a"b.pdf'),
        ("a/b; NAME = mon fichier.pdf ; x=y", "mon fichier.pdf"),
        ('a/b; name="sans fin', "sans fin"),
        ("a/b; name", ""),
        ("a/b; name=premier; name=second", "premier"),
    ],
)
def test_a_parameter_is_read_past_whatever_stands_before_it(value: str, name: str) -> None:
    assert read_mail(crlf(f"Content-Type: {value}\n\nx")).leaves[0].name == name


def test_a_subject_cut_in_the_middle_of_a_letter_is_read() -> None:
    raw = b"Subject: =?utf-8?B?w4k=?=\r\n =?utf-8?B?dMM=?= =?UTF-8?B?qQ==?= suite\r\n\r\n"
    assert read_mail(raw).subject == "Été suite"


@pytest.mark.parametrize(
    "disposition",
    [
        "attachment; filename*=utf-8''r%C3%A9sum%C3%A9.pdf",
        "attachment; filename*0*=utf-8''r%C3%A9; filename*1*=sum%C3%A9; filename*2=.pdf",
        'attachment; filename="=?utf-8?Q?r=C3=A9sum=C3=A9.pdf?="',
        "attachment; filename=résumé.pdf",
        "attachment; filename=resume.pdf; filename*=utf-8''r%C3%A9sum%C3%A9.pdf",
        "attachment; filename=\"r?sum?.pdf\"; filename*0*=iso-8859-1'fr'r%E9sum; filename*1*=%E9.pdf",
    ],
)
def test_a_file_name_is_read_in_every_form(disposition: str) -> None:
    assert read_mail(crlf(f"Content-Disposition: {disposition}\n\nx")).leaves[0].name == "résumé.pdf"


def test_damaged_base64_gives_what_can_be_read_and_says_so() -> None:
    leaf = read_mail(crlf("Content-Transfer-Encoding: base64\n\nQm9u*am91\ncg=Qm9\n")).leaves[0]
    assert leaf.content.startswith(b"Bonjour")
    assert [notice.code for notice in leaf.notices] == ["transfer_damaged"]


@pytest.mark.parametrize("encoding", ["base64", "x-uuencode"])
def test_what_is_not_encoded_as_said_is_kept_as_it_is(encoding: str) -> None:
    leaf = read_mail(crlf(f"Content-Transfer-Encoding: {encoding}\n\n\xe9!\xe9!\n", "latin-1")).leaves[0]
    assert leaf.content.strip() == b"\xe9!\xe9!"
    assert [notice.code for notice in leaf.notices] == ["transfer_damaged"]


def test_a_mail_without_its_closing_boundary_keeps_its_last_part() -> None:
    mail = read_mail(crlf('Content-Type: multipart/mixed; boundary="x"\n\n--x\n\nun\n--x\n\nde'))
    assert [leaf.content for leaf in mail.leaves] == [b"un", b"de"]
    assert [notice.code for notice in mail.leaves[1].notices] == ["message_truncated"]


def test_a_multipart_without_boundary_is_kept_whole() -> None:
    mail = read_mail(crlf("Content-Type: multipart/mixed\n\n--x\n\nun\n--x--\n"))
    assert [notice.code for notice in mail.leaves[0].notices] == ["boundary_missing"]
    assert b"un" in mail.leaves[0].content


def test_html_alone_is_reduced_to_the_text_a_person_reads() -> None:
    page = (
        "<html><head><style>p {}</style></head><body><p>Bonjour&nbsp;Docteur,</p><script>x</script>"
        "<div>Merci<br>À vous</div>"
    )
    mail = read_mail(crlf(f"Content-Type: text/html; charset=utf-8\n\n{page}"))
    assert mail.body == "Bonjour Docteur,\n\nMerci\nÀ vous"


def test_missing_headers_are_said() -> None:
    assert [notice.code for notice in read_mail(b"\r\n\r\n").notices] == [
        "message_id_missing",
        "date_unreadable",
        "sender_missing",
    ]


def test_the_only_words_of_a_mail_are_its_body_though_their_part_bears_a_name() -> None:
    raw = crlf('Subject: RE\nContent-Type: text/plain; charset=utf-8; name="reponse.txt"\n\nJe valide le traitement.\n')
    mail = read_mail(raw)
    assert mail.body == "Je valide le traitement."
    assert [leaf.name for leaf in mail.leaves] == ["reponse.txt"]


def test_a_named_text_beside_the_words_of_the_sender_is_not_taken_for_them() -> None:
    raw = crlf(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nVoir la pièce.\n"
        '--b\nContent-Type: text/plain; name="resultats.txt"\n\nNa 140\n--b--\n'
    )
    assert read_mail(raw).body == "Voir la pièce."
