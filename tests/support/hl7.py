"""ADT messages of a home's software, written for the tests."""

from liaison.core.identity.ins import ins_key
from liaison.core.people import INS_NIR

INS = "2380451454123" + ins_key("2380451454123")


USUAL = {
    "local_id": "R12",
    "former": "",
    "ins": INS,
    "root": INS_NIR,
    "family": "LEFÈVRE",
    "status": "VALI",
    "room": "112",
    "control_id": "M1",
    "place": "EHPAD",
}


def adt(code: str, *, end: str = "\r", charset: str = "UNICODE UTF-8", codec: str = "utf-8", **unusual: str) -> bytes:
    """One message of IHE PAM France about one resident; ``former`` is the identifier a merge does away with."""
    of = {**USUAL, **unusual}
    former = of["former"]
    identifiers = [f"{of['local_id']}^^^EHPAD&510000001&N^PI"] if of["local_id"] else []
    identifiers += [f"{of['ins']}^^^ASIP-SANTE-INS-NIR&{of['root']}&ISO^INS"] if of["ins"] else []
    names = f"{of['family']}^SUZANNE^SUZANNE MARIE^^^^L~ROUX^SUZON^^^^^D"
    address = "1 RUE DU PORT^^REIMS^^51100^FRA^H~^^^^^^BDL^^51454"
    pid = ["PID", "1", "", "~".join(identifiers), "", names, "", "19380412", "F", "", "", address]
    pid += [""] * (32 - len(pid)) + [of["status"]]
    structure = {"A40": "ADT_A39", "A28": "ADT_A05", "A31": "ADT_A05"}.get(code, "ADT_A01")
    segments = [
        f"MSH|^~\\&|LOGICIEL|EHPAD|LIAISON|EHPAD|20261122103000||ADT^{code}^{structure}|{of['control_id']}|P|2.5"
        f"|||||FRA|{charset}",
        "EVN||20261122103100||||20261122103000",
        "|".join(pid),
        *([f"MRG|{former}^^^EHPAD&510000001&N^PI"] if former else []),
        f"PV1|1|I|{of['place']}^{of['room']}",
    ]
    return (end.join(segments) + end).encode(codec)
