"""The header of a CDA by « structuration minimale » (CI-SIS, ANS): what the document is, when, and about which stay.

The names of the rules are ours (SM, then the part of the header); the ANS gives no number to its own.
"""

import re
from collections.abc import Iterator

from liaison.core.cda.markup import Element, attribute, find, find_all
from liaison.core.cda.terms import LOINC, TEMPLATE_CI_SIS, TEMPLATE_HL7_FRANCE
from liaison.core.conformance.cda import (
    Cda,
    at_least_one,
    at_most_one,
    each,
    exactly_one,
    holds,
    one_that,
    valued,
    worded,
)
from liaison.core.conformance.finding import Rule

TYPE_SYSTEMS = frozenset({LOINC, "1.2.250.1.213.1.1.4.12"})
CONFIDENTIALITY = frozenset({"N", "R", "V"})
_TIME = re.compile(r"\d{12}(?:\d\d)?(?:\.\d+)?[+-]\d{4}", re.ASCII)
_MAIN_TEMPLATES = frozenset({TEMPLATE_HL7_FRANCE, TEMPLATE_CI_SIS})
_OID_OR_UUID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)


def is_time(element: Element) -> bool:
    """To the minute at least, with its zone."""
    return bool(_TIME.fullmatch(attribute(element, "value")))


def declares(root: str) -> "Rule[Cda]":
    names = {TEMPLATE_HL7_FRANCE: ("SM-TEMPLATE-FR", "HL7 France"), TEMPLATE_CI_SIS: ("SM-TEMPLATE-CISIS", "CI-SIS")}
    name, whose = names[root]
    message = f"Le document ne déclare pas, une fois et une seule, suivre les règles {whose} (templateId {root})."
    return Rule(name, "error", message, one_that("templateId", lambda each: attribute(each, "root") == root))


def no_model(cda: Cda) -> Iterator[str]:
    if not any(template.root not in _MAIN_TEMPLATES for template in cda.document.templates):
        yield "templateId"


def is_typed(element: Element) -> bool:
    return bool(attribute(element, "code")) and attribute(element, "codeSystem") in TYPE_SYSTEMS


def is_positive(element: Element) -> bool:
    value = attribute(element, "value")
    return value.isascii() and value.isdigit() and int(value) > 0


def is_replacement(element: Element) -> bool:
    return attribute(element, "typeCode") == "RPLC"


def replaces_nothing_known(cda: Cda) -> Iterator[str]:
    if cda.document.version > 1 and not cda.document.replaces:
        yield "relatedDocument"


def replaces_as_first(cda: Cda) -> Iterator[str]:
    if cda.document.version == 1 and cda.document.replaces:
        yield "versionNumber"


def is_bounded(element: Element) -> bool:
    """A bound, or a nullFlavor that says why there is none."""
    interval = find(element, "effectiveTime")
    if interval is None:
        return False
    stated = ("value", "nullFlavor")
    return any(interval.get(name) for name in stated) or any(child.get(name) for child in interval for name in stated)


def has_practice_setting(element: Element) -> bool:
    path = "performer/assignedEntity/representedOrganization/standardIndustryClassCode"
    return any(attribute(code, "code") for code in find_all(element, path))


HEADER_RULES: tuple[Rule[Cda], ...] = (
    Rule(
        "SM-REALM",
        "error",
        "Le document ne dit pas qu'il suit les règles françaises (realmCode FR).",
        exactly_one("realmCode", lambda code: attribute(code, "code") == "FR"),
    ),
    Rule(
        "SM-TYPEID",
        "error",
        "Le document ne dit pas qu'il est un CDA R2 (typeId POCD_HD000040).",
        exactly_one("typeId", lambda each: attribute(each, "extension") == "POCD_HD000040"),
    ),
    declares(TEMPLATE_HL7_FRANCE),
    declares(TEMPLATE_CI_SIS),
    Rule("SM-TEMPLATE-MODEL", "error", "Le document ne dit pas quel modèle il suit (templateId).", no_model),
    Rule("SM-TEMPLATE-ROOT", "error", "Un modèle est cité sans sa racine.", each("templateId", valued("root"))),
    Rule(
        "SM-ID",
        "error",
        "L'identifiant du document est absent, multiple, ou sa racine n'est pas un OID.",
        exactly_one("id", lambda each: bool(_OID_OR_UUID.fullmatch(attribute(each, "root")))),
    ),
    Rule(
        "SM-CODE",
        "error",
        "Le type du document est absent ou n'est ni un code LOINC ni un code de la TRE_A05.",
        exactly_one("code", is_typed),
    ),
    Rule("SM-TITLE", "error", "Le document n'a pas de titre.", exactly_one("title", worded)),
    Rule(
        "SM-EFFECTIVETIME",
        "error",
        "La date du document est absente, moins précise que la minute, ou sans fuseau horaire.",
        exactly_one("effectiveTime", is_time),
    ),
    Rule(
        "SM-CONFIDENTIALITY",
        "error",
        "La confidentialité du document est absente ou n'est ni N, ni R, ni V.",
        exactly_one("confidentialityCode", lambda each: attribute(each, "code") in CONFIDENTIALITY),
    ),
    Rule(
        "SM-LANGUAGE",
        "error",
        "Le document ne dit pas qu'il est en français (languageCode fr-FR).",
        exactly_one("languageCode", lambda each: attribute(each, "code") == "fr-FR"),
    ),
    Rule(
        "SM-SETID",
        "error",
        "Le document n'a pas d'identifiant de lot de versions (setId).",
        exactly_one("setId", valued("root")),
    ),
    Rule(
        "SM-VERSION",
        "error",
        "Le numéro de version du document est absent ou n'est pas un nombre positif.",
        exactly_one("versionNumber", is_positive),
    ),
    Rule(
        "SM-REPLACES-ONE",
        "error",
        "Le document dit remplacer plusieurs documents.",
        at_most_one("relatedDocument", is_replacement),
    ),
    Rule(
        "SM-REPLACES-ID",
        "error",
        "Le document lié est cité sans son identifiant.",
        each("relatedDocument", lambda related: find(related, "parentDocument/id") is not None),
    ),
    Rule(
        "SM-VERSION-ALONE",
        "note",
        "Le document est une version suivante sans dire quel document il remplace (relatedDocument RPLC).",
        replaces_nothing_known,
    ),
    Rule(
        "SM-VERSION-FIRST",
        "warning",
        "Le document remplace un autre document mais se dit en version 1.",
        replaces_as_first,
    ),
    Rule(
        "SM-ACT",
        "error",
        "Le document ne dit pas quel acte il documente (serviceEvent).",
        at_least_one("documentationOf/serviceEvent"),
    ),
    Rule(
        "SM-PRACTICE-SETTING",
        "error",
        "Aucun acte ne dit le cadre d'exercice de son exécutant (standardIndustryClassCode).",
        at_least_one("documentationOf/serviceEvent", has_practice_setting),
    ),
    Rule(
        "SM-ENCOUNTER",
        "error",
        "La prise en charge (encompassingEncounter) est absente ou ne dit pas ses dates.",
        exactly_one("componentOf/encompassingEncounter", is_bounded),
    ),
    Rule(
        "SM-FACILITY",
        "error",
        "Le lieu de la prise en charge ne dit pas la modalité d'exercice (healthCareFacility/code).",
        exactly_one("componentOf/encompassingEncounter/location/healthCareFacility", holds("code")),
    ),
)
