"""What a reader must make of CDA documents as hospitals write them (CDA R2, CI-SIS), and of their oddities."""

from base64 import b64encode

import pytest
from tests.core.cda.makers import LETTER, REPORT, a_section, bent, readable, refusal, the_letter

from liaison.core.cda.build import build_discharge_letter, build_level1
from liaison.core.cda.read import read_cda
from liaison.core.people import INS_NIR, INS_TEST, Identifier

XML = build_discharge_letter(LETTER)
BARE = XML.decode().partition("?>")[2]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-15", "windows-1252"])
def test_a_document_is_read_the_same_in_each_encoding_in_use(encoding: str) -> None:
    declared = encoding.replace("-sig", "")
    data = f'<?xml version="1.0" encoding="{declared}"?>{BARE}'.encode(encoding)
    assert readable(read_cda(data)) == readable(read_cda(XML))


@pytest.mark.parametrize(
    ("name", "encoding"), [("latin1", "latin-1"), ("cp1252", "cp1252"), ("UTF8", "utf-8"), ("US-ASCII", "utf-8")]
)
def test_an_encoding_is_known_under_the_names_software_gives_it(name: str, encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{name}"?>{a_section("A", "Été").decode()}'.encode(encoding)
    assert readable(read_cda(data)).sections[0].text == "Été"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_recognised(encoding: str) -> None:
    assert readable(read_cda(BARE.strip().encode(encoding))).patient == LETTER.header.patient


def test_a_document_that_lies_about_utf_8_is_read_with_a_warning() -> None:
    document = readable(read_cda(BARE.encode("windows-1252")))
    assert document.patient.birth_family == "D'ÉTÉ-LEFÈVRE"
    assert [notice.code for notice in document.notices] == ["cda_encoding_wrong"]


def test_any_prefix_will_do_for_the_hl7_namespace() -> None:
    prefixed = BARE.replace("<", "<n:").replace("<n:/", "</n:").replace('xmlns="', 'xmlns:n="')
    read, plain = readable(read_cda(prefixed.encode())), readable(read_cda(XML))
    assert read == plain
    assert [section.html for section in read.sections] == [section.html for section in plain.sections]


def test_comments_and_instructions_leave_no_trace() -> None:
    document = the_letter(
        ("<ClinicalDocument", '<?xml-stylesheet href="http://x/y.xsl"?><!-- <!DOCTYPE a> --><ClinicalDocument'),
        ("D'ÉTÉ", "D'É<!-- accent -->T<?oxygen a?>É"),
    )
    assert document.patient == LETTER.header.patient


def test_a_document_held_in_a_stylesheet_is_read_and_the_stylesheet_is_not_run() -> None:
    sheet = '<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform" version="1.0"><x:import href="http://a/b"/>'
    document = readable(read_cda(f"{sheet}{BARE}</x:stylesheet>".encode()))
    assert document == readable(read_cda(XML))


def test_text_over_the_ten_megabytes_of_libxml_is_read() -> None:
    body = b"%PDF-1.4 " + b"x" * 9_000_000
    document = readable(read_cda(build_level1(REPORT, body, "application/pdf")))
    assert [len(each.content) for each in document.embedded] == [len(body)]


def test_missing_values_are_empty_whatever_the_null_flavor() -> None:
    bare = '<ClinicalDocument xmlns="urn:hl7-org:v3"><id nullFlavor="NI"/><effectiveTime nullFlavor="UNK"/>'
    document = readable(read_cda(f"{bare}<recordTarget><patientRole/></recordTarget></ClinicalDocument>".encode()))
    assert (document.id, document.set_id, document.version) == (Identifier(""), None, 1)
    assert (document.effective_time, document.stay_start, document.gp) == ("", "", None)
    assert (document.treatments, document.sections) == ("absent", ())


def test_only_an_ins_root_gives_an_ins() -> None:
    document = the_letter(
        (f'root="{INS_TEST}" extension="134025145400192"', 'root="1.2.3" extension="134025145400192"')
    )
    assert (document.patient.ins, document.patient.ins_oid) == ("", "")
    assert Identifier("1.2.3", "134025145400192") in document.patient.ids


def test_the_old_social_security_root_is_no_ins() -> None:
    document = the_letter((f'root="{INS_TEST}"', 'root="1.2.250.1.213.1.4.13"'))
    assert document.patient.ins == ""


def test_a_malformed_matricule_is_not_kept_as_an_ins() -> None:
    document = the_letter(('extension="134025145400192"', 'extension="1340251454001"'))
    assert document.patient.ins == ""
    assert "ins_malformed" in {notice.code for notice in document.notices}


def test_two_different_ins_give_none() -> None:
    second = f'<id root="{INS_NIR}" extension="234025145400156"/>'
    document = the_letter(("<patientRole>", f"<patientRole>{second}"))
    assert document.patient.ins == ""
    assert "ins_several" in {notice.code for notice in document.notices}


def test_a_name_without_qualifiers_is_a_birth_name() -> None:
    document = the_letter(
        ('<family qualifier="BR">', "<family>"),
        ('<family qualifier="CL">CASANOVA</family>', ""),
        ('<given qualifier="BR">MARIE-ANGE</given>', ""),
    )
    assert document.patient.birth_family == "D'ÉTÉ-LEFÈVRE"
    assert (document.patient.birth_given, document.patient.given_names) == ("MARIE-ANGE", "MARIE-ANGE LOUISE")


@pytest.mark.parametrize(
    ("written", "read"),
    [("1934", "1934"), ("193402", "1934-02"), ("19340000", "1934-00-00"), ("193402110830", "1934-02-11")],
)
def test_a_birth_date_keeps_the_precision_of_its_source(written: str, read: str) -> None:
    assert the_letter(('birthTime value="19340211"', f'birthTime value="{written}"')).patient.birth_date == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026", "2026"),
        ("202603", "2026-03"),
        ("20260304", "2026-03-04"),
        ("202603041630", "2026-03-04T16:30"),
        ("20260304163000+01", "2026-03-04T16:30:00+01:00"),
        ("20260304153000Z", "2026-03-04T15:30:00Z"),
        ("20260304T163000", "2026-03-04T16:30:00"),
        ("2026-03-04", "2026-03-04"),
        ("hier", ""),
    ],
)
def test_a_time_keeps_the_precision_of_its_source(written: str, read: str) -> None:
    document = the_letter(('effectiveTime value="20260304163000+0100"', f'effectiveTime value="{written}"'))
    assert document.effective_time == read


def test_a_birth_place_that_is_no_official_code_is_left_out() -> None:
    document = the_letter(("<county>51454</county>", "<county>Reims</county>"))
    assert document.patient.birth_place == ""
    assert "birth_place_not_cog" in {notice.code for notice in document.notices}


def test_a_document_that_is_not_signed_yet_has_no_signer() -> None:
    document = the_letter(('signatureCode code="S"', 'signatureCode code="X"'))
    assert (document.signed_by, document.signed_at) == (None, "")
    assert "not_signed" in {notice.code for notice in document.notices}


def test_a_version_that_is_no_number_is_the_first() -> None:
    assert the_letter(('versionNumber value="2"', 'versionNumber value="deux"')).version == 1


def test_the_stay_of_a_letter_is_found_in_its_service_event_when_the_encounter_is_silent() -> None:
    encounter = XML.decode().partition("<encompassingEncounter>")[2].partition("</effectiveTime>")[0]
    document = the_letter((encounter, '<effectiveTime nullFlavor="NA">'))
    assert (document.stay_start, document.stay_end) == ("2026-02-20T10:15:00+01:00", "2026-03-04T14:00:00+01:00")


def test_a_second_patient_is_flagged() -> None:
    document = the_letter(("<author>", "<recordTarget><patientRole/></recordTarget><author>"))
    assert "several_patients" in {notice.code for notice in document.notices}


def test_an_allergy_entry_without_agent_is_no_allergy() -> None:
    entry = '<observation><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.6"/><value/></observation>'
    assert readable(read_cda(a_section("48765-2", "Aucune allergie", entry))).allergies == ()


def test_a_stated_absence_of_allergy_is_no_allergy() -> None:
    value = '<value code="no-known-allergies" codeSystem="2.16.840.1.113883.5.1150.1" displayName="Aucune"/>'
    entry = f'<observation><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.6"/>{value}</observation>'
    assert readable(read_cda(a_section("48765-2", "", entry))).allergies == ()


def test_results_are_expected_only_where_the_document_says_so() -> None:
    summary = a_section("30954-2", "Échographie normale")
    announced = bent(summary, ("<title>T<", "<title>Examens attendus<"))
    letter = bent(summary, ("<component><structured", '<code code="11490-0"/><component><structured'))
    found = [readable(read_cda(data)).expected_results for data in (summary, announced, letter)]
    assert found == [(), ("Échographie normale",), ("Échographie normale",)]


def test_a_follow_up_told_in_words_only_is_read_line_by_line() -> None:
    text = "<table><tbody><tr><td>Revoir le chirurgien</td><td>dans 15 jours</td></tr></tbody></table>"
    (item,) = readable(read_cda(a_section("18776-5", text))).follow_up
    assert (item.label, item.when, item.kind) == ("Revoir le chirurgien | dans 15 jours", "", "")


def test_nested_sections_stand_in_order_each_with_its_own_text() -> None:
    inner = "<component><section><code code='B'/><text>dedans</text></section></component>"
    data = bent(a_section("A", "dehors"), ("</text>", f"</text>{inner}"))
    nested = data.replace(inner.encode(), b"", 0)
    assert [(each.code, each.text) for each in readable(read_cda(nested)).sections] == [
        ("A", "dehors"),
        ("B", "dedans"),
    ]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.4\n%", "application/pdf"),
        (b"{\\rtf1 Bonjour}", "text/rtf"),
        (b"\x89PNG\r\n\x1a\n0000", "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"II*\x00\x08\x00\x00\x00", "image/tiff"),
        ("Bonjour à tous".encode(), "text/plain"),
    ],
)
def test_a_level_1_body_is_what_its_bytes_are(content: bytes, media_type: str) -> None:
    declared = media_type if media_type.startswith("text/") else "image/jpeg"
    document = readable(read_cda(build_level1(REPORT, content, declared)))
    assert document.level == 1
    assert [(each.media_type, each.content) for each in document.embedded] == [(media_type, content)]


def test_base64_is_read_with_blanks_and_without_padding() -> None:
    packed = b64encode(b"%PDF-1.4 ab").decode()
    data = bent(build_level1(REPORT, b"%PDF-1.4 ab", "application/pdf"), (packed, " \n".join(packed.rstrip("="))))
    assert readable(read_cda(data)).embedded[0].content == b"%PDF-1.4 ab"


@pytest.mark.parametrize(
    "said", ['representation="B64"', 'representation="b64"', 'mediaType="application/pdf"', 'mediaType="image/jpeg"']
)
def test_a_file_in_an_entry_is_read_however_its_base64_is_announced(said: str) -> None:
    packed = b64encode(b"%PDF-1.4 ab").decode()
    data = a_section("A", "texte", f"<observationMedia><value {said}>{packed}</value></observationMedia>")
    assert [each.media_type for each in readable(read_cda(data)).embedded] == ["application/pdf"]


def test_words_announced_as_a_pdf_are_words() -> None:
    document = readable(read_cda(build_level1(REPORT, "Sortie à domicile".encode(), "application/pdf")))
    assert [each.media_type for each in document.embedded] == ["text/plain"]


def test_a_plain_text_body_needs_no_base64() -> None:
    data = bent(build_level1(REPORT, b"x", "text/plain"), (' representation="B64"', ""), ("eA==", "Sortie le 4 mars."))
    assert readable(read_cda(data)).embedded[0].content == b"Sortie le 4 mars."


@pytest.mark.parametrize(("body", "notice"), [("****", "body_unreadable"), ("", "body_missing")])
def test_a_body_that_is_not_there_is_said(body: str, notice: str) -> None:
    data = bent(build_level1(REPORT, b"%PDF-1.4", "application/pdf"), (b64encode(b"%PDF-1.4").decode(), body))
    document = readable(read_cda(data))
    assert (document.embedded, [each.code for each in document.notices]) == ((), [notice])


def test_a_picture_inside_a_section_is_kept() -> None:
    value = (
        f'<observationMedia><value representation="B64">{b64encode(b"GIF89a..").decode()}</value></observationMedia>'
    )
    document = readable(read_cda(a_section("55108-5", "", value)))
    assert [(each.media_type, each.content) for each in document.embedded] == [("image/gif", b"GIF89a..")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "cda_empty"),
        (b" \n ", "cda_empty"),
        (b"Bonjour", "cda_not_xml"),
        (XML[:-20], "cda_not_xml"),
        (b"<a/>", "cda_not_clinical"),
        (b'<ClinicalDocument xmlns="urn:autre"/>', "cda_not_clinical"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "cda_encoding"),
        (b"\xff\xfe<\x00a", "cda_encoding"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, code: str) -> None:
    assert refusal(read_cda(data)) == code
