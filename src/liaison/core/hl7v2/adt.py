"""An ADT message of IHE PAM France as an event about a resident (IHE ITI TF-2 §3.30, 3.31; IHE France PAM 2.11)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from liaison.core.hl7v2.message import Hl7Message
from liaison.core.identity.ins import is_valid_ins
from liaison.core.identity.status import DOUBTFUL, FICTIVE
from liaison.core.identity.traits import InsStatus, strict_code, strict_date
from liaison.core.people import INS_ROOTS

Meaning = Literal[
    "arrives",
    "leaves",
    "identity",
    "merge",
    "absent",
    "back",
    "moves",
    "arrival_cancelled",
    "leaving_cancelled",
    "move_cancelled",
    "absence_cancelled",
    "return_cancelled",
]
MEANINGS: dict[str, Meaning] = {
    "A01": "arrives",
    "A03": "leaves",
    "A04": "arrives",
    "A08": "identity",
    "A28": "identity",
    "A31": "identity",
    "A40": "merge",
    "A21": "absent",
    "A22": "back",
    "A02": "moves",
    "A11": "arrival_cancelled",
    "A13": "leaving_cancelled",
    "A12": "move_cancelled",
    "A52": "absence_cancelled",
    "A53": "return_cancelled",
    "Z99": "identity",
}
"""What each supported trigger event means here. Z99 is a movement put right: its identity is taken, nothing else.

A02 is a change of room, unless it names a place outside: some software says an absence for hospitalisation so. A12
takes it back and names the place there was before (HL7 v2.5 §3.3.12): outside, the resident is still there.
"""

PLACES_OUTSIDE = frozenset({"HOSPITALISATION", "HOSPIT", "HOSPITAL", "HOPITAL", "HOSP"})
"""What the location of an A02 (PV1-3) is called when it is the hospital; a home's software may have its own words."""
_LOCATION_PARTS = range(1, 10)

CHECKED_STATUS = "VALI"
_STATUS_FIELD = 32
_ADDRESS_FIELD = 11
_BIRTH_PLACE_TYPE = "BDL"
_HOMONYM = frozenset({"HOMD", "HOMA"})


@dataclass(frozen=True, slots=True)
class AdtEvent:
    """``traits`` are those the message states, under the names of ``LocalIdentity``; a trait left out is not stated.

    ``local_id`` is the home's own identifier of the resident (PID-3, type PI), ``former_id`` the one that a merge does
    away with (MRG-1). ``at`` is ISO 8601 to the second, local time of the sender, or empty: that of the movement
    (ZBE-2), else of the event (EVN-6, EVN-2). ``homonym`` is the attribute of table 0445 (HOMD, HOMA).
    """

    code: str
    meaning: Meaning
    local_id: str
    traits: dict[str, str]
    former_id: str = ""
    room: str = ""
    at: str = ""
    homonym: bool = False


@dataclass(frozen=True, slots=True)
class AdtFault:
    """Why a message cannot be taken: a code of HL7 table 0357, and where (segment, sequence, field)."""

    code: str
    place: str
    message: str


def read_adt(message: Hl7Message, *, outside: Collection[str] = PLACES_OUTSIDE) -> AdtEvent | AdtFault:
    """The event of an ADT message, or the fault to answer with. ``outside``: the places of an A02 that are absences."""
    kind, code = message.value("MSH", 9), message.value("MSH", 9, 2)
    if kind != "ADT":
        return AdtFault("200", "MSH^1^9", "Type de message non pris en charge.")
    if code not in MEANINGS:
        return AdtFault("201", "MSH^1^9", "Événement non pris en charge.")
    if not message.has("PID"):
        return AdtFault("100", "PID^1", "Segment PID absent.")
    event = AdtEvent(
        code=code,
        meaning=MEANINGS[code],
        local_id=_local_id(message, "PID", 3),
        traits=_traits(message),
        former_id=_local_id(message, "MRG", 1),
        room=message.value("PV1", 3, 2)[:20],
        at=_moment(message.value("ZBE", 2) or message.value("EVN", 6) or message.value("EVN", 2)),
        homonym=bool(_stated(message) & _HOMONYM),
    )
    if event.meaning == "moves" and _is_outside(message, outside):
        event = replace(event, meaning="absent", room="")
    if event.meaning == "move_cancelled" and _is_outside(message, outside):
        event = replace(event, meaning="return_cancelled", room="")
    return _missing(event) or event


def _is_outside(message: Hl7Message, outside: Collection[str]) -> bool:
    named = {message.value("PV1", 3, part).upper() for part in _LOCATION_PARTS}
    return bool(named & {place.upper() for place in outside})


def _missing(event: AdtEvent) -> AdtFault | None:
    if not (event.local_id or event.traits.get("ins")):
        return AdtFault("101", "PID^1^3", "Identifiant absent.")
    if event.meaning == "merge" and not event.former_id:
        return AdtFault("101", "MRG^1^1", "Identifiant à fusionner absent.")
    if event.meaning == "merge" and event.former_id == event.local_id:
        return AdtFault("102", "MRG^1^1", "Un résident ne se fusionne pas avec lui-même.")
    if event.meaning != "merge" and not (event.traits.get("birth_family") and event.traits.get("birth_given")):
        return AdtFault("101", "PID^1^5", "Nom de naissance ou prénom absent.")
    return None


def _local_id(message: Hl7Message, segment: str, number: int) -> str:
    """The identifier of type PI, else the only one that is not an INS."""
    others = [one for one in message.repetitions(segment, number) if not _is_ins(message, one)]
    chosen = [one for one in others if message.text(one, 5) == "PI"] or others
    return message.text(chosen[0], 1)[:64] if chosen else ""


def _is_ins(message: Hl7Message, identifier: tuple[str, ...]) -> bool:
    return message.text(identifier, 5) == "INS" or _root(message, identifier) in INS_ROOTS


def _root(message: Hl7Message, identifier: tuple[str, ...]) -> str:
    """The OID of the assigning authority: second subcomponent of component 4."""
    parts = message.subcomponents(identifier, 4)
    return parts[1] if len(parts) > 1 else ""


def _traits(message: Hl7Message) -> dict[str, str]:
    said = {
        **_ins(message),
        **_names(message),
        "birth_date": strict_date(message.value("PID", 7)[:8]),
        "sex": _sex(message.value("PID", 8)),
        "birth_place": _birth_place(message),
    }
    doubt = _stated(message) & {DOUBTFUL, FICTIVE}
    if doubt:
        said |= {"doubt": min(doubt), "ins": "", "ins_oid": "", "ins_status": "PROV"}
    else:
        said["ins_status"] = _status(message, has_ins="ins" in said)
    return {name: value for name, value in said.items() if value}


def _ins(message: Hl7Message) -> dict[str, str]:
    """The first well-formed INS under its own root; another is not taken for one."""
    for one in message.repetitions("PID", 3):
        matricule, root = strict_code(message.text(one, 1)), _root(message, one)
        if root in INS_ROOTS and is_valid_ins(matricule):
            return {"ins": matricule, "ins_oid": root}
    return {}


def _names(message: Hl7Message) -> dict[str, str]:
    """The legal name (type L, or none) gives the birth names; D, the name in use."""
    said: dict[str, str] = {}
    for name in message.repetitions("PID", 5):
        family, given, others, kind = (message.text(name, part) for part in (1, 2, 3, 7))
        if kind == "D":
            said |= {"used_family": family[:100], "used_given": given[:100]}
        elif kind in {"L", ""} and "birth_family" not in said:
            said |= {"birth_family": family[:100], "birth_given": given[:100], "given_names": (others or given)[:200]}
    return said


def _sex(written: str) -> str:
    return written if written in {"F", "M"} else "U" if written in {"U", "O", "A", "N"} else ""


def _birth_place(message: Hl7Message) -> str:
    """PID-11 repeats: the address of type BDL bears the INSEE code in component 9."""
    places = (one for one in message.repetitions("PID", _ADDRESS_FIELD) if message.text(one, 7) == _BIRTH_PLACE_TYPE)
    return next((code for one in places if len(code := strict_code(message.text(one, 9))) == 5), "")  # noqa: PLR2004 (an INSEE code)


def _status(message: Hl7Message, *, has_ins: bool) -> InsStatus | str:
    """PID-32 says whether the identity was checked; with the INS, that gives the four statuses of RNIV EXI SI 07."""
    stated = _stated(message)
    if CHECKED_STATUS in stated:
        return "QUAL" if has_ins else "VALI"
    if "PROV" in stated:
        return "RECUP" if has_ins else "PROV"
    return ""


def _stated(message: Hl7Message) -> set[str]:
    """PID-32 repeats: the status, and the attributes of the identity (HL7 France, table 0445)."""
    return {message.text(one, 1) for one in message.repetitions("PID", _STATUS_FIELD)}


def _moment(written: str) -> str:
    """``2024-03-06T11:11:54`` from the HL7 form, minutes and seconds being zero when unsaid."""
    digits = written[:14]
    if len(digits) < 8 or not (digits.isascii() and digits.isdigit()):  # noqa: PLR2004 (YYYYMMDD)
        return ""
    digits = digits.ljust(14, "0")
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}T{digits[8:10]}:{digits[10:12]}:{digits[12:14]}"
