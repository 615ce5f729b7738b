"""The values that attributes of a CDA R2 may have, by the name of their set (HL7 V3 data types R1, vocabulary of 2005).

The long vocabularies of classes, roles and participations are held to the form of a code, not to their lists.
"""

import re
from collections.abc import Callable

Test = Callable[[str], object]

_OID = r"[0-2](?:\.(?:0|[1-9][0-9]*))*"
_UUID = r"[0-9a-zA-Z]{8}-(?:[0-9a-zA-Z]{4}-){3}[0-9a-zA-Z]{12}"
_RESERVED = r"[A-Za-z][A-Za-z0-9\-]*"
_NAME = r"[^\W\d][\w.\-]*"
_BLANKS = r"[ \t\r\n]*"

_SETS = {
    "nullFlavor": "NI OTH NINF PINF UNK ASKU NAV NASK TRC MSK NA NP",
    "encoding": "B64 TXT",
    "compression": "DF GZ Z ZL",
    "digest": "SHA-1 SHA-256",
    "operator": "A E H I P",
    "actClass": "ACCM ACT CONS CTTEVENT INC INFRM PCPR REG SPCTRT",
    "organizerClass": "BATTERY CLUSTER",
    "observationClass": "ALRT CLNTRL CNOD COND CASE OUTB DGIMG INVSTG OBS OBSCOR OBSSER ROIBND ROIOVL SPCOBS",
    "actMood": "APT ARQ DEF EVN INT PRMS PRP RQO",
    "encounterMood": "APT ARQ EVN INT PRMS PRP RQO",
    "observationMood": "DEF EVN GOL INT PRMS PRP RQO",
    "substanceMood": "EVN INT PRMS PRP RQO",
    "entryLink": "COMP DRIV",
    "entryRelationship": "CAUS COMP GEVL MFST REFR RSON SAS SPRT SUBJ XCRPT",
    "externalLink": "ELNK REFR RPLC SPRT SUBJ XCRPT",
    "documentLink": "APND RPLC XFRM",
    "encounterParticipant": "ADM ATND CON DIS REF",
    "eventPerformer": "PPRF PRF SPRF",
    "recipient": "PRCP TRC",
    "recipientRole": "ASSIGNED HLTHCHRT",
    "documentSubject": "PAT PRS",
    "align": "center char justify left right",
    "valign": "baseline bottom middle top",
    "revised": "delete insert",
    "listType": "ordered unordered",
    "scope": "col colgroup row rowgroup",
    "frame": "above below border box hsides lhs rhs void vsides",
    "rules": "all cols groups none rows",
}
_FORMS = {
    "bl": "true|false",
    "cs": rf"{_BLANKS}[^\s]+{_BLANKS}",
    "oid": _OID,
    "uid": f"{_OID}|{_UUID}|{_RESERVED}",
    "st": "(?s:.+)",
    "text": "(?s:.*)",
    "ts": r"[0-9]{1,8}|(?:[0-9]{9,14}|[0-9]{14}\.[0-9]+)(?:[+\-][0-9]{1,4})?",
    "int": rf"{_BLANKS}[+\-]?[0-9]+{_BLANKS}",
    "positive": rf"{_BLANKS}\+?0*[1-9][0-9]*{_BLANKS}",
    "real": rf"{_BLANKS}(?:[+\-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+\-]?[0-9]+)?|-?INF|NaN){_BLANKS}",
    "probability": rf"{_BLANKS}(?:\+?0*(?:\.[0-9]+)?|0+\.?[0-9]*|\+?0*1(?:\.0*)?){_BLANKS}",
    "bin": r"[A-Za-z0-9+/= \t\r\n]*",
    "id": _NAME,
    "ids": rf"{_BLANKS}{_NAME}(?:\s+{_NAME})*{_BLANKS}",
    "token": rf"{_BLANKS}[\w.:\-]+{_BLANKS}",
    "tokens": rf"{_BLANKS}[\w.:\-]+(?:\s+[\w.:\-]+)*{_BLANKS}",
    "codes": rf"{_BLANKS}(?:[A-Z]+(?:\s+[A-Z]+)*)?{_BLANKS}",
}


def _among(words: str) -> Test:
    return frozenset(words.split()).__contains__


TESTS: dict[str, Test] = {
    **{name: re.compile(form).fullmatch for name, form in _FORMS.items()},
    **{name: _among(words) for name, words in _SETS.items()},
}
"""Whether a value belongs to a set, by the name of the set."""
