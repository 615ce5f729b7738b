"""The persons, organisations, addresses and acts of a header, by « structuration minimale » (CI-SIS, ANS).

Facts of the schematrons that the ANS publishes for the header, in our words and under our names.
"""

from collections.abc import Callable, Iterator

from liaison.core.cda.markup import Element, attribute, descendants, find, find_all, name_of, words
from liaison.core.conformance.cda import Cda, at_most_one, each, valued
from liaison.core.conformance.cda_schema.walk import place_of
from liaison.core.conformance.finding import Rule
from liaison.core.people import ORGANISATION_ROOT, PROFESSIONAL_ROOT

CIVILITIES = frozenset({"M", "MLLE", "MME"})
PRACTICE_TITLES = frozenset({"DR", "MC", "MG", "PC", "PG", "PR"})
PARTICIPANT_CLASSES = frozenset({"PROV", "AGNT", "ECON", "GUARD", "QUAL", "POLHOLD", "CON", "CAREGIVER", "PAT"})
TELECOM_SCHEMES = ("tel:", "fax:", "mailto:", "http:", "ftp:", "mllp:")
TELECOM_UNKNOWNS = frozenset({"UNK", "NASK", "ASKU", "NAV", "MSK"})
_EVENT = "documentationOf/serviceEvent"
_STAY = "componentOf/encompassingEncounter"
_ENTITY = "participant/associatedEntity"
_COUNTED_PARTS = ("given", "prefix", "suffix")


def everywhere(names: tuple[str, ...], test: Callable[[Element], bool]) -> Callable[[Cda], Iterator[str]]:
    """Broken at each element of these names, at any depth, that fails the test."""

    def broken_at(cda: Cda) -> Iterator[str]:
        for name in names:
            yield from (place_of(element) for element in descendants(cda.root, name) if not test(element))

    return broken_at


def is_null(element: Element) -> bool:
    return bool(attribute(element, "nullFlavor"))


def coded_or_null(*names: str) -> Callable[[Element], bool]:
    is_valued = valued(*names)
    return lambda element: is_null(element) or is_valued(element)


def has_one_full_id(element: Element) -> bool:
    ids = find_all(element, "id")
    return len(ids) == 1 and (is_null(ids[0]) or valued("root", "extension")(ids[0]))


def is_national_organisation(element: Element) -> bool:
    roots = [attribute(each, "root") for each in find_all(element, "id") if not is_null(each)]
    return (not roots or ORGANISATION_ROOT in roots) and len(find_all(element, "name")) <= 1


def is_named_once(person: Element) -> bool:
    """One name with one family name, and at most one of each other part: a name of two persons is none."""
    if is_null(person):
        return True
    names = find_all(person, "name")
    if len(names) != 1 or is_null(names[0]):
        return len(names) == 1
    counts = [len(find_all(names[0], part)) for part in _COUNTED_PARTS]
    return len(find_all(names[0], "family")) == 1 and max(counts) <= 1


def is_well_titled(name: Element) -> bool:
    prefixes = [words(each) for each in find_all(name, "prefix") if not is_null(each)]
    suffixes = [words(each) for each in find_all(name, "suffix") if not is_null(each)]
    return all(each in CIVILITIES | PRACTICE_TITLES for each in prefixes) and PRACTICE_TITLES.issuperset(suffixes)


def misnamed(cda: Cda) -> Iterator[str]:
    for name in ("assignedPerson", "associatedPerson"):
        yield from (place_of(each) for each in descendants(cda.root, name) if not is_named_once(each))
    for person in cda.at("informationRecipient/intendedRecipient/informationRecipient"):
        if not is_named_once(person):
            yield place_of(person)


def mistitled(cda: Cda) -> Iterator[str]:
    for name in ("assignedPerson", "associatedPerson"):
        people = descendants(cda.root, name)
        yield from (place_of(person) for person in people if not all(map(is_well_titled, find_all(person, "name"))))


def is_national_recipient(element: Element) -> bool:
    ids = find_all(element, "id")
    return not ids or any(attribute(each, "root") == PROFESSIONAL_ROOT and attribute(each, "extension") for each in ids)


def is_bounded_by_dates(participant: Element) -> bool:
    bounds = [bound for name in ("low", "high") for bound in find_all(participant, f"time/{name}")]
    return all(attribute(bound, "value") for bound in bounds)


def is_whole_address(addr: Element) -> bool:
    """Either unknown, or in lines, or in parts: lines beside parts are two addresses in one."""
    parts = [name_of(child) for child in addr]
    if is_null(addr):
        return not parts
    return bool(parts) and ("streetAddressLine" not in parts or set(parts) <= {"streetAddressLine", "useablePeriod"})


def is_reachable(telecom: Element) -> bool:
    if is_null(telecom):
        return attribute(telecom, "nullFlavor") in TELECOM_UNKNOWNS
    value = attribute(telecom, "value")
    return any(value.startswith(scheme) and len(value) > len(scheme) for scheme in TELECOM_SCHEMES)


def has_one_performer(event: Element) -> bool:
    return len(find_all(event, "performer")) <= 1


def is_one_participant(entity: Element) -> bool:
    names = find_all(entity, "scopingOrganization/name")
    return len(find_all(entity, "id")) <= 1 and len(names) <= 1


def main_act_unsaid(cda: Cda) -> Iterator[str]:
    """The first act is that of the document: it says who did it, and when."""
    main = next(iter(cda.at(_EVENT)), None)
    if main is not None and (find(main, "performer") is None or find(main, "effectiveTime") is None):
        yield _EVENT


def is_dated(time: Element) -> bool:
    return find(time, "low") is not None and not is_null(time)


def has_private_trait(cda: Cda) -> Iterator[str]:
    for name in ("religiousAffiliationCode", "raceCode", "ethnicGroupCode"):
        yield from map(place_of, cda.at(f"recordTarget/patientRole/patient/{name}"))


def has_one_id(element: Element) -> bool:
    return len(find_all(element, "id")) == 1


ROLE_RULES: tuple[Rule[Cda], ...] = (
    Rule(
        "SM-CODE-LABEL",
        "error",
        "Le type du document n'est pas dit en mots (displayName).",
        each("code", valued("displayName")),
    ),
    Rule("SM-RELATED-ONE", "error", "Le document cite plusieurs documents liés.", at_most_one("relatedDocument")),
    Rule(
        "SM-PATIENT-PRIVATE",
        "error",
        "Le document dit la religion, la race ou l'ethnie du patient, ce que la loi interdit.",
        has_private_trait,
    ),
    Rule(
        "SM-ENTITY-ID",
        "error",
        "Un intervenant n'a pas un identifiant et un seul (racine et extension).",
        everywhere(("assignedEntity",), has_one_full_id),
    ),
    Rule(
        "SM-ENTITY-ORGANISATION",
        "error",
        "Une structure n'est pas identifiée par le répertoire national, ou a plusieurs noms.",
        everywhere(("representedOrganization",), is_national_organisation),
    ),
    Rule("SM-PERSON-NAME", "error", "Une personne n'a pas un nom et un seul (family).", misnamed),
    Rule("SM-PERSON-TITLE", "error", "La civilité ou le titre d'une personne n'est pas dans les tables.", mistitled),
    Rule(
        "SM-RECIPIENT-ID",
        "error",
        "Un destinataire est identifié, mais pas par le répertoire national.",
        each("informationRecipient/intendedRecipient", is_national_recipient),
    ),
    Rule(
        "SM-PARTICIPANT-TIME",
        "error",
        "Les dates d'un participant sont annoncées sans être dites.",
        each("participant", is_bounded_by_dates),
    ),
    Rule(
        "SM-PARTICIPANT-FUNCTION",
        "error",
        "La fonction d'un participant n'est pas codée.",
        each("participant/functionCode", coded_or_null("code", "codeSystem")),
    ),
    Rule(
        "SM-PARTICIPANT-CODE",
        "error",
        "La profession d'un participant n'est pas codée en entier (code, système, libellé).",
        each(f"{_ENTITY}/code", valued("code", "codeSystem", "displayName")),
    ),
    Rule(
        "SM-PARTICIPANT-CLASS",
        "error",
        "La qualité d'un participant (classCode) n'est pas dans la table.",
        each(_ENTITY, lambda entity: attribute(entity, "classCode") in PARTICIPANT_CLASSES),
    ),
    Rule(
        "SM-PARTICIPANT-ONE",
        "error",
        "Un participant a plusieurs identifiants, ou sa structure plusieurs noms.",
        each(_ENTITY, is_one_participant),
    ),
    Rule(
        "SM-ADDRESS",
        "error",
        "Une adresse est vide sans le dire, ou mêle des lignes et des éléments.",
        everywhere(("addr",), is_whole_address),
    ),
    Rule(
        "SM-TELECOM",
        "error",
        "Un moyen de contact n'a pas la forme attendue (tel:, mailto:…) ou est vide sans le dire.",
        everywhere(("telecom",), is_reachable),
    ),
    Rule(
        "SM-CUSTODIAN-ONE",
        "error",
        "Qui conserve le document a plusieurs identifiants.",
        each("custodian/assignedCustodian/representedCustodianOrganization", has_one_id),
    ),
    Rule(
        "SM-ORDER-ID",
        "error",
        "Une prescription citée n'a pas un identifiant et un seul.",
        each("inFulfillmentOf/order", has_one_id),
    ),
    Rule(
        "SM-ACT-CODE",
        "error",
        "Un acte documenté n'est pas codé en entier (code, système, libellé).",
        each(f"{_EVENT}/code", coded_or_null("code", "codeSystem", "displayName")),
    ),
    Rule("SM-ACT-MAIN", "error", "L'acte principal ne dit pas son exécutant ou sa date.", main_act_unsaid),
    Rule("SM-ACT-PERFORMER", "error", "Un acte documenté a plusieurs exécutants.", each(_EVENT, has_one_performer)),
    Rule(
        "SM-ACT-TIME",
        "error",
        "La date d'un acte documenté est annoncée sans début.",
        each(f"{_EVENT}/effectiveTime", is_dated),
    ),
    Rule("SM-ENCOUNTER-ID", "error", "Le numéro de séjour n'a pas de racine.", each(f"{_STAY}/id", valued("root"))),
    Rule(
        "SM-ENCOUNTER-CODE",
        "error",
        "La nature de la prise en charge n'est pas codée en entier (code, système, libellé).",
        each(f"{_STAY}/code", valued("code", "codeSystem", "displayName")),
    ),
    Rule(
        "SM-DISPOSITION",
        "error",
        "Le mode de sortie de l'en-tête n'est pas codé en entier (code, libellé).",
        each(f"{_STAY}/dischargeDispositionCode", valued("code", "displayName")),
    ),
)
