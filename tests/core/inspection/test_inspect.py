"""The JSON object of ``liaison inspect``: its shape is a promise, its values those of the file."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.cda.makers import a_drug, a_section, bent
from tests.core.inspection.files import (
    NOON,
    PDF_NAME,
    SUBJECT,
    a_dsn,
    a_mail,
    a_package,
    an_mdn,
    the_cda,
    the_mail,
    the_pdf,
    the_report,
)

from liaison.core.inspection.inspect import inspect
from liaison.core.inspection.summary import summary
from liaison.core.notices import Unreadable
from liaison.core.xdm.archive import build_archive, open_archive

TOP = "file kind leaves warnings message report metadata_patient_ids requested_action documents reply"
MESSAGE = "message_id in_reply_to references from to subject date category requests_mdn body"
DOCUMENT = (
    "source sha256 type_code type_system type_label title level templates id set_id version effective_time "
    "confidentiality replaces patient authors signed_by custodian recipients gp stay sections treatments medications "
    "allergies embedded pdf"
)
PATIENT = "ins ins_oid ids birth_family birth_given given_names used_family used_given birth_date sex birth_place"
MEDICATION = (
    "section name codes mood negated start end dose frequency route as_needed narrative origin moments page excerpt"
)
EVERY_FILE = {
    "message": the_mail,
    "xdm": a_package,
    "cda": the_cda,
    "pdf": the_pdf,
    "report": an_mdn,
    "unreadable": lambda: b"Bonjour",
}
"""A file of each kind, by the name of the kind."""


def codes(found: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in found["warnings"]]


def only(found: dict[str, Any]) -> dict[str, Any]:
    (document,) = found["documents"]
    return dict(document)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("kind", EVERY_FILE)
def test_the_kind_is_that_of_the_bytes_whatever_the_name(kind: str) -> None:
    found = inspect("courrier.docx", EVERY_FILE[kind]())
    assert (found["kind"], found["file"]) == (kind, "courrier.docx")


@pytest.mark.parametrize("kind", EVERY_FILE)
def test_every_object_has_the_same_keys_in_the_same_order(kind: str) -> None:
    found = inspect("f", EVERY_FILE[kind]())
    assert list(found) == TOP.split()
    assert [list(document) for document in found["documents"]] == [DOCUMENT.split()] * len(found["documents"])
    assert [list(warning) for warning in found["warnings"]] == [["code", "message"]] * len(found["warnings"])


def test_a_letter_is_given_field_by_field() -> None:
    found = inspect("lettre.xml", the_cda())
    document = only(found)
    assert (found["kind"], found["leaves"], found["requested_action"]) == ("cda", 1, "create")
    assert (found["warnings"], found["message"], found["report"], found["metadata_patient_ids"]) == ([], None, None, [])
    assert document["source"] == "lettre.xml"
    assert document["sha256"] == digest(the_cda())
    assert document["type_code"] == "11490-0"
    assert document["type_system"] == "2.16.840.1.113883.6.1"
    assert document["type_label"] == "Lettre de liaison à la sortie d'un établissement de soins"
    assert (document["level"], document["version"]) == (3, 2)
    assert document["templates"][-1] == "1.2.250.1.213.1.1.1.29@2022.01"
    assert (document["id"], document["set_id"]) == ("1.2.250.1.999.2.1^L-1", "1.2.250.1.999.2.2^L")
    assert document["replaces"] == ["1.2.250.1.999.2.1^L-0"]
    assert document["effective_time"] == "2026-03-04T16:30:00+01:00"
    assert document["confidentiality"] == ["N"]
    assert document["stay"] == {"start": "2026-02-20T10:15:00+01:00", "end": "2026-03-04T14:00:00+01:00"}
    assert document["treatments"] == "coded"
    assert (document["embedded"], document["pdf"]) == ([], None)


def test_the_persons_of_a_letter_have_their_national_numbers() -> None:
    document = only(inspect("f", the_cda()))
    assert list(document["patient"]) == PATIENT.split()
    assert document["patient"]["ins"] == "134025145400192"
    assert document["patient"]["ins_oid"] == "1.2.250.1.213.1.4.10"
    assert document["patient"]["ids"] == [{"root": "1.2.250.1.999.1.1", "extension": "IPP-0042"}]
    assert document["patient"]["birth_given"] == "MARIE-ANGE"
    assert document["patient"]["given_names"] == "MARIE-ANGE LOUISE"
    assert document["patient"]["birth_date"] == "1934-02-11"
    hospital = "Centre hospitalier de la Vesle"
    assert document["authors"] == [
        {
            "id": "810100000017",
            "family": "HÔTE",
            "given": "Zoé",
            "organization": hospital,
            "organization_id": "1510000029",
        }
    ]
    assert document["signed_by"] == {
        "id": "810100000025",
        "family": "L'HERMITE",
        "given": "Paul-Émile",
        "organization": hospital,
    }
    assert document["custodian"] == {"id": "1510000029", "name": hospital}
    assert [list(recipient) for recipient in document["recipients"]] == [["id", "family", "given", "organization"]]
    assert document["gp"] == {"id": "810100000033", "family": "ŒUVRARD", "given": "Inès"}


def test_the_drugs_and_allergies_of_a_letter_are_given_line_by_line() -> None:
    document = only(inspect("f", the_cda()))
    assert [list(line) for line in document["medications"]] == [MEDICATION.split()] * 3
    stopped = document["medications"][0]
    assert (stopped["section"], stopped["name"]) == ("18610-6", "Furosémide 40 mg, comprimé")
    assert {"code": "60000001", "system": "1.2.250.1.213.2.3.1"} in stopped["codes"]
    assert (stopped["start"], stopped["end"], stopped["mood"]) == ("2025-11-02", "2026-02-21", "EVN")
    assert "Insuffisance rénale aiguë" in stopped["narrative"]
    assert [(line["origin"], line["page"]) for line in document["medications"]] == [("coded", None)] * 3
    assert list(stopped["moments"]) == ["matin", "midi", "soir", "coucher"]
    assert [line["as_needed"] for line in document["medications"]] == [False, False, True]
    assert [line["end"] for line in document["medications"]] == ["2026-02-21", None, None]
    assert document["allergies"][0] == {
        "agent": "Pénicilline",
        "reaction": "Urticaire",
        "severity": "modérée",
        "negated": False,
    }
    section = document["sections"][0]
    assert list(section) == ["code", "title", "text", "entries"]
    assert (section["code"], section["entries"]) == ("33557-0", 1)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_letter_in_utf_16_is_known_with_or_without_its_mark(encoding: str) -> None:
    text = the_cda().decode().replace("UTF-8", "UTF-16", 1)
    found = inspect("f", text.encode(encoding))
    assert (found["kind"], only(found)["patient"]) == ("cda", only(inspect("f", the_cda()))["patient"])


def test_a_level_1_document_shows_the_pdf_it_carries() -> None:
    document = only(inspect("f", the_report()))
    assert (document["level"], document["treatments"], document["sections"]) == (1, "absent", [])
    carried = {"size": len(the_pdf()), "sha256": digest(the_pdf())}
    assert document["embedded"] == [{"media_type": "application/pdf", **carried}]
    assert {name: document["pdf"][name] for name in carried} == carried
    assert document["pdf"]["pages"] >= 1
    assert "Furosémide" in document["pdf"]["text"]
    assert list(document["pdf"]) == ["size", "sha256", "pages", "text", "signatures"]


def test_a_pdf_alone_says_only_what_its_bytes_and_its_words_say() -> None:
    found = inspect("Compte rendu.pdf", the_pdf())
    document = only(found)
    assert (found["leaves"], document["source"], document["sha256"]) == (1, "Compte rendu.pdf", digest(the_pdf()))
    silent = [name for name in DOCUMENT.split() if name not in {"source", "sha256", "pdf", "medications"}]
    assert [document[name] for name in silent if document[name] not in (None, [])] == []
    assert document["pdf"]["size"] == len(the_pdf())


def test_a_package_gives_its_documents_its_patient_and_its_request() -> None:
    found = inspect("IHE_XDM.ZIP", a_package(action="replace"))
    assert (found["kind"], found["leaves"], found["requested_action"]) == ("xdm", 4, "replace")
    assert found["metadata_patient_ids"] == ["1.2.250.1.213.1.4.10^134025145400192"]
    document = only(found)
    assert document["source"] == "IHE_XDM/SUBSET01/DOC0001.XML"
    assert document["sha256"] == digest(the_cda())
    assert found["warnings"] == []


def test_a_cancellation_is_told() -> None:
    assert inspect("f", a_package(action="cancel"))["requested_action"] == "cancel"


def test_a_package_without_metadata_still_gives_its_documents() -> None:
    found = inspect("f", build_archive([("lettre.xml", the_cda()), ("lettre.pdf", the_pdf())], at=NOON))
    assert codes(found) == ["metadata_missing"]
    assert (only(found)["source"], found["leaves"], found["metadata_patient_ids"]) == ("lettre.xml", 2, [])
    assert only(found)["pdf"]["sha256"] == digest(the_pdf())


def test_a_message_gives_its_header_and_its_documents() -> None:
    found = inspect("f", the_mail())
    assert list(found["message"]) == MESSAGE.split()
    assert found["message"] == {
        "message_id": "<lettre.1@chu-vesle.mssante.fr>",
        "in_reply_to": "<appel@ehpad.mssante.fr>",
        "references": ["<appel@ehpad.mssante.fr>"],
        "from": "medecine@chu-vesle.mssante.fr",
        "to": ["secretariat@ehpad.mssante.fr"],
        "subject": SUBJECT,
        "date": "2026-03-04T17:30:00+00:00",
        "category": "clinical",
        "requests_mdn": True,
        "body": "Bonjour,\nvoici la lettre de liaison.",
    }
    document = only(found)
    assert (found["leaves"], document["source"]) == (7, "2!IHE_XDM/SUBSET01/DOC0001.XML")
    assert document["pdf"]["sha256"] == digest(the_pdf())
    assert (found["warnings"], found["report"], found["requested_action"]) == ([], None, "create")


def test_a_message_without_a_document_is_plain() -> None:
    found = inspect("f", a_mail(subject="Rendez-vous", codes=()))
    assert (found["kind"], found["message"]["category"], found["documents"]) == ("message", "plain", [])


def test_a_read_receipt_is_a_report_and_its_returned_letter_no_document() -> None:
    found = inspect("f", an_mdn("902"))
    assert (found["kind"], found["documents"], found["requested_action"]) == ("report", [], None)
    assert found["report"] == {
        "type": "mdn",
        "original_message_id": "<lettre.1@chu-vesle.mssante.fr>",
        "recipient": "secretariat@ehpad.mssante.fr",
        "action": "processed",
        "error_code": "902",
    }
    assert found["message"]["category"] == "report"


def test_a_delivery_report_on_several_shows_the_worst() -> None:
    found = inspect("f", a_dsn(("a@b.fr", "delivered", "2.0.0"), ("c@d.fr", "failed", "5.1.1")))
    assert (found["report"]["recipient"], found["report"]["action"]) == ("c@d.fr", "failed")
    assert (found["report"]["type"], found["report"]["error_code"]) == ("dsn", "5.1.1")
    assert codes(found) == ["report_several"]


@pytest.mark.parametrize(("said", "told"), [("expanded", "delivered"), ("relayed", "relayed"), ("delayed", "delayed")])
def test_a_report_says_one_of_the_eight_actions(said: str, told: str) -> None:
    assert inspect("f", a_dsn(("a@b.fr", said, "2.0.0")))["report"]["action"] == told


def test_a_report_that_says_nothing_is_still_a_report() -> None:
    raw = b'From: a@b.fr\r\nContent-Type: multipart/report; boundary="r"\r\n\r\n--r\r\n\r\nRien\r\n--r--\r\n'
    found = inspect("f", raw)
    assert (found["kind"], found["report"]) == ("report", None)
    assert "report_silent" in codes(found)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"  \r\n", "file_empty"),
        (b"Bonjour docteur, voici la lettre.", "file_unknown"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "file_unknown"),
        (b"<?xml version='1.0'?><Bundle/>", "cda_not_clinical"),
        (b"<?xml version='1.0'?><ClinicalDocument", "cda_not_xml"),
        (b"<?xml version='1.0'?><!DOCTYPE x><ClinicalDocument xmlns='urn:hl7-org:v3'/>", "cda_doctype"),
        (b"PK\x03\x04 cut", "zip_unreadable"),
        (b"%PDF-1.7 cut", "pdf_broken"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, code: str) -> None:
    found = inspect("f", data)
    assert (found["kind"], codes(found), found["documents"], found["leaves"]) == ("unreadable", [code], [], 0)


def test_a_mail_that_quotes_the_mark_of_a_pdf_is_a_mail() -> None:
    assert inspect("f", b"Subject: %PDF-1.4\r\nFrom: a@b.fr\r\n\r\nBonjour")["kind"] == "message"


def test_a_letter_that_starts_with_a_comment_is_a_letter() -> None:
    bare = the_cda().split(b"?>", 1)[1]
    assert inspect("f", b"<!-- export du 4 mars -->" + bare)["kind"] == "cda"


def test_a_letter_in_a_long_style_sheet_is_a_letter() -> None:
    sheet = b'<?xml version="1.0"?><xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:variable>'
    inside = the_cda().split(b"?>", 1)[1]
    data = sheet + b"x" * 100_000 + b"</xsl:variable>" + inside + b"</xsl:stylesheet>"
    assert only(inspect("f", data))["type_code"] == "11490-0"


def test_what_a_document_does_not_say_is_null_or_an_empty_list() -> None:
    document = only(inspect("f", a_section("10183-2", "Rien.")))
    silent = ("type_code", "title", "set_id", "effective_time", "signed_by", "custodian", "gp", "stay", "pdf")
    assert [document[name] for name in silent] == [None] * len(silent)
    assert document["treatments"] == "narrative_only"


def test_a_professional_without_a_national_number_has_no_id() -> None:
    other = bent(the_cda(), ('root="1.2.250.1.71.4.2.1" extension="810100000017"', 'root="1.2.3" extension="7"'))
    assert only(inspect("f", other))["authors"][0]["id"] is None


def test_a_statement_of_absence_is_no_drug() -> None:
    absence = '<code code="no-known-medications" codeSystem="2.16.840.1.113883.5.1150.1"/>'
    found = only(inspect("f", a_section("10183-2", "Aucun traitement.", a_drug("", absence))))
    assert (found["treatments"], found["medications"]) == ("none_stated", [])


def test_metadata_add_the_masks_that_a_letter_cannot_say() -> None:
    masked = [
        (member, content.replace(b'nodeRepresentation="N"', b'nodeRepresentation="MASQUE_PS"'))
        for member, content in members_of(a_package())
    ]
    assert only(inspect("f", build_archive(masked, at=NOON)))["confidentiality"] == ["N", "MASQUE_PS"]


def members_of(package: bytes) -> list[tuple[str, bytes]]:
    opened = open_archive(package)
    assert not isinstance(opened, Unreadable)
    return [(member.name, member.content) for member in opened[0]]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(EVERY_FILE)),
    st.integers(0, 100_000),
    st.binary(max_size=40),
    st.integers(0, 400),
)
def test_a_damaged_file_still_gives_an_object_that_json_can_hold(kind: str, place: int, piece: bytes, cut: int) -> None:
    whole = EVERY_FILE[kind]()
    start = place % len(whole)
    found = inspect("f", whole[:start] + piece + whole[start + cut :])
    assert list(found) == TOP.split()
    assert json.loads(json.dumps(found)) == found
    assert summary(found).startswith("f : ")


def test_the_summary_says_the_letter_in_french() -> None:
    said = summary(inspect("f", the_mail()))
    assert "f : message" in said
    assert "Patient : D'ÉTÉ-LEFÈVRE MARIE-ANGE (utilisé : CASANOVA), né(e) le 11/02/1934" in said
    assert "INS : 134025145400192" in said
    assert "Séjour : du 20/02/2026 au 04/03/2026" in said
    assert "Furosémide 40 mg, comprimé, 1 comprimé, 1 fois par jour, orale" in said
    assert "Pénicilline, Urticaire, modérée" in said


def test_the_summary_tells_a_report_and_a_cancellation() -> None:
    assert "Accusé de lecture de secretariat@ehpad.mssante.fr : traité (code 902)" in summary(
        inspect("f", an_mdn("902"))
    )
    assert "L'envoi demande" not in summary(inspect("f", a_package()))
    assert "L'envoi demande d'annuler un document déjà reçu." in summary(inspect("f", a_package(action="cancel")))


def test_the_summary_lets_nothing_drive_the_terminal() -> None:
    mail = a_mail((PDF_NAME, the_pdf()), subject="\x1b[31mrouge\x1b[0m", codes=())
    assert "\x1b" not in summary(inspect("\x1bf", mail))


def an_answer(words: str, **headers: str) -> bytes:
    header = {"From": "dr@ville.mssante.fr", "To": "secretariat@ehpad.mssante.fr", "Subject": "Bonjour", **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in header.items())
    return f"{lines}Content-Type: text/plain; charset=utf-8\r\n\r\n{words}".encode()


def test_an_answer_is_read_with_its_own_words_alone() -> None:
    quoted = "> 1. KARDEGIC 75 mg\n> 2. BISOPROLOL 2,5 mg\n> 3. FUROSEMIDE 40 mg"
    words = "ok pour le bisoprolol, arrêt du Kardégic\nje passe jeudi"
    found = inspect("f", an_answer(f"{words}\n\nLe 14/07/2026, EHPAD a écrit :\n{quoted}", In_Reply_To="<1@ehpad.fr>"))
    assert found["reply"] == {
        "text": words,
        "intents": ["stop", "visit"],
        "lines": [
            {"number": 1, "action": "stop", "text": "arrêt du Kardégic"},
            {"number": 2, "action": "ok", "text": "ok pour le bisoprolol"},
        ],
        "visit": "jeudi",
    }
    assert "reply_partial" in codes(found)


@pytest.mark.parametrize(
    "headers",
    [{"In_Reply_To": "<1@a.fr>"}, {"References": "<1@a.fr>"}, {"Subject": "RE : Lettre"}, {"Subject": "Rép: L"}],
)
def test_an_answer_says_in_its_header_that_it_is_one(headers: dict[str, str]) -> None:
    assert inspect("f", an_answer("1 ok", **headers))["reply"]["intents"] == []
    assert inspect("f", an_answer("1 ok", **headers))["reply"]["lines"] == [
        {"number": 1, "action": "ok", "text": "1 ok"}
    ]


def test_a_mail_that_answers_nothing_has_no_reply() -> None:
    assert inspect("f", an_answer("Bonjour, ci-joint rien."))["reply"] is None
    assert inspect("f", an_answer("Absent", Subject="Re: x", Auto_Submitted="auto-replied"))["reply"] is None
