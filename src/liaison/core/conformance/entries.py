"""The coded entries of the French models, each held to the facts of its template (IHE PCC, CI-SIS).

A rule looks at every element that claims a template, wherever it stands; a document that claims none breaks none.
"""

from collections.abc import Callable, Iterator

from liaison.core.cda.markup import Element, attribute, attribute_at, find, find_all, name_of
from liaison.core.cda.terms import CIS, HL7, XSI
from liaison.core.conformance.cda import Cda
from liaison.core.conformance.cda_schema.walk import place_of
from liaison.core.conformance.finding import Rule, Severity

MEDICATION = "1.3.6.1.4.1.19376.1.5.3.1.4.7"
PRODUCT = "1.3.6.1.4.1.19376.1.5.3.1.4.7.2"
PROBLEM = "1.3.6.1.4.1.19376.1.5.3.1.4.5"
CONCERN = "1.3.6.1.4.1.19376.1.5.3.1.4.5.1"
SEVERITY = "1.2.250.1.213.1.1.3.29"
DEVICE = "1.2.250.1.213.1.1.3.20"
ENCOUNTER = "1.3.6.1.4.1.19376.1.5.3.1.4.14"
PROCEDURE = "1.3.6.1.4.1.19376.1.5.3.1.4.19"
REQUEST = "1.3.6.1.4.1.19376.1.5.3.1.1.20.3.1"
DOSINGS = frozenset(f"1.3.6.1.4.1.19376.1.5.3.1.4.{end}" for end in ("7.1", "8", "9", "10", "11"))
CONCERN_STATUSES = frozenset({"active", "suspended", "aborted", "completed"})
CLOSED = frozenset({"completed", "aborted"})
_TYPE = f"{{{XSI}}}type"
_DECLARED = f"{{{HL7}}}templateId"

Test = Callable[[Element], bool]


def claims(element: Element, template: str) -> bool:
    return any(attribute(each, "root") == template for each in find_all(element, "templateId"))


def entry_rule(name: str, template: str, message: str, test: Test, *, severity: Severity = "error") -> Rule[Cda]:
    """A rule broken at each element that claims the template and fails the test."""

    def broken_at(cda: Cda) -> Iterator[str]:
        for declared in cda.root.iter(_DECLARED):
            element = declared.getparent()
            if declared.get("root") == template and element is not None and not test(element):
                yield place_of(element)

    return Rule(name, severity, message, broken_at)


def has_one(path: str) -> Test:
    return lambda element: len(find_all(element, path)) == 1


def has(path: str) -> Test:
    return lambda element: find(element, path) is not None


def points_to_words(element: Element) -> bool:
    return bool(attribute_at(element, "text/reference", "value"))


def is_completed(element: Element) -> bool:
    return attribute_at(element, "statusCode", "code") == "completed"


def is_said(bound: Element | None) -> bool:
    return bound is not None and bool(attribute(bound, "value") or attribute(bound, "nullFlavor"))


def begins(element: Element) -> bool:
    return is_said(find(element, "effectiveTime/low"))


def has_dosing(element: Element) -> bool:
    return any(attribute(each, "root") in DOSINGS for each in find_all(element, "templateId"))


def is_period(element: Element) -> bool:
    """The first effectiveTime is the period of the treatment: both bounds, or its width."""
    times = find_all(element, "effectiveTime")
    if not times or attribute(times[0], "nullFlavor"):
        return True
    has_bounds = find(times[0], "low") is not None and find(times[0], "high") is not None
    is_interval = times[0].get(_TYPE, "").endswith("IVL_TS")
    return is_interval and (has_bounds or find(times[0], "width") is not None)


def repeats_within(element: Element) -> bool:
    """The second effectiveTime is the frequency: it narrows the period (operator A)."""
    times = find_all(element, "effectiveTime")[1:2]
    return all(attribute(time, "operator") == "A" or attribute(time, "nullFlavor") for time in times)


def is_range(name: str) -> Test:
    """A dose or a rate says both its bounds, even equal, or that it is unknown."""

    def test(element: Element) -> bool:
        quantity = find(element, name)
        if quantity is None or attribute(quantity, "nullFlavor"):
            return True
        return find(quantity, "low") is not None and find(quantity, "high") is not None

    return test


def has_product(element: Element) -> bool:
    product = find(element, "consumable/manufacturedProduct")
    return product is not None and claims(product, PRODUCT)


def has_named_product(element: Element) -> bool:
    material = find(element, "consumable/manufacturedProduct/manufacturedMaterial")
    return material is None or has_one("name")(material)


def is_coded_in_cis(element: Element) -> bool:
    system = attribute_at(element, "consumable/manufacturedProduct/manufacturedMaterial/code", "codeSystem")
    return system in ("", CIS)


def shows_its_product(element: Element) -> bool:
    code = find(element, "consumable/manufacturedProduct/manufacturedMaterial/code")
    return bool(attribute(code, "nullFlavor")) or find(code, "originalText/reference") is not None


def has_coded_value(element: Element) -> bool:
    values = find_all(element, "value")
    return len(values) == 1 and values[0].get(_TYPE, "").endswith("CD") and find(values[0], "originalText") is not None


def is_closed_when_over(concern: Element) -> bool:
    """The end of a concern stands when it is over, and only then."""
    time = find(concern, "effectiveTime")
    if time is None or attribute(time, "nullFlavor"):
        return time is not None
    return (attribute_at(concern, "statusCode", "code") in CLOSED) == (find(time, "high") is not None)


def gathers(concern: Element) -> bool:
    related = [each for each in find_all(concern, "entryRelationship") if attribute(each, "typeCode") == "SUBJ"]
    return any(claims(target, PROBLEM) for each in related for target in find_all(each, "observation"))


def is_severity(element: Element) -> bool:
    return attribute_at(element, "code", "code") == "SEV" and find(element, "value") is not None


def is_scheduled(element: Element) -> bool:
    return find(element, "effectiveTime") is not None or find(element, "priorityCode") is not None


def bears_one_device(element: Element) -> bool:
    roles = [
        each for each in find_all(element, "participant/participantRole") if attribute(each, "classCode") == "MANU"
    ]
    return len(roles) == 1 and find(roles[0], "playingDevice") is not None


def is_kind(name: str) -> Test:
    return lambda element: name_of(element) == name


MEDICATION_RULES = (
    entry_rule("ENTRY-MED-DOSING", MEDICATION, "Un traitement ne dit pas son mode d'administration.", has_dosing),
    entry_rule("ENTRY-MED-ID", MEDICATION, "Un traitement n'a pas un identifiant et un seul.", has_one("id")),
    entry_rule(
        "ENTRY-MED-TEXT", MEDICATION, "Un traitement ne renvoie pas au texte de la section.", has_one("text/reference")
    ),
    entry_rule("ENTRY-MED-STATUS", MEDICATION, "Un traitement n'est pas au statut « completed ».", is_completed),
    entry_rule(
        "ENTRY-MED-PERIOD", MEDICATION, "La période d'un traitement n'a ni ses deux bornes ni sa durée.", is_period
    ),
    entry_rule(
        "ENTRY-MED-FREQUENCY", MEDICATION, "La fréquence d'un traitement n'est pas un opérateur A.", repeats_within
    ),
    entry_rule(
        "ENTRY-MED-DOSE", MEDICATION, "La dose d'un traitement n'a pas ses deux bornes.", is_range("doseQuantity")
    ),
    entry_rule(
        "ENTRY-MED-RATE", MEDICATION, "Le rythme d'un traitement n'a pas ses deux bornes.", is_range("rateQuantity")
    ),
    entry_rule("ENTRY-MED-PRODUCT", MEDICATION, "Un traitement n'a pas de produit de santé du modèle.", has_product),
    entry_rule(
        "ENTRY-MED-NAME", MEDICATION, "Le produit d'un traitement n'a pas un nom et un seul.", has_named_product
    ),
    entry_rule("ENTRY-MED-CIS", MEDICATION, "Le produit d'un traitement est codé ailleurs qu'en CIS.", is_coded_in_cis),
    entry_rule("ENTRY-MED-SHOWN", MEDICATION, "Le produit d'un traitement ne renvoie pas au texte.", shows_its_product),
)
CONDITION_RULES = (
    entry_rule("ENTRY-PROBLEM-ID", PROBLEM, "Un problème n'a pas un identifiant et un seul.", has_one("id")),
    entry_rule("ENTRY-PROBLEM-TEXT", PROBLEM, "Un problème ne renvoie pas au texte de la section.", points_to_words),
    entry_rule("ENTRY-PROBLEM-STATUS", PROBLEM, "Un problème n'est pas au statut « completed ».", is_completed),
    entry_rule("ENTRY-PROBLEM-TIME", PROBLEM, "Un problème ne dit pas son début, fût-il inconnu.", begins),
    entry_rule("ENTRY-PROBLEM-VALUE", PROBLEM, "Un problème n'a pas une valeur codée avec ses mots.", has_coded_value),
    entry_rule(
        "ENTRY-CONCERN-CODE",
        CONCERN,
        "Une liste de problèmes ou d'allergies porte un code.",
        lambda concern: attribute_at(concern, "code", "nullFlavor") == "NA",
    ),
    entry_rule(
        "ENTRY-CONCERN-STATUS",
        CONCERN,
        "Le statut d'une liste de problèmes ou d'allergies n'est pas de ceux qui sont admis.",
        lambda concern: attribute_at(concern, "statusCode", "code") in CONCERN_STATUSES,
    ),
    entry_rule(
        "ENTRY-CONCERN-TIME",
        CONCERN,
        "La fin d'une liste de problèmes ou d'allergies n'est pas en accord avec son statut.",
        is_closed_when_over,
    ),
    entry_rule("ENTRY-CONCERN-CONTENT", CONCERN, "Une liste de problèmes ou d'allergies est vide.", gathers),
    entry_rule("ENTRY-SEVERITY", SEVERITY, "Une sévérité n'a pas son code ou sa valeur.", is_severity),
    entry_rule("ENTRY-SEVERITY-TEXT", SEVERITY, "Une sévérité n'a pas de texte.", has("text")),
)
PLAN_RULES = (
    entry_rule("ENTRY-REQUEST-TEXT", REQUEST, "Une demande d'examen ne renvoie pas au texte.", points_to_words),
    entry_rule(
        "ENTRY-REQUEST-TIME", REQUEST, "Une demande d'examen n'a pas de date, fût-elle inconnue.", has("effectiveTime")
    ),
    entry_rule(
        "ENTRY-PROCEDURE-KIND", PROCEDURE, "Un acte du modèle n'est pas un acte (procedure).", is_kind("procedure")
    ),
    entry_rule("ENTRY-PROCEDURE-TEXT", PROCEDURE, "Un acte ne renvoie pas au texte de la section.", points_to_words),
    entry_rule("ENTRY-ENCOUNTER-CODE", ENCOUNTER, "Une rencontre n'a pas de code.", has("code")),
    entry_rule("ENTRY-ENCOUNTER-TIME", ENCOUNTER, "Une rencontre n'a ni date ni priorité.", is_scheduled),
    entry_rule("ENTRY-DEVICE-TIME", DEVICE, "Un dispositif n'a pas une date et une seule.", has_one("effectiveTime")),
    entry_rule("ENTRY-DEVICE", DEVICE, "Un dispositif n'est pas décrit, ou l'est deux fois.", bears_one_device),
)
ENTRY_RULES: tuple[Rule[Cda], ...] = (*MEDICATION_RULES, *CONDITION_RULES, *PLAN_RULES)
