"""Professionals the home works with: taken from the national directory, or declared when it does not list them."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.directory.models import Professional, ProfessionalAddress
from liaison.apps.directory.queries import Found, entries_under
from liaison.apps.organisations.access import may_file
from liaison.apps.organisations.models import Site, User
from liaison.apps.refusals import NotAllowed, NotPossible
from liaison.core.directory.values import Listed, rpps_of

NOT_YOURS = "Votre rôle ne permet pas de tenir les professionnels de cet établissement."


@dataclass(frozen=True, slots=True)
class Declared:
    """What a person says of a professional no directory lists."""

    family: str
    given: str = ""
    title: str = ""
    profession: str = ""
    speciality: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    phone: str = ""


@transaction.atomic
def do_adopt(key: str, *, site: Site, user: User) -> Professional:
    """The professional of a directory key, with the addresses the copy in service gives him. Safe to repeat."""
    begin(site)
    check_may_keep(user, site)
    found = next(iter(entries_under([key])), None)
    if found is None:
        raise NotPossible("Ce professionnel n'est plus dans l'annuaire : cherchez-le de nouveau.")
    professional = _known(found)
    if professional is None:
        professional = Professional(kind=_kind(found.listed))
        _write(professional, found)
        record("professional_adopted", professional, site=site, user=user, addresses=len(found.lines))
    else:
        _write(professional, found)
    return professional


@transaction.atomic
def do_declare(declared: Declared, *, site: Site, user: User) -> Professional:
    """A professional without a mailbox, or whom no directory lists."""
    begin(site)
    check_may_keep(user, site)
    if not declared.family.strip():
        raise NotPossible("Indiquez au moins le nom du professionnel.")
    professional = Professional.objects.create(
        **{name: str(getattr(declared, name)).strip() for name in Declared.__slots__}
    )
    record("professional_declared", professional, site=site, user=user)
    return professional


@transaction.atomic
def do_prefer_address(address: ProfessionalAddress, *, site: Site, user: User) -> None:
    """A person says which address of a professional to write to first."""
    begin(site)
    check_may_keep(user, site)
    addresses = ProfessionalAddress.objects.select_for_update(of=["self"]).filter(
        professional_id=address.professional_id
    )
    for one in addresses:
        one.preferred = one.pk == address.pk
        one.save(update_fields=["preferred"])
    record("address_preferred", address, site=site, user=user)


def check_may_keep(user: User, site: Site) -> None:
    if not may_file(user, site):
        raise NotAllowed(NOT_YOURS)


def _kind(listed: Listed) -> Professional.Kind:
    return Professional.Kind.ORGANISATION if listed.kind == "ORG" or not listed.family else Professional.Kind.PERSON


def _known(found: Found) -> Professional | None:
    """By his key, his RPPS, or, for an organisation, its address."""
    known = Professional.objects.select_for_update(of=["self"])
    by_key = known.filter(directory_key=found.key).first()
    rpps = rpps_of(found.listed.national_id)
    by_rpps = known.filter(rpps=rpps).first() if rpps else None
    if by_key or by_rpps or _kind(found.listed) == Professional.Kind.PERSON:
        return by_key or by_rpps
    return known.filter(kind=Professional.Kind.ORGANISATION, addresses__email=found.listed.email).first()


def _write(professional: Professional, found: Found) -> None:
    """What the directory says, but for what it leaves empty: a person may know it."""
    one = found.listed
    person = _kind(one) == Professional.Kind.PERSON
    said = {
        "family": one.family if person else found.name,
        "given": one.given,
        "title": TITLES.get(one.title, one.title),
        "profession": one.profession,
        "speciality": one.speciality or one.profession,
        "structure": one.structure,
        "street": one.street,
        "postal_code": one.postal_code,
        "city": one.city.title() if one.city.isupper() else one.city,
        "national_id": one.national_id,
        "rpps": rpps_of(one.national_id),
        "directory_key": found.key,
    }
    for name, value in said.items():
        if value:
            setattr(professional, name, value[: _LONGEST.get(name, 200)])
    professional.save()
    _write_addresses(professional, found)


_LONGEST = {"given": 100, "title": 20, "profession": 100, "postal_code": 10, "city": 100, "national_id": 60}
TITLES = {"Docteur": "Dr", "DR": "Dr", "Professeur": "Pr", "PR": "Pr", "Madame": "Mme", "MME": "Mme", "Monsieur": "M."}


def _write_addresses(professional: Professional, found: Found) -> None:
    for line in found.lines:
        ProfessionalAddress.objects.update_or_create(
            professional=professional,
            email=line.email,
            defaults={"dematerialised": line.dematerialised, "seen_at": timezone.now()},
            create_defaults={
                "dematerialised": line.dematerialised,
                "seen_at": timezone.now(),
                "source": ProfessionalAddress.Source.DIRECTORY,
            },
        )
