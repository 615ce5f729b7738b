"""Who wrote, signed and keeps a CDA, by « structuration minimale », and the form of the national identifiers."""

import re
from collections.abc import Callable, Iterator

from liaison.core.cda.markup import Element, attribute, descendants, find, find_all, name_of
from liaison.core.conformance.cda import Cda, at_least_one, each, exactly_one, is_identified, value_at
from liaison.core.conformance.finding import Rule
from liaison.core.conformance.header import is_time
from liaison.core.people import ORGANISATION_ROOT, PROFESSIONAL_ROOT

_ARC = "1.2.250.1.71"
_PROFESSIONAL = re.compile(r"8\d{11}|0[0-9A-B]{9}|[0-9A-Z]+/.+", re.ASCII)
_ORGANISATION = re.compile(r"0\d{9}|1[0-9A-B]{9}|2\d{9}|3\d{14}|[4-6].+|[0-9A-Z]+/.+", re.ASCII)
_CUSTODIAN = "custodian/assignedCustodian/representedCustodianOrganization"
_SIGNER = "legalAuthenticator/assignedEntity"


def named(role: str, *people: str) -> Callable[[Element], bool]:
    """Whether the person, or the device, under the role has a name."""

    def test(element: Element) -> bool:
        holder = find(element, role) if role else element
        return any(find(holder, person) is not None for person in people)

    return test


def is_signed(element: Element) -> bool:
    return value_at(element, "signatureCode", "code") == "S"


def is_timed(element: Element) -> bool:
    time = find(element, "time")
    return time is not None and is_time(time)


def author_identified(element: Element) -> bool:
    role = find(element, "assignedAuthor")
    return role is not None and is_identified(role)


def identifiers_against(root: str, form: re.Pattern[str]) -> Callable[[Cda], Iterator[str]]:
    """Broken at each identifier of a national kind whose form is not that of the kind."""

    def broken_at(cda: Cda) -> Iterator[str]:
        for element in descendants(cda.root, "id"):
            if attribute(element, "root") == root and not form.fullmatch(attribute(element, "extension")):
                yield holder_of(element)

    return broken_at


def short_root(cda: Cda) -> Iterator[str]:
    for element in descendants(cda.root, "id"):
        if attribute(element, "root") == _ARC:
            yield holder_of(element)


def holder_of(element: Element) -> str:
    """``author/assignedAuthor/id``: where an identifier stands, from the top of the document."""
    steps = [name_of(step) for step in (element, *element.iterancestors())]
    return "/".join(reversed(steps[: steps.index("ClinicalDocument")]))


def doctor_unnamed(cda: Cda) -> Iterator[str]:
    for participant in cda.at("participant"):
        is_doctor = value_at(participant, "functionCode", "code") == "PCP"
        if is_doctor and find(participant, "associatedEntity/associatedPerson/name") is None:
            yield "participant"


def doctor_role_unsaid(cda: Cda) -> Iterator[str]:
    for participant in cda.at("participant"):
        if value_at(participant, "functionCode", "code") == "PCP" and attribute(participant, "typeCode") != "INF":
            yield "participant"


def recipient_unnamed(element: Element) -> bool:
    people = find_all(element, "informationRecipient/name")
    return bool(people or find_all(element, "receivedOrganization/name"))


PERSON_RULES: tuple[Rule[Cda], ...] = (
    Rule("SM-AUTHOR", "error", "Le document n'a pas d'auteur.", at_least_one("author")),
    Rule("SM-AUTHOR-TIME", "error", "Un auteur n'a pas la date de sa participation.", each("author", is_timed)),
    Rule("SM-AUTHOR-ID", "error", "Un auteur n'a pas d'identifiant.", each("author", author_identified)),
    Rule(
        "SM-AUTHOR-NAME",
        "error",
        "Un auteur n'est ni une personne nommée ni un logiciel.",
        each("author/assignedAuthor", named("", "assignedPerson/name", "assignedAuthoringDevice")),
    ),
    Rule("SM-SIGNER", "error", "Le document n'a pas de responsable qui le signe.", exactly_one("legalAuthenticator")),
    Rule(
        "SM-SIGNER-CODE",
        "error",
        "Le document n'est pas signé (signatureCode S).",
        each("legalAuthenticator", is_signed),
    ),
    Rule("SM-SIGNER-TIME", "error", "La signature n'a pas de date.", each("legalAuthenticator", is_timed)),
    Rule("SM-SIGNER-ID", "error", "Le signataire n'a pas d'identifiant.", each(_SIGNER, is_identified)),
    Rule(
        "SM-SIGNER-NAME",
        "error",
        "Le signataire n'a pas de nom.",
        each(_SIGNER, named("", "assignedPerson/name")),
    ),
    Rule("SM-CUSTODIAN", "error", "Le document ne dit pas qui le conserve (custodian).", exactly_one(_CUSTODIAN)),
    Rule(
        "SM-CUSTODIAN-ID", "error", "Qui conserve le document n'a pas d'identifiant.", each(_CUSTODIAN, is_identified)
    ),
    Rule(
        "SM-CUSTODIAN-NAME",
        "error",
        "Qui conserve le document n'a pas de nom.",
        each(_CUSTODIAN, named("", "name")),
    ),
    Rule(
        "SM-RECIPIENT",
        "warning",
        "Un destinataire n'a ni nom ni structure.",
        each("informationRecipient/intendedRecipient", recipient_unnamed),
    ),
    Rule("SM-GP-NAME", "warning", "Le médecin traitant est cité sans son nom.", doctor_unnamed),
    Rule(
        "SM-GP-TYPE",
        "warning",
        "Le médecin traitant n'est pas cité comme informateur (typeCode INF).",
        doctor_role_unsaid,
    ),
    Rule(
        "ID-PROFESSIONAL",
        "warning",
        "Un identifiant de professionnel n'a pas la forme attendue (8 et le RPPS, 0 et l'ADELI).",
        identifiers_against(PROFESSIONAL_ROOT, _PROFESSIONAL),
    ),
    Rule(
        "ID-ORGANISATION",
        "note",
        "Un identifiant de structure n'a pas la forme attendue (1 et le FINESS, 3 et le SIRET).",
        identifiers_against(ORGANISATION_ROOT, _ORGANISATION),
    ),
    Rule(
        "ID-ROOT",
        "warning",
        f"Un identifiant a pour racine {_ARC}, qui n'est celle d'aucun annuaire.",
        short_root,
    ),
)
