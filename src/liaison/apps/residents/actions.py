"""What changes a resident's record."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.directory.models import Professional
from liaison.apps.filing.jobs import offer_new_look
from liaison.apps.organisations.access import CARE_ROLES, has_role
from liaison.apps.organisations.models import Site, User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.models import CareTeamMember, FollowUpTask, RecordedAllergy, Resident
from liaison.apps.residents.names import follow_new_identity


@transaction.atomic
def do_register(
    *,
    site: Site,
    identity: dict[str, Any],
    care_team: list[tuple[Professional, CareTeamMember.Role]],
    user: User | None = None,
    look_again: bool = True,
) -> Resident:
    """Take a resident in, with the identity the home holds and the professionals around.

    The documents that wait are looked at again, unless the caller asks for that himself.
    """
    begin(site)
    resident = Resident.objects.create(site=site, **identity)
    CareTeamMember.objects.bulk_create(
        CareTeamMember(resident=resident, professional=professional, role=role) for professional, role in care_team
    )
    record("resident_registered", resident, site=site, user=user, resident=resident, ins_status=resident.ins_status)
    follow_new_identity(resident, user=user)
    if look_again:
        offer_new_look(site.pk)
    return resident


@transaction.atomic
def do_confirm_allergy(allergy: RecordedAllergy, *, user: User) -> None:
    """A person confirms an allergy that a letter states; one refused before is taken up again."""
    begin(allergy.resident.site)
    locked = _lock_allergy(allergy)
    _check_cares(user, locked.resident)
    if locked.confirmed_at is not None:
        raise AlreadyDone("Cette allergie est déjà confirmée.")
    locked.confirmed_by, locked.confirmed_at = user, timezone.now()
    locked.refused_by, locked.refused_at, locked.refused_reason = None, None, ""
    locked.save(update_fields=["confirmed_by", "confirmed_at", "refused_by", "refused_at", "refused_reason"])
    record("allergy_confirmed", locked, site=locked.resident.site, user=user, resident=locked.resident)


@transaction.atomic
def do_refuse_allergy(allergy: RecordedAllergy, *, user: User, reason: str) -> None:
    """A person says that what a letter states is no allergy of the resident. It stays, struck, with the reason."""
    begin(allergy.resident.site)
    locked = _lock_allergy(allergy)
    _check_cares(user, locked.resident)
    if locked.refused_at is not None:
        raise AlreadyDone("Cette allergie est déjà écartée.")
    if not reason.strip():
        raise NotPossible("Dites pourquoi cette allergie n'est pas retenue.")
    locked.refused_by, locked.refused_at, locked.refused_reason = user, timezone.now(), reason.strip()[:300]
    locked.confirmed_by, locked.confirmed_at = None, None
    locked.save(update_fields=["confirmed_by", "confirmed_at", "refused_by", "refused_at", "refused_reason"])
    record("allergy_refused", locked, site=locked.resident.site, user=user, resident=locked.resident)


def _lock_allergy(allergy: RecordedAllergy) -> RecordedAllergy:
    return RecordedAllergy.objects.select_for_update(of=["self"]).select_related("resident__site").get(pk=allergy.pk)


@transaction.atomic
def do_complete_task(task: FollowUpTask, *, user: User) -> None:
    """A person says that what the letter asked for is done."""
    begin(task.resident.site)
    locked = _lock_task(task)
    _check_cares(user, locked.resident)
    if locked.done_at is not None:
        raise AlreadyDone("Cette suite est déjà faite.")
    locked.done_by, locked.done_at = user, timezone.now()
    locked.save(update_fields=["done_by", "done_at"])
    record("task_completed", locked, site=locked.resident.site, user=user, resident=locked.resident)


@transaction.atomic
def do_reopen_task(task: FollowUpTask, *, user: User) -> None:
    """A person says that it is not done after all."""
    begin(task.resident.site)
    locked = _lock_task(task)
    _check_cares(user, locked.resident)
    if locked.done_at is None:
        raise AlreadyDone("Cette suite est déjà à faire.")
    locked.done_by, locked.done_at = None, None
    locked.save(update_fields=["done_by", "done_at"])
    record("task_reopened", locked, site=locked.resident.site, user=user, resident=locked.resident)


@transaction.atomic
def do_put_off_task(task: FollowUpTask, *, user: User, until: date) -> None:
    """A person chooses another day to look at it. What the letter says stays what it says."""
    begin(task.resident.site)
    locked = _lock_task(task)
    _check_cares(user, locked.resident)
    if locked.done_at is not None:
        raise NotPossible("Cette suite est déjà faite.")
    if until < timezone.localdate():
        raise NotPossible("Choisissez un jour à venir.")
    locked.look_on = until
    locked.save(update_fields=["look_on"])
    record("task_put_off", locked, site=locked.resident.site, user=user, resident=locked.resident, until=str(until))


def _lock_task(task: FollowUpTask) -> FollowUpTask:
    return FollowUpTask.objects.select_for_update(of=["self"]).select_related("resident__site").get(pk=task.pk)


def _check_cares(user: User, resident: Resident) -> None:
    if not has_role(user, resident.site, CARE_ROLES):
        raise NotAllowed("Votre rôle ne permet pas d'écrire dans les dossiers de cet établissement.")
