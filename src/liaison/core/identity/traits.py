"""The traits of an identity: how they are written, compared strictly, and searched.

Strict comparison follows the RNIV (référentiel national d'identitovigilance): capitals, no diacritics, ligatures
opened. Writing is tolerated (case, accents, kinds of dash and apostrophe, blanks, date separators), a value never is:
a hyphen is not a blank. Candidate search is looser and never decides anything.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from liaison.core.people import Patient

InsStatus = Literal["PROV", "RECUP", "VALI", "QUAL"]
Verdict = Literal["equal", "differs", "not_claimed", "not_held"]
TraitName = Literal["ins", "ins_oid", "birth_family", "birth_given", "birth_date", "sex", "birth_place"]

STRICT_TRAITS: tuple[TraitName, ...] = ("birth_family", "birth_given", "birth_date", "sex", "birth_place")

_LETTERS = str.maketrans({"Œ": "OE", "Æ": "AE", "ẞ": "SS", "Ø": "O", "Ł": "L", "Đ": "D"})
_DASHES = re.compile(r"\s*[-\u2010-\u2015\u2212]\s*")
_APOSTROPHES = re.compile(r"\s*['\u2018\u2019\u02bc\u00b4`]\s*")
_SEPARATORS = re.compile(r"[\s,;]+")
_DATE = re.compile(r"(\d{4})(?:-?(\d{2}))?(?:-?(\d{2}))?(?:[T ]?\d.*)?", re.ASCII)
_NOT_ALPHANUMERIC = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class LocalIdentity:
    """A resident as the home holds him. Missing values are empty strings.

    ``key`` is the home's own key; ``ins_status`` the exclusive status of RNIV EXI SI 07; ``attributes`` its attributes
    (DOUT, FICT, HOMA). ``birth_given`` is the first birth given name, ``given_names`` the whole list. ``birth_date`` is
    ISO 8601 (a part unknown is left out or 00), ``sex`` M, F or U, ``birth_place`` the INSEE code. ``former`` are the
    identities the home held of the same resident before, newest first; they have no former ones themselves.
    """

    key: str
    site: str
    ins: str = ""
    ins_oid: str = ""
    ins_status: InsStatus = "PROV"
    attributes: frozenset[str] = frozenset()
    birth_family: str = ""
    birth_given: str = ""
    given_names: str = ""
    used_family: str = ""
    birth_date: str = ""
    sex: str = ""
    birth_place: str = ""
    used_given: str = ""
    former: tuple["LocalIdentity", ...] = ()


@dataclass(frozen=True, slots=True)
class TraitComparison:
    """One trait as the document claims it and as the home holds it, both as written; ``label`` is French."""

    trait: TraitName
    label: str
    claimed: str
    held: str
    verdict: Verdict


@lru_cache(maxsize=65536)
def strict_name(text: str) -> str:
    """A name in the form compared strictly: capitals, no diacritics, one kind of dash, apostrophe and blank."""
    opened = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).upper().translate(_LETTERS))
    plain = "".join(character for character in opened if not unicodedata.combining(character))
    spaced = _SEPARATORS.sub(" ", plain)
    return _APOSTROPHES.sub("'", _DASHES.sub("-", spaced)).strip()


@lru_cache(maxsize=65536)
def strict_date(text: str) -> str:
    """A date as YYYY, YYYY-MM or YYYY-MM-DD, at the precision known: parts written 00 are unknown parts."""
    found = _DATE.fullmatch(text.strip())
    if not found or found[1] == "0000":
        return ""
    year, month, day = (part if part and part.strip("0") else "" for part in found.groups())
    return "-".join([year, month, day] if month and day else [year, month] if month else [year])


def strict_sex(text: str) -> str:
    """M or F; anything else says nothing about the sex and is empty."""
    return text.strip().upper() if text.strip().upper() in {"M", "F"} else ""


def strict_code(text: str) -> str:
    """A matricule, OID or INSEE code without its blanks."""
    return "".join(text.split()).upper()


@lru_cache(maxsize=65536)
def search_name(text: str) -> str:
    """A name for candidate search only: hyphens, apostrophes and punctuation become blanks."""
    return _NOT_ALPHANUMERIC.sub(" ", strict_name(text)).strip()


def compare_traits(claim: Patient, local: LocalIdentity) -> tuple[TraitComparison, ...]:
    """Matricule, OID, then the five strict traits (RNIV), always the seven and in this order."""
    return tuple(_compare(trait, claim, local) for trait in _LABELS)


def same_strict_traits(claim: Patient, local: LocalIdentity) -> bool:
    """True when the five strict traits are all present on both sides and equal."""
    return all(_verdict(trait, claim, local) == "equal" for trait in STRICT_TRAITS)


def _compare(trait: TraitName, claim: Patient, local: LocalIdentity) -> TraitComparison:
    claimed, held = _shown(trait, claim), _shown(trait, local)
    return TraitComparison(trait, _LABELS[trait], claimed, held, _verdict(trait, claim, local))


def _shown(trait: TraitName, identity: Patient | LocalIdentity) -> str:
    if trait == "birth_given":
        return identity.given_names or identity.birth_given
    return str(getattr(identity, trait))


def _verdict(trait: TraitName, claim: Patient, local: LocalIdentity) -> Verdict:
    form = _STRICT_FORMS[trait]
    claimed, held = form(_shown(trait, claim)), form(_shown(trait, local))
    if not claimed:
        return "not_claimed"
    if not held:
        return "not_held"
    same = _same_given_names(claim, local) if trait == "birth_given" else claimed == held
    return "equal" if same else "differs"


def _same_given_names(claim: Patient, local: LocalIdentity) -> bool:
    """Lists are compared when both are given; where one side gives only the first name, the list must open with it."""
    claimed_list, held_list = strict_name(claim.given_names), strict_name(local.given_names)
    if claimed_list and held_list and claimed_list != held_list:
        return False
    claimed_first, held_first = strict_name(claim.birth_given), strict_name(local.birth_given)
    if claimed_first and held_first:
        return claimed_first == held_first
    return _opens(claimed_list, held_first) and _opens(held_list, claimed_first)


def _opens(names: str, first: str) -> bool:
    return not names or not first or f"{names} ".startswith(f"{first} ")


_LABELS: dict[TraitName, str] = {
    "ins": "Matricule INS",
    "ins_oid": "Nature du matricule (OID)",
    "birth_family": "Nom de naissance",
    "birth_given": "Prénom(s) de naissance",
    "birth_date": "Date de naissance",
    "sex": "Sexe",
    "birth_place": "Lieu de naissance (code INSEE)",
}

_STRICT_FORMS: dict[TraitName, Callable[[str], str]] = {
    "ins": strict_code,
    "ins_oid": strict_code,
    "birth_family": strict_name,
    "birth_given": strict_name,
    "birth_date": strict_date,
    "sex": strict_sex,
    "birth_place": strict_code,
}
