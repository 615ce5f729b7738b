"""Whose decision a person of the home may write down: the doctors of the home, and those around the resident."""

from dataclasses import dataclass

from liaison.apps.organisations.access import PRESCRIBING_ROLES, may_file, may_prescribe
from liaison.apps.organisations.models import User
from liaison.apps.refusals import NotAllowed, NotPossible
from liaison.apps.residents.models import CareTeamMember, Resident

PRESCRIBING_PLACES = (CareTeamMember.Role.GP, CareTeamMember.Role.SPECIALIST)


@dataclass(frozen=True, slots=True)
class Prescriber:
    """A doctor with his national number; ``rpps`` is what a form sends back."""

    rpps: str
    name: str


def prescribers_for(resident: Resident, user: User) -> list[Prescriber]:
    """Those a person may name: himself first when he prescribes here, then the GP, the specialists, the home's."""
    members = resident.care_team.filter(role__in=PRESCRIBING_PLACES).exclude(professional__rpps="")
    around = [
        Prescriber(member.professional.rpps, str(member.professional))
        for member in members.select_related("professional")
    ]
    staff = User.objects.filter(
        memberships__site=resident.site, memberships__role__in=PRESCRIBING_ROLES, is_active=True
    ).exclude(rpps="")
    here = [Prescriber(person.rpps, str(person)) for person in staff.distinct().order_by("last_name", "pk")]
    me = [Prescriber(user.rpps, str(user))] if may_prescribe(user, resident.site) else []
    return list({each.rpps: each for each in reversed([*me, *around, *here])}.values())[::-1]


def may_write(user: User, resident: Resident) -> bool:
    """Who writes a treatment by hand: those who file the letters, and who prescribes."""
    return may_file(user, resident.site) or may_prescribe(user, resident.site)


def named_prescriber(resident: Resident, user: User, rpps: str) -> Prescriber:
    """The prescriber a person names. Raises NotAllowed, and NotPossible when he is none of this resident's."""
    if not may_write(user, resident):
        raise NotAllowed("Une secrétaire médicale ou un médecin coordonnateur écrit le traitement.")
    found = next((each for each in prescribers_for(resident, user) if each.rpps == rpps), None)
    if found is None:
        raise NotPossible("Nommez le prescripteur : un médecin d'ici ou de l'équipe de soins, avec son RPPS.")
    return found
