"""What a directory says of one MSSanté mailbox."""

from hashlib import blake2b
from typing import Literal, NamedTuple

Kind = Literal["PER", "ORG", "CAB"]


class Listed(NamedTuple):
    """One line of the national directory: a mailbox, and who or what it belongs to. What is not said is empty.

    ``national_id`` is that of the person as the directory writes it (8 then the RPPS, 0 then the ADELI number), or that
    of the structure (1 then the FINESS, 3 then the SIRET). ``email`` is in lower case. A named tuple: half a million of
    them are made in one import.
    """

    kind: Kind
    email: str
    national_id: str = ""
    title: str = ""
    family: str = ""
    given: str = ""
    profession: str = ""
    speciality: str = ""
    structure: str = ""
    structure_id: str = ""
    service: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    department: str = ""
    dematerialised: bool = False


RPPS_DIGITS = 11


def rpps_of(national_id: str) -> str:
    """The eleven digits of the RPPS, or nothing when the identifier is of another kind."""
    rpps = national_id[1:]
    return rpps if national_id.startswith("8") and len(rpps) == RPPS_DIGITS and rpps.isdecimal() else ""


def key_of(listed: Listed) -> str:
    """Who a line speaks of, the same from one extraction to the next: 32 hexadecimal digits.

    The published lines have no stable identifier of their own. A person is known by his national identifier; an
    organisational mailbox is one service of a structure, and known by its address.
    """
    who = listed.national_id if listed.family and listed.national_id else listed.email
    return blake2b(f"{listed.kind == 'ORG'}|{who}".encode(), digest_size=16).hexdigest()
