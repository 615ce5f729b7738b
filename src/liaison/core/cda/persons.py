"""The patient, the professionals and the organisations a CDA names."""

import re

from liaison.core.cda.markup import Element, attribute, attribute_at, find, find_all, words, words_at
from liaison.core.cda.times import iso_date
from liaison.core.cda.values import Code
from liaison.core.notices import Notice
from liaison.core.people import (
    INS_ROOTS,
    ORGANISATION_ROOT,
    PROFESSIONAL_ROOT,
    Identifier,
    Organisation,
    Patient,
    Professional,
)

# Four ANS examples write the arc of the national root without its end: the same persons, so the same ids.
_PROFESSIONAL_ROOTS = frozenset({PROFESSIONAL_ROOT, "1.2.250.1.71"})
_INS = re.compile(r"\d{6}[\dAB]\d{8}", re.ASCII)
_COG = re.compile(r"\d[\dAB]\d{3}", re.ASCII)
_SEXES = {"M": "M", "F": "F", "U": "U", "UN": "U"}


def read_identifier(element: Element) -> Identifier:
    return Identifier(attribute(element, "root"), attribute(element, "extension"))


def read_identifiers(element: Element | None, path: str) -> tuple[Identifier, ...]:
    found = (read_identifier(each) for each in find_all(element, path))
    return tuple(identifier for identifier in found if identifier.root or identifier.extension)


def read_code(element: Element | None) -> Code:
    label = attribute(element, "displayName") or words_at(element, "originalText")
    return Code(attribute(element, "code"), attribute(element, "codeSystem"), label)


def read_codes(element: Element | None) -> tuple[Code, ...]:
    """The main code first, then its translations, at any depth and without repeats."""
    if element is None:
        return ()
    codes = [_plain_code(each) for each in _with_translations(element) if attribute(each, "code")]
    return tuple(dict.fromkeys(codes)) if len(codes) > 1 else tuple(codes)


def _with_translations(code: Element) -> list[Element]:
    found = [code]
    for translation in find_all(code, "translation"):
        found += _with_translations(translation)
    return found


def _plain_code(element: Element) -> Code:
    return Code(attribute(element, "code"), attribute(element, "codeSystem"), attribute(element, "displayName"))


def read_patient(role: Element | None) -> tuple[Patient, tuple[Notice, ...]]:
    """The patientRole of the first recordTarget (CI-SIS « structuration minimale »), INS apart from other ids."""
    person = find(role, "patient")
    families = _by_qualifier(find_all(person, "name/family"))
    given = _by_qualifier(find_all(person, "name/given"))
    ins, others, notices = _ins_apart(read_identifiers(role, "id"))
    listed = " ".join(given.get("", []))
    place = words_at(person, "birthplace/place/addr/county").upper()
    if place and not _COG.fullmatch(place):
        notices = (*notices, Notice("birth_place_not_cog", "Le lieu de naissance n'est pas un code officiel (COG)."))
        place = ""
    patient = Patient(
        ins=ins.extension,
        ins_oid=ins.root,
        ids=others,
        birth_family=_first(families, "BR") or _only(families.get("", [])),
        birth_given=_first(given, "BR") or listed.partition(" ")[0],
        given_names=listed,
        used_family=_first(families, "CL") or _first(families, "SP"),
        used_given=_first(given, "CL"),
        birth_date=iso_date(attribute_at(person, "birthTime", "value")),
        sex=_SEXES.get(attribute_at(person, "administrativeGenderCode", "code"), ""),
        birth_place=place,
    )
    return patient, notices


def _by_qualifier(parts: list[Element]) -> dict[str, list[str]]:
    """The texts of name parts under each of their qualifiers, which may be several in one attribute."""
    found: dict[str, list[str]] = {}
    for part in parts:
        text = words(part)
        for qualifier in attribute(part, "qualifier").split() or [""]:
            if text:
                found.setdefault(qualifier, []).append(text)
    return found


def _first(parts: dict[str, list[str]], qualifier: str) -> str:
    return parts.get(qualifier, [""])[0]


def _only(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else ""


def _ins_apart(
    identifiers: tuple[Identifier, ...],
) -> tuple[Identifier, tuple[Identifier, ...], tuple[Notice, ...]]:
    claimed = [identifier for identifier in identifiers if identifier.root in INS_ROOTS]
    sound = [_plain_ins(each) for each in claimed if _INS.fullmatch(_plain_ins(each).extension)]
    others = tuple(identifier for identifier in identifiers if identifier.root not in INS_ROOTS)
    notices: tuple[Notice, ...] = ()
    if len(sound) < len(claimed):
        notices += (Notice("ins_malformed", "Un matricule INS du document n'a pas la forme attendue."),)
    if len(set(sound)) > 1:
        notices += (Notice("ins_several", "Le document porte plusieurs matricules INS : aucun n'est retenu."),)
        return Identifier(""), (*sound, *others), notices
    return (sound[0] if sound else Identifier("")), others, notices


def _plain_ins(identifier: Identifier) -> Identifier:
    return Identifier(identifier.root, identifier.extension.replace(" ", "").upper())


def read_professional(
    element: Element | None, *, person: str = "assignedPerson", organisation: str = "representedOrganization"
) -> Professional:
    """An assigned, associated or intended person; a device stands under the name of its software."""
    name = find(element, f"{person}/name")
    device = find(element, "assignedAuthoringDevice")
    code = find(element, "code")
    return Professional(
        id=_national(read_identifiers(element, "id"), _PROFESSIONAL_ROOTS),
        family=words_at(name, "family") or (_device(device) if device is not None else _unstructured(name)),
        given=" ".join(filter(None, map(words, find_all(name, "given")))),
        organisation=read_organisation(find(element, organisation)),
        speciality=read_code(code).label,
    )


def _unstructured(name: Element | None) -> str:
    return words(name) if name is not None and not len(name) else ""


def _device(device: Element) -> str:
    return words_at(device, "softwareName") or words_at(device, "manufacturerModelName")


def read_organisation(element: Element | None) -> Organisation:
    roots = frozenset({ORGANISATION_ROOT})
    return Organisation(_national(read_identifiers(element, "id"), roots), words_at(element, "name"))


def _national(identifiers: tuple[Identifier, ...], roots: frozenset[str]) -> str:
    return next((each.extension for each in identifiers if each.root in roots), "")
