"""What a reader must make of CDA documents as hospitals write them (CDA R2, CI-SIS), and of their oddities."""

from base64 import b64encode

import pytest
from tests.core.cda.makers import LETTER, REPORT, a_drug, a_section, bent, readable, refusal, the_letter

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


def test_a_letter_without_entries_has_treatments_to_read_and_not_none() -> None:
    document = readable(read_cda(a_section("10183-2", "Kardégic 75 mg le matin")))
    assert (document.treatments, document.medications) == ("narrative_only", ())


def test_a_section_without_entries_gives_the_rows_of_its_tables() -> None:
    text = "<table><tr><th>Médicament</th><th>Dose</th></tr><tr><td>Aspirine</td><td/></tr></table>"
    (told,) = readable(read_cda(a_section("10183-2", text))).sections
    (coded,) = readable(read_cda(a_section("10183-2", text, a_drug("Aspirine")))).sections
    assert (told.rows, coded.rows) == ((("Médicament", "Dose"), ("Aspirine", "")), ())


def test_a_stated_absence_of_treatment_is_no_drug() -> None:
    entry = a_drug("Aucun", '<code code="no-known-medications" codeSystem="2.16.840.1.113883.5.1150.1"/>')
    document = readable(read_cda(a_section("10183-2", "Aucun traitement", entry)))
    assert (document.treatments, document.medications) == ("none_stated", ())


ABSENCE, SNOMED = "2.16.840.1.113883.5.1150.1", "2.16.840.1.113883.6.96"


@pytest.mark.parametrize(
    ("code", "system", "treatments"),
    [
        ("no-known-medications", ABSENCE, "none_stated"),
        ("no-medication-info", ABSENCE, "narrative_only"),
        ("182849000", SNOMED, "none_stated"),
        ("182904002", SNOMED, "narrative_only"),
    ],
)
def test_only_none_is_none_and_no_information_is_not(code: str, system: str, treatments: str) -> None:
    entry = a_drug("", f'<code code="{code}" codeSystem="{system}" displayName="Aucune information"/>')
    document = readable(read_cda(a_section("10183-2", "À demander", entry)))
    assert (document.treatments, document.medications) == (treatments, ())


def and_a_section(data: bytes, code: str, text: str, *entries: str) -> bytes:
    """The document with another section after its own."""
    section = a_section(code, text, *entries).decode().partition("<structuredBody>")[2].partition("</structured")[0]
    return bent(data, ("</structuredBody>", f"{section}</structuredBody>"))


@pytest.mark.parametrize(
    ("section", "code"), [("18610-6", "no-known-medications"), ("11369-6", "no-known-immunizations")]
)
def test_none_stated_elsewhere_does_not_hide_the_treatments_told_in_words(section: str, code: str) -> None:
    none = a_drug("", f'<code code="{code}" codeSystem="{ABSENCE}"/>')
    data = and_a_section(a_section(section, "Aucun", none), "10183-2", "Kardégic 75 mg le matin")
    assert readable(read_cda(data)).treatments == "narrative_only"


def test_none_stated_over_a_table_of_drugs_is_not_believed() -> None:
    rows = "".join(f"<tr><td>{name}</td><td>1</td></tr>" for name in ("Aspirine", "Oxazépam"))
    text = f"<table><tr><th>Médicament</th><th>Dose</th></tr>{rows}</table>"
    none = a_drug("", f'<code code="no-known-medications" codeSystem="{ABSENCE}"/>')
    assert readable(read_cda(a_section("10183-2", text, none))).treatments == "narrative_only"


@pytest.mark.parametrize(
    ("section", "template"),
    [("11369-6", "1.3.6.1.4.1.19376.1.5.3.1.4.12"), ("10183-2", "1.2.250.1.213.1.1.3.45"), ("11369-6", "1.2.3")],
)
def test_an_immunization_is_no_treatment(section: str, template: str) -> None:
    vaccine = a_drug("Vaccin", f'<templateId root="{template}"/>')
    assert readable(read_cda(a_section(section, "", vaccine))).medications == ()


def test_a_drug_dated_by_a_single_day_starts_then() -> None:
    given = a_drug("Ceftriaxone 1 g", '<effectiveTime value="20260304"/>')
    (line,) = readable(read_cda(a_section("10183-2", "", given))).medications
    assert (line.start, line.end) == ("2026-03-04", "")


def test_the_steps_of_a_tapered_dose_are_one_drug() -> None:
    frequency = '<effectiveTime><period value="{}" unit="h"/></effectiveTime><doseQuantity value="{}" unit="{{tbl}}"/>'
    steps = "".join(
        f'<entryRelationship typeCode="COMP">{a_drug("", frequency.format(hours, dose))}</entryRelationship>'
        for hours, dose in ((8, 2), (12, 1))
    )
    entry = a_drug("Prednisone 5 mg").replace("</substance", f"{steps}</substance")
    (line,) = readable(read_cda(a_section("10183-2", "", entry))).medications
    assert line.dose == "2 comprimés 1 fois toutes les 8 h ; 1 comprimé 1 fois toutes les 12 h"


def test_meal_times_are_said_in_words() -> None:
    times = '<effectiveTime><event code="ACM"/></effectiveTime><effectiveTime><event code="HS"/></effectiveTime>'
    (line,) = readable(read_cda(a_section("10183-2", "", a_drug("Metformine", times)))).medications
    assert line.frequency == "avant le petit-déjeuner, au coucher"


def test_a_treatment_known_by_its_length_has_a_duration_and_no_end() -> None:
    times = '<effectiveTime><low value="20260304"/><width value="10" unit="d"/></effectiveTime>'
    (line,) = readable(read_cda(a_section("10183-2", "", a_drug("Amoxicilline", times)))).medications
    assert (line.start, line.end, line.duration) == ("2026-03-04", "", "10 jours")


def test_a_magistral_preparation_is_named_by_the_text_it_points_to() -> None:
    entry = a_drug("", "<text/>").replace(
        "<name></name>", '<code><originalText><reference value="m"/></originalText></code>'
    )
    text = '<content ID="m">Préparation :<br/>vaseline 70 g</content>'
    (line,) = readable(read_cda(a_section("10183-2", text, entry))).medications
    assert (line.name, line.codes) == ("Préparation : vaseline 70 g", ())


def test_a_negated_or_intended_line_says_so() -> None:
    entry = a_drug("Aspirine", moodCode="INT", negationInd="true")
    (line,) = readable(read_cda(a_section("10183-2", "", entry))).medications
    assert (line.mood, line.negated) == ("INT", True)


def test_a_table_with_more_drugs_than_entries_is_a_warning() -> None:
    rows = "".join(f"<tr><td>{name}</td></tr>" for name in ("Aspirine", "Oxazépam"))
    text = f"<table><thead><tr><th>Médicament</th><th>Dose</th></tr></thead><tbody>{rows}</tbody></table>"
    document = readable(read_cda(a_section("10183-2", text, a_drug("Aspirine"))))
    assert [notice.code for notice in document.notices if notice.code.startswith("treat")] == [
        "treatments_differ_from_text"
    ]


def test_a_discharge_list_in_text_beside_coded_stops_is_a_warning() -> None:
    start, _, rest = XML.decode().partition("Traitements à la sortie</title>")
    text, _, rest = rest.partition("</text>")
    silent = f"{start}Traitements à la sortie</title>{text}</text></section>{rest.partition('</section>')[2]}"
    document = readable(read_cda(silent.encode()))
    assert {line.section for line in document.medications} == {"18610-6"}
    assert "treatments_differ_from_text" in {notice.code for notice in document.notices}


def test_a_table_and_entries_that_agree_raise_no_warning() -> None:
    text = "<table><tr><th>Médicament</th><th>Dose</th></tr><tr><td>Aspirine</td><td>75 mg</td></tr></table>"
    document = readable(read_cda(a_section("10183-2", text, a_drug("Aspirine"))))
    assert "treatments_differ_from_text" not in {notice.code for notice in document.notices}


def test_a_row_that_annotates_the_one_above_is_no_treatment_of_its_own() -> None:
    note = '<tr><td colspan="2">Instruction au patient : au repas</td></tr>'
    rows = f"<tr><td>Aspirine</td><td>75 mg</td></tr>{note}"
    text = f"<table><tr><th>Médicament</th><th>Dose</th></tr>{rows}</table>"
    document = readable(read_cda(a_section("10183-2", text, a_drug("Aspirine"))))
    assert "treatments_differ_from_text" not in {notice.code for notice in document.notices}


def test_the_stop_of_all_treatments_alerts() -> None:
    stop = '<observation><code code="MED-052"/><value value="true"/></observation>'
    notices = readable(read_cda(a_section("10183-2", "Arrêt", stop))).notices
    assert "all_treatments_stopped" in {notice.code for notice in notices}


def test_an_allergy_entry_without_agent_is_no_allergy() -> None:
    entry = '<observation><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.6"/><value/></observation>'
    assert readable(read_cda(a_section("48765-2", "Aucune allergie", entry))).allergies == ()


def test_a_stated_absence_of_allergy_is_no_allergy() -> None:
    value = '<value code="no-known-allergies" codeSystem="2.16.840.1.113883.5.1150.1" displayName="Aucune"/>'
    entry = f'<observation><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.6"/>{value}</observation>'
    assert readable(read_cda(a_section("48765-2", "", entry))).allergies == ()


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
