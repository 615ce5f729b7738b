"""Professionals a person may pick: those of the national directory, and those the home knows beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from liaison.apps.directory.absences import absences_on
from liaison.apps.directory.adopting import do_adopt
from liaison.apps.directory.models import Absence, Professional
from liaison.apps.directory.queries import Found, entries_under, find_known, search_directory
from liaison.apps.organisations.models import Site, User
from liaison.apps.refusals import NotPossible
from liaison.core.directory.extraction import department_of

KEY = "cle:"
FINESS_DEPARTMENT = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """One line of a search. ``value`` is what a form sends back: a directory key, or the uuid of one we know."""

    value: str
    name: str
    trade: str
    place: str
    addresses: tuple[str, ...]
    structure: str = ""
    absence: Absence | None = None

    @property
    def slug(self) -> str:
        """A name an HTML id can bear."""
        return self.value.replace(":", "-")


def search(text: str, site: Site | None) -> list[Candidate]:
    """Who answers what was typed, those around the home first; one the home knows is shown as it knows him."""
    found = search_directory(text, department=_department(site))
    known = {one.directory_key: one for one in Professional.objects.filter(directory_key__in=[f.key for f in found])}
    beside = [
        one for one in find_known(text) if one.directory_key not in {f.key for f in found} or not one.directory_key
    ]
    away = absences_on(timezone.localdate(), [*known.values(), *beside])
    listed = [_of_directory(one, known.get(one.key), away) for one in found]
    return [*(_of_known(one, away) for one in beside), *listed]


def picked(values: Sequence[str]) -> list[Candidate]:
    """The candidates of these values, to show again what was ticked; unknown ones are left out."""
    keys = [value.removeprefix(KEY) for value in values if value.startswith(KEY)]
    uuids = [value for value in values if is_uuid(value)]
    known = Professional.objects.filter(uuid__in=uuids).prefetch_related("addresses")
    return [*(_of_known(one, {}) for one in known), *(_of_directory(one, None, {}) for one in entries_under(keys))]


def professional_behind(value: str, *, site: Site, user: User) -> Professional:
    """The professional of a value, adopted from the directory when we do not know him yet. Raises Refused."""
    if value.startswith(KEY):
        return do_adopt(value.removeprefix(KEY), site=site, user=user)
    found = Professional.objects.filter(uuid=value).first() if is_uuid(value) else None
    if found is None:
        raise NotPossible("Ce professionnel n'est plus connu : cherchez-le de nouveau.")
    return found


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _department(site: Site | None) -> str:
    """A FINESS number begins with the department."""
    return department_of(site.finess[:FINESS_DEPARTMENT] + "000") if site else ""


def _of_directory(found: Found, known: Professional | None, away: dict[int, Absence]) -> Candidate:
    one = found.listed
    return Candidate(
        value=str(known.uuid) if known else f"{KEY}{found.key}",
        name=str(known or found.name),
        trade=found.trade,
        place=" ".join(filter(None, (one.postal_code, one.city))),
        addresses=tuple(dict.fromkeys(line.email for line in found.lines)),
        structure=one.structure if one.kind != "ORG" else "",
        absence=away.get(known.pk) if known else None,
    )


def _of_known(professional: Professional, away: dict[int, Absence]) -> Candidate:
    return Candidate(
        value=str(professional.uuid),
        name=str(professional),
        trade=professional.speciality or professional.profession,
        place=" ".join(filter(None, (professional.postal_code, professional.city))),
        addresses=tuple(address.email for address in professional.addresses.all()),
        structure=professional.structure,
        absence=away.get(professional.pk),
    )
