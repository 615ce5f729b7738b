"""Packages written and read back, and the defects of those that others write."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.core.xdm.letters import SOMEBODY_ELSE, make_cda
from tests.support.growth import costs_no_more_than_its_size

from liaison.core.notices import Unreadable
from liaison.core.people import INS_TEST, Identifier, Patient, Professional
from liaison.core.xdm.archive import build_archive, open_archive
from liaison.core.xdm.metadata import read_cx, read_metadata
from liaison.core.xdm.package import build_package, read_package
from liaison.core.xdm.values import Package

NOON = datetime(2026, 7, 14, 12, 0, tzinfo=UTC)
AUTHOR = Professional(id="899700000001", family="BOILEAU", given="Jean")


def build(*documents: object, **changes: object) -> bytes:
    values: dict[str, object] = {
        "source_id": "1.2.250.1.999.9",
        "submission_time": NOON,
        "submission_id": "1.2.250.1.999.3.1",
        "author": AUTHOR,
    }
    return build_package(documents, **(values | changes))  # type: ignore[arg-type]  # the values above are its own


def read(data: bytes) -> Package:
    package = read_package(data)
    assert isinstance(package, Package)
    return package


def members_of(data: bytes) -> dict[str, bytes]:
    opened = open_archive(data)
    assert not isinstance(opened, Unreadable)
    return {member.name: member.content for member in opened[0]}


def rebuilt(data: bytes, change: Mapping[str, bytes | None] | None = None, names: object = None) -> bytes:
    """The archive again with some members changed (None takes one away) and, if asked, other names."""
    members = {**members_of(data), **dict(change or {})}
    rename = names if callable(names) else str
    kept = [(rename(name), content) for name, content in members.items() if content is not None]
    return build_archive(kept, at=NOON)


def codes(package: Package) -> list[str]:
    return [notice.code for notice in package.notices]


def document_codes(package: Package) -> list[list[str]]:
    return [[notice.code for notice in document.notices] for document in package.documents]


METADATA = "IHE_XDM/SUBSET01/METADATA.XML"
DOCUMENT = "IHE_XDM/SUBSET01/DOC0001.XML"


def test_a_package_we_write_reads_back_to_what_the_cda_says() -> None:
    document, content = make_cda()
    package = read(build((document, content)))
    assert [member.name for member in package.members] == ["INDEX.HTM", "README.TXT", METADATA, DOCUMENT]
    assert (package.notices, document_codes(package)) == ((), [[]])
    assert package.documents[0].content == content
    entry = package.documents[0].entry
    assert entry is not None
    assert (entry.unique_id, entry.type, entry.title) == (str(document.id), document.type, "Lettre de liaison")
    assert entry.creation_time == "2026-07-14T10:00:00Z"
    assert entry.patient_id == Identifier(INS_TEST, document.patient.ins)
    assert (entry.size, entry.mime_type, entry.confidentiality, entry.action) == (
        len(content),
        "text/xml",
        ("N",),
        "create",
    )
    assert package.patient_ids == (entry.patient_id,)


def test_the_header_facts_of_the_cda_are_in_the_metadata() -> None:
    metadata = members_of(build(make_cda()))[METADATA].decode()
    for fact in (
        "20260701060000",
        "20260714090000",
        'nodeRepresentation="SA04"',
        "urn:ihe:iti:xds-sd:pdf:2008",
        "IPP-42^^^&amp;1.2.250.1.999.1&amp;ISO^PI",
        "PID-5|NESSI^RUTH^RUTH ANNE^^^^L",
        "PID-5|DE LA MARNE^RUTH^^^^^D",
        "PID-7|19360714",
        "PID-11|^^^^^^BDL^^51454",
        "899700000001^BOILEAU^Jean^^^^^^&amp;1.2.250.1.71.4.2.1&amp;ISO^D^^^IDNPS",
    ):
        assert fact in metadata


@pytest.mark.parametrize("action", ["replace", "cancel"])
def test_the_action_asked_is_read_back(action: str) -> None:
    assert read(build(make_cda(), action=action)).requested_action == action


def test_a_replacement_said_by_an_association_is_read() -> None:
    data = build(make_cda())
    said = members_of(data)[METADATA].replace(
        b"</rim:RegistryObjectList>",
        b'<rim:Association associationType="urn:ihe:iti:2007:AssociationType:RPLC" sourceObject="Document01"'
        b' targetObject="urn:uuid:0"/></rim:RegistryObjectList>',
    )
    assert read(rebuilt(data, {METADATA: said})).requested_action == "replace"


def test_a_replacement_that_changes_the_format_is_one() -> None:
    data = build(make_cda())
    said = members_of(data)[METADATA].replace(
        b"</rim:RegistryObjectList>",
        b'<rim:Association associationType="urn:ihe:iti:2007:AssociationType:XFRM_RPLC" sourceObject="Document01"'
        b' targetObject="urn:uuid:0"/></rim:RegistryObjectList>',
    )
    assert read(rebuilt(data, {METADATA: said})).requested_action == "replace"


def test_a_suppression_needs_no_file_to_be_asked() -> None:
    package = read(rebuilt(build(make_cda(), action="cancel"), {DOCUMENT: None}))
    assert (package.requested_action, codes(package)) == ("cancel", ["document_to_cancel_absent"])


@pytest.mark.parametrize("uri", ["AUTRE.XML", "", "DOC%200001.XML", "1|DOC0001"])
def test_a_file_that_no_uri_names_is_known_by_its_hash_and_said(uri: str) -> None:
    data = build(make_cda())
    renamed = members_of(data)[METADATA].replace(b">DOC0001.XML<", f">{uri}<".encode())
    package = read(rebuilt(data, {METADATA: renamed}))
    assert (codes(package), document_codes(package)) == ([], [["document_uri_astray"]])
    assert package.documents[0].entry is not None


def test_a_uri_that_goes_round_leads_to_the_file_of_its_own_set() -> None:
    first, second = members_of(build(make_cda(1))), members_of(build(make_cda(2)))
    other = {name.replace("SUBSET01", "SUBSET02"): content for name, content in second.items() if "SUBSET" in name}
    key = METADATA.replace("SUBSET01", "SUBSET02")
    other[key] = other[key].replace(b">DOC0001.XML<", b">./DOC0001.XML<")
    package = read(build_archive([*first.items(), *other.items()], at=NOON))
    assert (codes(package), document_codes(package)) == ([], [[], []])


def test_the_same_package_gives_the_same_bytes() -> None:
    assert build(make_cda()) == build(make_cda())


def test_a_package_of_two_patients_is_never_written() -> None:
    with pytest.raises(ValueError, match="one patient"):
        build(make_cda(), make_cda(2, SOMEBODY_ELSE))
    with pytest.raises(ValueError, match="at least one"):
        build()


@pytest.mark.parametrize(
    "rename",
    [str.lower, lambda name: f"envoi/{name}", lambda name: name.replace("IHE_XDM/SUBSET01/", "IHE_XDM/SUBSET01")],
)
def test_metadata_are_found_in_any_case_and_place(rename: object) -> None:
    package = read(rebuilt(build(make_cda(), make_cda(2)), names=rename))
    assert (codes(package), document_codes(package)) == ([], [[], []])
    assert all(document.entry for document in package.documents)


def test_each_document_is_joined_to_its_own_metadata_across_several_sets() -> None:
    first, second = members_of(build(make_cda(1))), members_of(build(make_cda(2)))
    other = {name.replace("SUBSET01", "SUBSET02"): content for name, content in second.items() if "SUBSET" in name}
    package = read(build_archive([*first.items(), *other.items()], at=NOON))
    assert [document.entry.unique_id for document in package.documents if document.entry] == [
        "1.2.250.1.999.2.1",
        "1.2.250.1.999.2.2",
    ]
    assert document_codes(package) == [[], []]


def test_a_document_changed_after_its_metadata_is_shown_as_such() -> None:
    data = build(make_cda())
    same_size = members_of(data)[DOCUMENT].replace(b"NESSI", b"MESSI")
    assert document_codes(read(rebuilt(data, {DOCUMENT: same_size}))) == [["hash_differs"]]
    longer = members_of(data)[DOCUMENT] + b"\n"
    assert document_codes(read(rebuilt(data, {DOCUMENT: longer}))) == [["hash_differs", "size_differs"]]


def test_a_document_announced_but_absent_is_said() -> None:
    package = read(rebuilt(build(make_cda()), {DOCUMENT: None}))
    assert (package.documents, codes(package)) == ((), ["document_missing"])


def test_a_document_not_announced_is_kept() -> None:
    extra = {"IHE_XDM/SUBSET01/DOC00001.PDF": b"%PDF-1.4\n"}
    assert document_codes(read(rebuilt(build(make_cda()), extra))) == [[], ["document_unlisted"]]


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        (None, "metadata_missing"),
        (b"pas du xml", "metadata_unreadable"),
        (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "metadata_doctype"),
        ("<!DOCTYPE a><a/>".encode("utf-16"), "metadata_doctype"),
        (hashlib.shake_128(b"junk").digest(5_000_001), "metadata_too_large"),
        (b"<a/>", "metadata_empty"),
    ],
)
def test_documents_are_found_without_readable_metadata(metadata: bytes | None, code: str) -> None:
    package = read(rebuilt(build(make_cda()), {METADATA: metadata}))
    assert code in codes(package)
    assert document_codes(package) == [["document_unlisted"]]


def test_metadata_with_an_undeclared_prefix_are_mended_and_said() -> None:
    data = build(make_cda())
    broken = members_of(data)[METADATA].replace(b"<rim:Slot ", b"<ns3:Slot ").replace(b"</rim:Slot>", b"</ns3:Slot>")
    package = read(rebuilt(data, {METADATA: b"\r\n  " + broken}))
    assert codes(package) == ["metadata_repaired"]
    assert package.documents[0].entry is not None
    assert package.documents[0].entry.uri == "DOC0001.XML"


def test_two_patients_in_the_metadata_are_flagged() -> None:
    data = build(make_cda(), make_cda(2))
    metadata = members_of(data)[METADATA]
    head, _, tail = metadata.rpartition(b"236075122334482^^^")
    package = read(rebuilt(data, {METADATA: head + b"136075122334455^^^" + tail}))
    assert codes(package) == ["several_patients"]
    assert len(package.patient_ids) == 2


def test_identifiers_are_read_by_their_name_before_their_uuid() -> None:
    """The widespread CDAHeaderToXDM style sheet gives the patient the uuid of the document's identifier."""
    submission = read_metadata(
        b"""<SubmitObjectsRequest><RegistryObjectList><ExtrinsicObject id="d">
        <ExternalIdentifier identificationScheme="urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
          value="7^^^&amp;1.2&amp;ISO^PI">
          <Name><LocalizedString value="XDSDocumentEntry.patientId"/></Name></ExternalIdentifier>
        <ExternalIdentifier identificationScheme="urn:uuid:x" value="1.2.3">
          <Name><LocalizedString value="XDSDocumentEntry.uniqueId"/></Name></ExternalIdentifier>
        </ExtrinsicObject></RegistryObjectList></SubmitObjectsRequest>"""
    )
    assert not isinstance(submission, Unreadable)
    assert submission.entries[0].patient_id == Identifier("1.2", "7")
    assert submission.entries[0].unique_id == "1.2.3"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH", Identifier("1.2.250.1.213.1.4.10", "279035121518989")),
        ("42^^^&1.2.3&ISO^PI", Identifier("1.2.3", "42")),
        ("null^^^&null&ISO", None),
        ("^^^&1.2.3&ISO", None),
        ("", None),
        ("42", None),
    ],
)
def test_patient_identifiers_are_read_in_every_form_seen(value: str, expected: Identifier | None) -> None:
    assert read_cx(value) == expected


NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(family=NAMES, given_name=NAMES, ipp=NAMES, place=NAMES, doctor=NAMES, title=NAMES)
def test_any_identity_makes_metadata_that_can_be_read(
    family: str, given_name: str, ipp: str, place: str, doctor: str, title: str
) -> None:
    patient = Patient(ids=(Identifier("1.2.3", ipp),), birth_family=family, birth_given=given_name, birth_place=place)
    document, content = make_cda()
    written = build_package(
        [(replace(document, patient=patient, title=title), content)],
        source_id="1.2.3",
        submission_time=NOON,
        submission_id="1.2.4",
        author=Professional(id="8", family=doctor),
        title=title,
    )
    package = read(written)
    assert "metadata_repaired" not in codes(package)
    assert package.documents[0].entry is not None
    assert package.documents[0].notices == ()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
@example(b"<:")
def test_reading_junk_metadata_never_raises(data: bytes) -> None:
    read_metadata(data)
    read_metadata(b"<a>" + data)


@settings(max_examples=100, deadline=None)
@given(position=st.integers(0, 3000), junk=st.binary(min_size=1, max_size=8))
def test_reading_a_damaged_package_never_raises(position: int, junk: bytes) -> None:
    data = bytearray(build(make_cda()))
    start = position % len(data)
    data[start : start + len(junk)] = junk
    read_package(bytes(data))


def test_a_truncated_zip_is_unreadable() -> None:
    package = read_package(build(make_cda())[:-40])
    assert isinstance(package, Unreadable)
    assert package.notice.code == "zip_unreadable"


def test_the_package_opens_with_an_ordinary_unzip() -> None:
    with zipfile.ZipFile(io.BytesIO(build(make_cda()))) as archive:
        assert archive.testzip() is None


def test_thousands_of_entries_over_hundreds_of_members_cost_no_more_than_their_size() -> None:
    package = read_package(_crowded(400))
    assert isinstance(package, Package)
    assert [notice.code for notice in package.notices] == ["document_missing"]
    assert costs_no_more_than_its_size(read_package, _crowded, 100)


def _crowded(members: int) -> bytes:
    """So many members, and entries for 75 times as many that are not there."""
    entry = (
        b'<ExtrinsicObject id="%d"><Slot name="URI"><ValueList><Value>x%d</Value></ValueList></Slot></ExtrinsicObject>'
    )
    metadata = b"<a>" + b"".join(entry % (number, number) for number in range(75 * members)) + b"</a>"
    files = [(f"f{number}.TXT", b"x") for number in range(members)]
    return build_archive([("METADATA.XML", metadata), *files], at=NOON)


def test_metadata_at_any_depth_are_found() -> None:
    data = build_archive([("a/b/c/d/e/f/metadata.xml", b"<a/>")], at=NOON)
    package = read_package(data)
    assert isinstance(package, Package)
    assert [notice.code for notice in package.notices] == ["metadata_empty"]
