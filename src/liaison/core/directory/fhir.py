"""What the Annuaire Santé FHIR API v2 says: one page of a search (Bundle), read into the lines of our directory.

A mailbox is a ``telecom`` of a Practitioner, a PractitionerRole or an Organization, typed MSSANTE (TRE_R256), with its
metadata in an extension (profile as-mailbox-mss). PractitionerRole says nothing of the person: it is searched with
``_include`` of its Practitioner and Organization, which come in the same page.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from liaison.core.directory.extraction import department_of
from liaison.core.directory.values import Kind, Listed
from liaison.core.notices import Notice, Unreadable

EMAIL_TYPE = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type"
METADATA = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata"
PERSON_IDENTIFIER = "urn:oid:1.2.250.1.71.4.2.1"
_KINDS: dict[str, Kind] = {"PER": "PER", "ORG": "ORG", "CAB": "CAB"}

NOT_A_PAGE = Notice("not_a_bundle", "La réponse de l'Annuaire Santé n'est pas une page de résultats FHIR.")

Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: mailboxes listed, persons not active any more (national identifiers), the next page's address."""

    listed: tuple[Listed, ...]
    gone: tuple[str, ...]
    next_url: str


def read_page(bundle: object) -> Page | Unreadable:
    """The content of one searchset; whatever is not as the profiles say is left out."""
    if not isinstance(bundle, Mapping) or bundle.get("resourceType") != "Bundle":
        return Unreadable(NOT_A_PAGE)
    resources = [_dict(entry.get("resource")) for entry in _maps(bundle.get("entry"))]
    by_reference = {f"{one.get('resourceType')}/{one.get('id')}": one for one in resources}
    listed = tuple(line for resource in resources for line in _lines(resource, by_reference))
    gone = tuple(filter(None, (_gone(resource) for resource in resources)))
    return Page(listed, gone, _next(bundle))


def _next(bundle: Resource) -> str:
    links = _maps(bundle.get("link"))
    return next((_text(link.get("url")) for link in links if link.get("relation") == "next"), "")


def _gone(resource: Resource) -> str:
    inactive = resource.get("resourceType") == "Practitioner" and resource.get("active") is False
    return _identifier(resource) if inactive else ""


def _lines(resource: Resource, by_reference: Mapping[str, Resource]) -> Iterator[Listed]:
    if resource.get("active") is False:
        return
    person, structure = _people_of(resource, by_reference)
    for telecom in _maps(resource.get("telecom")):
        mailbox = _mailbox(telecom)
        if mailbox is not None:
            yield _listed(mailbox, resource, person, structure)


def _people_of(resource: Resource, by_reference: Mapping[str, Resource]) -> tuple[Resource, Resource]:
    """The person and the structure a resource speaks of; empty when it speaks of none."""
    if resource.get("resourceType") == "Practitioner":
        return resource, {}
    if resource.get("resourceType") == "Organization":
        return {}, resource
    return _target(resource.get("practitioner"), by_reference), _target(resource.get("organization"), by_reference)


def _target(reference: object, by_reference: Mapping[str, Resource]) -> Resource:
    if not isinstance(reference, Mapping):
        return {}
    return by_reference.get("/".join(_text(reference.get("reference")).split("/")[-2:]), {})


@dataclass(frozen=True, slots=True)
class _Mailbox:
    kind: Kind
    email: str
    service: str
    dematerialised: bool


def _mailbox(telecom: Resource) -> _Mailbox | None:
    """A MSSanté mailbox that may be shown: not on the red list, of a kind people are written to."""
    extensions = _maps(telecom.get("extension"))
    typed = {_text(_dict(one.get("valueCoding")).get("code")) for one in extensions if one.get("url") == EMAIL_TYPE}
    described = [one for one in extensions if one.get("url") == METADATA]
    email = _text(telecom.get("value")).strip().lower()
    if not (described or "MSSANTE" in typed) or "@" not in email:
        return None
    said = {_text(one.get("url")): one for one in _maps(described[0].get("extension"))} if described else {}
    kind = _KINDS.get(_code(_dict(said.get("type")).get("valueCodeableConcept")) or "PER")
    if kind is None or _dict(said.get("listeRouge")).get("valueBoolean") is True:
        return None
    service = _dict(said.get("service")).get("valueString") or _dict(said.get("description")).get("valueString")
    return _Mailbox(kind, email, _text(service), _dict(said.get("digitization")).get("valueBoolean") is True)


def _listed(mailbox: _Mailbox, resource: Resource, person: Resource, structure: Resource) -> Listed:
    name = next(iter(_maps(person.get("name"))), {})
    address = next(iter((*_maps(structure.get("address")), *_maps(person.get("address")))), {})
    postal_code = _text(address.get("postalCode"))
    return Listed(
        kind=mailbox.kind,
        email=mailbox.email,
        national_id=_identifier(person or structure),
        title=_first(name.get("prefix")),
        family=_text(name.get("family")),
        given=_first(name.get("given")),
        profession=_display(resource.get("code")) or _qualification(person),
        speciality=_display(resource.get("specialty")),
        structure=_text(structure.get("name")),
        structure_id=_identifier(structure),
        service=mailbox.service,
        street=_first(address.get("line")),
        postal_code=postal_code,
        city=_text(address.get("city")),
        department=department_of(postal_code),
        dematerialised=mailbox.dematerialised,
    )


def _identifier(resource: Resource) -> str:
    """The national identifier: that of the persons' system first, else the first one."""
    identifiers = [one for one in _maps(resource.get("identifier")) if one.get("value")]
    national = [one for one in identifiers if one.get("system") == PERSON_IDENTIFIER]
    return _text(next(iter((*national, *identifiers)), {}).get("value"))


def _qualification(person: Resource) -> str:
    return _display([one.get("code") for one in _maps(person.get("qualification"))])


def _display(concepts: object) -> str:
    codings = (coding for concept in _maps(concepts) for coding in _maps(concept.get("coding")))
    return next((_text(coding.get("display")) for coding in codings if coding.get("display")), "")


def _code(concept: object) -> str:
    return next((_text(one.get("code")) for one in _maps(_dict(concept).get("coding"))), "")


def _maps(value: object) -> list[Resource]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, Sequence) else []


def _dict(value: object) -> Resource:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _first(values: object) -> str:
    return _text(values[0]) if isinstance(values, Sequence) and not isinstance(values, str) and values else ""
