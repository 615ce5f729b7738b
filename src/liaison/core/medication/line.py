"""A line of the current treatment, and what can be told of a drug from its codes and its label."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from liaison.core.cda.values import Code, MedicationLine

CIS = "1.2.250.1.213.2.3.1"
CIP = "1.2.250.1.213.2.3.2"
UCD = "1.2.250.1.213.2.3.3"
ATC = "2.16.840.1.113883.6.73"


def named(text: str) -> frozenset[str]:
    """The words of a list kept as text, one blank between two."""
    return frozenset(text.split())


_ATC_OF_A_SUBSTANCE = re.compile(r"[A-Z]\d{2}[A-Z]{2}\d{2}", re.ASCII)
_WORD = re.compile(r"[A-Z0-9]+(?:[.,][0-9]+)?")
_LABEL_WORD = re.compile(r"[^\s,;()]+")
_FORMS = named("""
    AEROSOL AMP AMPOULE AMPOULES BUV BUVABLE CAPS CAPSULE CAPSULES COLLYRE COMP COMPRIME COMPRIMES CP CPR CPS CREME
    DISPOSITIF EFFERVESCENT EMPLATRE FLACON GEL GELU GELULE GELULES GOUTTE GOUTTES GRANULES GTT GTTES INHALATION INJ
    INJECTABLE LOTION LYOPHILISAT ORODISPERSIBLE PATCH PDR PELLICULE POMMADE POUDRE SACHET SACHETS SECABLE SERINGUE
    SIROP SOL SOLUTION STYLO SUPPO SUPPOSITOIRE SUSP SUSPENSION SUSPENSIONS VOIE
""")
_PROLONGED_RELEASE = frozenset({"LP", "XR", "SR", "RETARD"})
_LABORATORIES = named("""
    ACCORD ALMUS ARROW BIOGARAN CRISTERS EG EVOLUGEN EVOLUPHARM HCS KRKA LABO MYLAN QUALIMED RANBAXY RATIOPHARM RPG
    SANDOZ SUN TEVA VIATRIS ZENTIVA ZYDUS
""")


@dataclass(frozen=True, slots=True)
class CurrentLine:
    """One line of what the resident takes now. ``key`` is the home's own and unique; the rest is text as prescribed.

    ``substance`` is the international name (DCI) where known; ``start`` ISO 8601 at the precision known.
    """

    key: str
    label: str
    substance: str = ""
    codes: tuple[Code, ...] = ()
    dose: str = ""
    frequency: str = ""
    route: str = ""
    as_needed: bool = False
    start: str = ""


def plain(text: str) -> str:
    """Capitals without diacritics, ligatures opened, blanks collapsed: the form drug names are compared in."""
    opened = text.replace("œ", "oe").replace("Œ", "OE").replace("µ", "u").replace("μ", "u")
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", opened).upper())
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())


def words(text: str) -> tuple[str, ...]:
    """The words and numbers of a text, in plain form."""
    return tuple(_WORD.findall(plain(text)))


def codes_of(codes: Sequence[Code], system: str) -> frozenset[str]:
    """The codes of one system (CIS, CIP, UCD, ATC), without blanks."""
    return frozenset(plain(code.code).replace(" ", "") for code in codes if code.system == system and code.code.strip())


def substance_codes(codes: Sequence[Code]) -> frozenset[str]:
    """The ATC codes precise enough to name a substance: seven characters, as B01AC06. A class code names none."""
    return frozenset(code for code in codes_of(codes, ATC) if _ATC_OF_A_SUBSTANCE.fullmatch(code))


def drug_name(label: str) -> str:
    """The name alone: « KARDEGIC 75 mg, poudre pour solution buvable » gives « KARDEGIC ».

    It ends at the first number, form or comma; the laboratory of a generic and the mark of prolonged release are left
    out. Numbers that are part of a name (B12, D3) stay. Never empty for a label that holds a word.
    """
    head = plain(label).split(",", 1)[0]
    every_word = _LABEL_WORD.findall(head)
    name: list[str] = []
    for position, word in enumerate(every_word):
        if position and (word[0].isdigit() or word.strip(".") in _FORMS):
            break
        name.append(word)
    dropped = _LABORATORIES | _PROLONGED_RELEASE
    kept = [word for position, word in enumerate(name) if not position or word not in dropped]
    return " ".join(kept)


def is_prolonged_release(label: str) -> bool:
    """True for LP and its like: another form of the same substance, not to be taken for it."""
    return not _PROLONGED_RELEASE.isdisjoint(words(label))


def names_of(label: str, substance: str, codes: Sequence[Code]) -> frozenset[str]:
    """Every name the drug is known under here: its own, its substance, the label of its ATC code."""
    labels = [code.label for code in codes if code.system == ATC and _ATC_OF_A_SUBSTANCE.fullmatch(plain(code.code))]
    return frozenset(filter(None, [drug_name(label), drug_name(substance), *map(drug_name, labels)]))


def label_of(line: MedicationLine) -> str:
    """What the letter calls the drug: its name, else the label of its first labelled code."""
    return line.name or next((code.label for code in line.codes if code.label), "")
