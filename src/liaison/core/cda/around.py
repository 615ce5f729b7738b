"""What stands around the patient in a header: contacts, participants, orders, the place and kind of the stay."""

from liaison.core.cda.markup import Element, attribute, attribute_at, find, find_all, words, words_at
from liaison.core.cda.persons import read_code, read_identifiers, read_professional
from liaison.core.cda.values import Around, Contact, ContactKind, Participant
from liaison.core.notices import Notice

MES_DOMAIN = "@patient.mssante.fr"

_KINDS: dict[str, ContactKind] = {"NOK": "trusted", "ECON": "emergency", "GUARD": "guardian"}
_ENCOUNTER = "componentOf/encompassingEncounter"
_OTHER_ADDRESS = Notice(
    "health_address_of_another",
    "L'adresse Mon espace santé du document porte un autre matricule que celui du patient : ne pas y écrire.",
)


def read_around(document: Element, ins: str) -> tuple[Around, tuple[Notice, ...]]:
    """``ins`` is the matricule read in the same header: an address of Mon espace santé is made of it."""
    role = find(document, "recordTarget/patientRole")
    address = _health_address(role)
    owner = address.partition("@")[0]
    notices = (_OTHER_ADDRESS,) if ins and owner.isalnum() and owner.upper() != ins else ()
    around = Around(
        health_address=address,
        contacts=(*_guardians(role), *_informants(document)),
        participants=_participants(document),
        orders=read_identifiers(document, "inFulfillmentOf/order/id"),
        encounter=read_code(find(document, f"{_ENCOUNTER}/code")),
        facility=read_code(find(document, f"{_ENCOUNTER}/location/healthCareFacility/code")),
        disposition=read_code(find(document, f"{_ENCOUNTER}/dischargeDispositionCode")),
    )
    return around, notices


def _health_address(role: Element | None) -> str:
    for telecom in find_all(role, "telecom"):
        value = attribute(telecom, "value").removeprefix("mailto:")
        if value.casefold().endswith(MES_DOMAIN):
            return value
    return ""


def _guardians(role: Element | None) -> tuple[Contact, ...]:
    return tuple(_contact("guardian", each, "guardianPerson") for each in find_all(role, "patient/guardian"))


def _informants(document: Element) -> tuple[Contact, ...]:
    return tuple(
        _contact(_KINDS.get(attribute(each, "classCode"), "other"), each, "relatedPerson")
        for each in find_all(document, "informant/relatedEntity")
    )


def _contact(kind: ContactKind, entity: Element, person: str) -> Contact:
    name = find(entity, f"{person}/name")
    telecoms = (attribute(each, "value") for each in find_all(entity, "telecom"))
    return Contact(
        kind=kind,
        family=words_at(name, "family") or words_at(entity, "guardianOrganization/name"),
        given=" ".join(filter(None, map(words, find_all(name, "given")))),
        relation=read_code(find(entity, "code")).label,
        telecoms=tuple(filter(None, telecoms)),
    )


def _participants(document: Element) -> tuple[Participant, ...]:
    others = (each for each in find_all(document, "participant") if attribute_at(each, "functionCode", "code") != "PCP")
    found = (
        Participant(
            read_code(find(each, "functionCode")),
            read_professional(
                find(each, "associatedEntity"), person="associatedPerson", organisation="scopingOrganization"
            ),
        )
        for each in others
    )
    return tuple(each for each in found if each.person.family or each.person.organisation.name)
