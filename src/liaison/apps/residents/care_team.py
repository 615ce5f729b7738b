"""The professionals around a resident: who comes in, who leaves, who takes whose place, with its history."""

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.directory.models import Professional
from liaison.apps.organisations.access import may_file
from liaison.apps.organisations.models import User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.models import CareTeamChange, CareTeamMember, Resident

Kind = CareTeamChange.Kind
Role = CareTeamMember.Role


@transaction.atomic
def do_add_to_care_team(
    resident: Resident, *, professional: Professional, role: CareTeamMember.Role, user: User
) -> CareTeamMember:
    """Give a professional a place around the resident, or another one. A new GP takes the place of the former."""
    begin(resident.site)
    locked = _lock(resident, user)
    member = locked.care_team.filter(professional=professional).first()
    if member is not None and member.role == role:
        raise AlreadyDone(f"{professional} est déjà dans l'équipe de ce résident.")
    if role == Role.GP:
        _let_former_gp_go(locked, professional, user)
    if member is None:
        member = CareTeamMember.objects.create(resident=locked, professional=professional, role=role)
        _note(locked, professional, Kind.ADDED, role, user)
    else:
        member.role = role
        member.save(update_fields=["role"])
        _note(locked, professional, Kind.ROLE_CHANGED, role, user)
    return member


@transaction.atomic
def do_remove_from_care_team(member: CareTeamMember, *, user: User) -> None:
    """The professional is not around this resident any more; what was sent to him stays in the exchanges."""
    resident = member.resident
    begin(resident.site)
    locked = _lock(resident, user)
    standing = locked.care_team.filter(pk=member.pk).select_related("professional").first()
    if standing is None:
        raise AlreadyDone("Ce professionnel n'est déjà plus dans l'équipe.")
    _note(locked, standing.professional, Kind.REMOVED, Role(standing.role), user)
    standing.delete()


def _lock(resident: Resident, user: User) -> Resident:
    locked = Resident.objects.select_for_update(of=["self"]).select_related("site").get(pk=resident.pk)
    if not may_file(user, locked.site):
        raise NotAllowed("Votre rôle ne permet pas de changer l'équipe de soins de ce résident.")
    if locked.merged_into_id is not None:
        raise NotPossible("Ce dossier a été fusionné avec un autre.")
    return locked


def _let_former_gp_go(resident: Resident, successor: Professional, user: User) -> None:
    former = resident.care_team.filter(role=Role.GP).exclude(professional=successor).select_related("professional")
    for member in former:
        _note(resident, member.professional, Kind.REPLACED, Role.GP, user)
        member.delete()


def _note(resident: Resident, professional: Professional, kind: Kind, role: Role, user: User) -> None:
    change = CareTeamChange.objects.create(
        resident=resident,
        professional=professional,
        kind=kind,
        role=role,
        changed_by=user,
        changed_at=timezone.now(),
    )
    action = f"care_team_{kind}"
    record(action, change, site=resident.site, user=user, resident=resident, professional=str(professional.uuid))
