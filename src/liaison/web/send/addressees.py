"""Who may be written to: the care team with its holidays and addresses, the resident himself, and whoever is added."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from liaison.apps.directory.absences import absences_on
from liaison.apps.directory.models import Absence, Professional
from liaison.apps.exchanges.addressing import addressings
from liaison.apps.exchanges.patient_copy import patient_address, why_no_copy
from liaison.apps.organisations.models import Site
from liaison.apps.residents.models import Resident
from liaison.web.directory.words import AddressLine, address_lines


@dataclass(frozen=True, slots=True)
class Addressee:
    """One professional on the sending screen. ``stands_in_for`` is set on the replacement of one who is away."""

    professional: Professional
    role: str
    addresses: tuple[AddressLine, ...]
    absence: Absence | None
    stands_in_for: Professional | None = None

    @property
    def value(self) -> str:
        return str(self.professional.uuid)

    @property
    def usable(self) -> tuple[AddressLine, ...]:
        return tuple(line for line in self.addresses if line.usable)

    @property
    def asks(self) -> bool:
        """Whether a person must look at every address of his before anything leaves."""
        return bool(self.addresses) and not self.usable

    @property
    def at_first(self) -> bool:
        """Whether he is ticked when the screen opens: one who is there, and can be written to."""
        return bool(self.usable) and self.absence is None


@dataclass(frozen=True, slots=True)
class PatientOption:
    """Whether a copy may go to the resident's own mailbox; ``refusal`` says why not."""

    address: str
    refusal: str


def care_team_of(resident: Resident) -> list[Addressee]:
    """The care team, each one away followed by his replacement."""
    members = list(resident.care_team.select_related("professional"))
    roles = {member.professional_id: member.get_role_display() for member in members}
    return _with_replacements([member.professional for member in members], roles, resident.site)


def others(values: Iterable[Professional], shown: Sequence[Addressee], site: Site) -> list[Addressee]:
    """Those added by the person, without the ones already shown."""
    there = {one.professional.pk for one in shown}
    return _with_replacements([one for one in values if one.pk not in there], {}, site)


def _with_replacements(professionals: Sequence[Professional], roles: dict[int, str], site: Site) -> list[Addressee]:
    away = absences_on(timezone.localdate(), professionals)
    standing_in = [absence.replacement for absence in away.values() if absence.replacement]
    known = addressings([*professionals, *standing_in], site)
    shown: list[Addressee] = []
    for professional in professionals:
        absence = away.get(professional.pk)
        lines = tuple(address_lines(known[professional.pk]))
        shown.append(Addressee(professional, roles.get(professional.pk, ""), lines, absence))
        if absence and absence.replacement:
            lines = tuple(address_lines(known[absence.replacement.pk]))
            shown.append(Addressee(absence.replacement, "", lines, None, stands_in_for=professional))
    return _once(shown)


def _once(addressees: Iterable[Addressee]) -> list[Addressee]:
    """A replacement who is in the team himself is shown once."""
    by_number: dict[int, Addressee] = {}
    for one in addressees:
        by_number.setdefault(one.professional.pk, one)
    return list(by_number.values())


def patient_option(resident: Resident) -> PatientOption:
    return PatientOption(patient_address(resident), why_no_copy(resident))
