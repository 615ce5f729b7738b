"""The acknowledgment of a message, in original mode (HL7 v2.5 §2.9.2; IHE ITI TF-2 appendix C.2.3)."""

from typing import Literal

from liaison.core.hl7v2.adt import AdtFault
from liaison.core.hl7v2.message import CHARSETS, Hl7Message, charset_of

Verdict = Literal["AA", "AE", "AR"]
"""AA taken; AE the content is at fault; AR refused for a passing reason, to be sent again."""


TAKEN = "Message pris en compte."
UTF_8 = "UNICODE UTF-8"


def write_ack(
    received: Hl7Message | None, verdict: Verdict, *, control_id: str, at: str, fault: AdtFault | None = None
) -> bytes:
    """The acknowledgment of ``received`` (None when it could not even be read), in its character set, else in UTF-8.

    ``control_id`` is ours, ``at`` the moment as YYYYMMDDHHMMSS. Sender and receiver are swapped, MSA-2 is the control
    identifier received, MSA-3 a French sentence, and a fault is an ERR segment with its code of table 0357.
    """
    us, them = ("LIAISON", ""), ("", "")
    event, version, echoed, charset = "", "2.5", "", ""
    if received is not None:
        them = (_kept(received.field("MSH", 3)), _kept(received.field("MSH", 4)))
        us = (_kept(received.field("MSH", 5)) or "LIAISON", _kept(received.field("MSH", 6)))
        event, version = _kept(received.value("MSH", 9, 2)), _kept(received.value("MSH", 12)) or "2.5"
        echoed, charset = _kept(received.field("MSH", 10)), charset_of(received)
    charset = charset if charset in CHARSETS else UTF_8
    kind = f"ACK^{event}^ACK" if event else "ACK"
    header = ["MSH", "^~\\&", *us, *them, at, "", kind, control_id, "P", version, "", "", "", "", "FRA", charset]
    told = _plain(fault.message if fault else TAKEN)
    segments = ["|".join(header), f"MSA|{verdict}|{echoed}|{told}", *([_error(fault)] if fault else [])]
    return "".join(f"{segment}\r" for segment in segments).encode(CHARSETS[charset], errors="replace")


def _error(fault: AdtFault) -> str:
    return f"ERR||{fault.place}|{fault.code}^{_plain(fault.message)}^HL70357|E"


def _kept(field: str) -> str:
    """What is sent back of the sender's own words: one line without our field separator, of bounded length."""
    return "".join(character for character in field if character.isprintable() and character != "|")[:200]


def _plain(text: str) -> str:
    return "".join(" " if character in "|^~\\&\r\n" else character for character in text)
