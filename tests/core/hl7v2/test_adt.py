"""ADT messages as the field sends them: read with indulgence, answered by the table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.hl7 import INS, adt

from liaison.core.hl7v2.ack import Verdict, write_ack
from liaison.core.hl7v2.adt import MEANINGS, AdtEvent, AdtFault, read_adt
from liaison.core.hl7v2.message import MOST_BYTES, Hl7Message, read_hl7
from liaison.core.identity.ins import ins_key
from liaison.core.notices import Unreadable
from liaison.core.people import INS_NIR


def message(content: bytes) -> Hl7Message:
    read = read_hl7(content)
    assert isinstance(read, Hl7Message), read
    return read


def event(content: bytes) -> AdtEvent:
    read = read_adt(message(content))
    assert isinstance(read, AdtEvent), read
    return read


def fault(content: bytes) -> AdtFault:
    read = read_adt(message(content))
    assert isinstance(read, AdtFault), read
    return read


def test_every_trait_of_the_identity_is_read_from_its_field() -> None:
    read = event(adt("A28"))
    assert read.local_id == "R12"
    assert read.traits == {
        "ins": INS,
        "ins_oid": INS_NIR,
        "ins_status": "QUAL",
        "birth_family": "LEFÈVRE",
        "birth_given": "SUZANNE",
        "given_names": "SUZANNE MARIE",
        "used_family": "ROUX",
        "used_given": "SUZON",
        "birth_date": "1938-04-12",
        "sex": "F",
        "birth_place": "51454",
    }
    assert (read.room, read.at) == ("112", "2026-11-22T10:30:00")


def test_the_time_of_the_movement_goes_before_that_of_the_event() -> None:
    moved = adt("A21") + b"ZBE|1^EHPAD|20261121181500||INSERT|N\r"
    assert (event(adt("A21")).at, event(moved).at) == ("2026-11-22T10:30:00", "2026-11-21T18:15:00")


@pytest.mark.parametrize("code", sorted(MEANINGS))
def test_each_event_of_the_profile_is_known(code: str) -> None:
    assert event(adt(code, former="R13" if code == "A40" else "")).code == code


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r\n"])
def test_segments_end_with_cr_lf_or_both(end: str) -> None:
    assert event(adt("A08", end=end)).traits["birth_family"] == "LEFÈVRE"


@pytest.mark.parametrize(
    ("declared", "codec"),
    [("UNICODE UTF-8", "utf-8"), ("8859/15", "iso8859-15"), ("8859/1", "cp1252"), ("", "utf-8"), ("", "cp1252")],
)
def test_the_character_set_is_that_of_msh_18(declared: str, codec: str) -> None:
    assert event(adt("A08", charset=declared, codec=codec)).traits["birth_family"] == "LEFÈVRE"


def test_a_charset_that_the_bytes_do_not_fit_is_no_reason_to_refuse() -> None:
    assert event(adt("A08", charset="UNICODE UTF-8", codec="cp1252")).traits["birth_family"] == "LEFÈVRE"


def test_the_separators_are_those_of_the_header() -> None:
    odd = adt("A08").decode().replace("|", "!").replace("^", "$").encode()
    assert event(odd).traits["birth_given"] == "SUZANNE"


def test_an_escaped_separator_is_part_of_the_name() -> None:
    assert event(adt("A08", family=r"LE\T\FÈVRE")).traits["birth_family"] == "LE&FÈVRE"


@pytest.mark.parametrize(
    ("status", "with_ins", "expected"),
    [("VALI", True, "QUAL"), ("VALI", False, "VALI"), ("PROV", True, "RECUP"), ("PROV", False, "PROV")],
)
def test_pid_32_and_the_ins_give_the_four_statuses(status: str, with_ins: bool, expected: str) -> None:
    read = event(adt("A28", status=status, ins=INS if with_ins else ""))
    assert read.traits["ins_status"] == expected


@pytest.mark.parametrize("attribute", ["DOUT", "FICT"])
def test_a_doubtful_or_fictive_identity_is_provisional_and_bears_no_ins(attribute: str) -> None:
    read = event(adt("A28", status=f"PROV~{attribute}"))
    assert (read.traits["doubt"], read.traits["ins_status"]) == (attribute, "PROV")
    assert "ins" not in read.traits


@pytest.mark.parametrize("attribute", ["HOMA", "HOMD"])
def test_the_attribute_homonym_stands_beside_the_status(attribute: str) -> None:
    read = event(adt("A28", status=f"VALI~{attribute}"))
    assert (read.homonym, read.traits["ins_status"]) == (True, "QUAL")
    assert not event(adt("A28")).homonym


def test_a_transfer_is_a_change_of_room_unless_its_place_is_the_hospital() -> None:
    assert (event(adt("A02", room="214")).meaning, event(adt("A02", room="214")).room) == ("moves", "214")
    away = event(adt("A02", place="HOSPIT", room="214"))
    assert (away.meaning, away.room) == ("absent", "")
    ours = read_adt(message(adt("A02", place="CHU REIMS")), outside={"chu reims"})
    assert isinstance(ours, AdtEvent)
    assert ours.meaning == "absent"


def test_a_status_not_said_is_not_stated() -> None:
    assert "ins_status" not in event(adt("A28", status="")).traits


def test_a_matricule_with_a_wrong_key_is_not_an_ins() -> None:
    wrong = INS[:13] + ("01" if ins_key(INS[:13]) != "01" else "02")
    assert "ins" not in event(adt("A28", ins=wrong)).traits


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (adt("A08").replace(b"ADT^A08^ADT_A01", b"ORU^R01^ORU_R01"), "200", "MSH^1^9"),
        (adt("A99"), "201", "MSH^1^9"),
        (b"\r".join(line for line in adt("A08").split(b"\r") if not line.startswith(b"PID")), "100", "PID^1"),
        (adt("A08", local_id="", ins=""), "101", "PID^1^3"),
        (adt("A08", family=""), "101", "PID^1^5"),
        (adt("A40"), "101", "MRG^1^1"),
        (adt("A40", former="R12"), "102", "MRG^1^1"),
    ],
)
def test_a_message_that_cannot_be_taken_has_the_code_of_table_0357(content: bytes, code: str, place: str) -> None:
    read = fault(content)
    assert (read.code, read.place) == (code, place)


@pytest.mark.parametrize("content", [b"", b"bonjour", b"PID|1", b"MSHX", b"MSH", b"MSH|^~\\&|" + b"x" * MOST_BYTES])
def test_what_is_no_hl7_message_or_too_large_is_said(content: bytes) -> None:
    assert isinstance(read_hl7(content), Unreadable)


def test_the_acknowledgment_answers_this_message_to_its_sender() -> None:
    ack = message(write_ack(message(adt("A08")), "AA", control_id="7", at="20261122103000"))
    assert [ack.field("MSH", number) for number in (3, 4, 5, 6)] == ["LIAISON", "EHPAD", "LOGICIEL", "EHPAD"]
    assert (ack.field("MSH", 9), ack.field("MSH", 10)) == ("ACK^A08^ACK", "7")
    assert (ack.field("MSA", 1), ack.field("MSA", 2)) == ("AA", "M1")
    assert not ack.has("ERR")


def test_a_fault_is_an_err_segment_with_its_code_and_place() -> None:
    said = AdtFault("101", "PID^1^3", "Identifiant absent.")
    ack = message(write_ack(message(adt("A08")), "AE", control_id="7", at="20261122103000", fault=said))
    assert (ack.field("MSA", 1), ack.value("ERR", 3), ack.field("ERR", 2)) == ("AE", "101", "PID^1^3")
    assert ack.value("ERR", 3, 3) == "HL70357"


@pytest.mark.parametrize("verdict", ["AA", "AE", "AR"])
def test_every_acknowledgment_says_in_french_what_came_of_the_message(verdict: Verdict) -> None:
    said = None if verdict == "AA" else AdtFault("207", "", "Message non traité.")
    ack = message(write_ack(message(adt("A08")), verdict, control_id="7", at="20261122103000", fault=said))
    assert ack.field("MSA", 3) == ("Message pris en compte." if said is None else "Message non traité.")


@pytest.mark.parametrize(
    ("charset", "codec"), [("8859/1", "cp1252"), ("8859/15", "iso8859-15"), ("UNICODE UTF-8", "utf-8"), ("", "utf-8")]
)
def test_the_acknowledgment_is_in_the_characters_of_the_sender(charset: str, codec: str) -> None:
    said = AdtFault("207", "", "Message non traité à renvoyer.")
    received = message(adt("A08", charset=charset, codec=codec))
    written = write_ack(received, "AR", control_id="7", at="20261122103000", fault=said)
    assert "non traité à renvoyer" in written.decode(codec)
    assert message(written).field("MSH", 18) == (charset or "UNICODE UTF-8")


def test_bytes_that_are_no_message_are_answered_too() -> None:
    ack = message(write_ack(None, "AR", control_id="7", at="20261122103000"))
    assert (ack.field("MSA", 1), ack.field("MSA", 2)) == ("AR", "")


@given(st.binary(max_size=300))
def test_no_bytes_make_the_readers_fail_and_all_are_answered(noise: bytes) -> None:
    for content in (noise, b"MSH|^~\\&|" + noise, adt("A08") + b"\r" + noise, adt("A08").replace(b"LEF", noise[:40])):
        read = read_hl7(content)
        if isinstance(read, Hl7Message):
            assert isinstance(read_adt(read), AdtEvent | AdtFault)
            written = write_ack(read, "AA", control_id="1", at="20260101000000")
            assert written.count(b"\r") == 2
