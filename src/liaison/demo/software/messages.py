"""ADT messages as a home's software writes them (IHE PAM France 2.11, HL7 v2.5)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from liaison.demo.world.values import Resident, Site

_SEPARATORS = str.maketrans({"|": " ", "^": " ", "~": " ", "\\": " ", "&": " "})
_STRUCTURES = {
    "A01": "ADT_A01",
    "A02": "ADT_A02",
    "A03": "ADT_A03",
    "A04": "ADT_A01",
    "A08": "ADT_A01",
    "A11": "ADT_A09",
    "A12": "ADT_A12",
    "A13": "ADT_A01",
    "A21": "ADT_A21",
    "A22": "ADT_A21",
    "A28": "ADT_A05",
    "A31": "ADT_A05",
    "A40": "ADT_A39",
    "A52": "ADT_A52",
    "A53": "ADT_A52",
    "Z99": "ADT_Z99",
}
_CHECKED = {"QUAL": "VALI", "VALI": "VALI", "RECUP": "PROV", "PROV": "PROV"}


@dataclass(frozen=True, slots=True)
class Movement:
    """What happened to a resident: the trigger event, when, and the identifier a merge does away with."""

    event: str
    resident: Resident
    at: datetime
    local_id: str
    room: str = ""
    former_id: str = ""


def write_adt(site: Site, movement: Movement) -> bytes:
    """The message, in UTF-8 as MSH-18 says. The same movement is always the same bytes."""
    segments = [_msh(site, movement), _evn(movement), _pid(site, movement)]
    if movement.former_id:
        segments.append(f"MRG|{_identifier(site, movement.former_id)}")
    segments.append(f"PV1|1|I|EHPAD^{_plain(movement.room or movement.resident.room)}")
    return "".join(f"{segment}\r" for segment in segments).encode()


def control_id(movement: Movement) -> str:
    return uuid5(NAMESPACE_URL, f"{movement.local_id}/{movement.event}/{movement.at.isoformat()}").hex[:20]


def _msh(site: Site, movement: Movement) -> str:
    kind = f"ADT^{movement.event}^{_STRUCTURES[movement.event]}"
    sender, receiver = f"DUI|{site.finess}", f"LIAISON|{site.finess}"
    said = f"{_time(movement.at)}||{kind}|{control_id(movement)}|P|2.5^FRA^2.11|||||FRA|UNICODE UTF-8"
    return f"MSH|^~\\&|{sender}|{receiver}|{said}"


def _evn(movement: Movement) -> str:
    return f"EVN||{_time(movement.at)}||||{_time(movement.at)}"


def _pid(site: Site, movement: Movement) -> str:
    resident = movement.resident
    identifiers = [_identifier(site, movement.local_id)]
    if resident.ins_status == "QUAL":
        identifiers.append(f"{resident.ins}^^^ASIP-SANTE-INS-NIR&{resident.ins_oid}&ISO^INS")
    names = [f"{_plain(resident.birth_family)}^{_plain(resident.birth_given)}^{_plain(resident.given_names)}^^^^L"]
    if resident.used_family or resident.used_given:
        used = resident.used_given or resident.birth_given
        names.append(f"{_plain(resident.used_family or resident.birth_family)}^{_plain(used)}^^^^^D")
    fields = ["PID", "1", "", "~".join(identifiers), "", "~".join(names), "", f"{resident.birth_date:%Y%m%d}"]
    fields += [resident.sex, "", "", f"^^^^^^BDL^^{resident.birth_place}"]
    fields += [""] * (32 - len(fields)) + [_CHECKED[resident.ins_status]]
    return "|".join(fields)


def _identifier(site: Site, local_id: str) -> str:
    return f"{local_id}^^^EHPAD&{site.finess}&N^PI"


def _time(at: datetime) -> str:
    return f"{at:%Y%m%d%H%M%S}"


def _plain(text: str) -> str:
    return text.translate(_SEPARATORS)
