"""A resident goes to hospital and comes back: told by the home's software, or by a person."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.organisations.access import CARE_ROLES, has_role
from liaison.apps.organisations.models import User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.models import Absence, Resident, Source


@transaction.atomic
def do_leave_for_hospital(
    resident: Resident,
    *,
    source: Source,
    at: datetime,
    user: User | None = None,
    hospital: str = "",
    hospital_address: str = "",
) -> Absence:
    """The resident is away from ``at``; the absence already open when there is one, its hospital kept up."""
    begin(resident.site)
    _check_cares(user, resident)
    if user is not None and at > timezone.now():
        raise NotPossible("Un départ se note quand il a eu lieu.")
    open_one = _open_absence(resident)
    if open_one is not None:
        return open_one
    absence = Absence.objects.create(
        resident=resident,
        source=source,
        left_at=at,
        left_by=user,
        hospital=hospital[:200],
        hospital_address=hospital_address,
    )
    record("absence_begun", absence, site=resident.site, user=user, resident=resident, source=source)
    return absence


@transaction.atomic
def do_announce_return(absence: Absence, *, user: User, on: date) -> None:
    """The hospital says which day the resident comes back."""
    begin(absence.resident.site)
    locked = _lock(absence, user)
    if locked.returned_at is not None:
        raise AlreadyDone("Ce résident est déjà revenu.")
    if on < timezone.localdate(locked.left_at):
        raise NotPossible("Le retour annoncé est avant le départ.")
    locked.expected_on, locked.announced_by = on, user
    locked.save(update_fields=["expected_on", "announced_by"])
    _record("return_announced", locked, user, on=str(on))


@transaction.atomic
def do_come_back(resident: Resident, *, source: Source, at: datetime, user: User | None = None) -> Absence | None:
    """The resident is back; None when he was not known to be away. A return is never before the leaving."""
    begin(resident.site)
    _check_cares(user, resident)
    absence = _open_absence(resident)
    if absence is None:
        return None
    absence.returned_at, absence.returned_by = max(at, absence.left_at), user
    absence.save(update_fields=["returned_at", "returned_by"])
    record("absence_ended", absence, site=resident.site, user=user, resident=resident, source=source)
    return absence


@transaction.atomic
def do_withdraw_absence(absence: Absence, *, user: User) -> None:
    """A leaving noted by mistake: it stays, withdrawn, and is counted nowhere."""
    begin(absence.resident.site)
    locked = _lock(absence, user)
    locked.withdrawn_at, locked.withdrawn_by = timezone.now(), user
    locked.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _record("absence_withdrawn", locked, user)


@transaction.atomic
def do_take_back_leaving(resident: Resident) -> Absence | None:
    """The home's software says that the leaving it told did not take place. None when there is none of its own.

    What a person noted stays: a person takes it back.
    """
    begin(resident.site)
    absence = _open_absence(resident)
    if absence is None or absence.source != Source.HL7:
        return None
    absence.withdrawn_at = timezone.now()
    absence.save(update_fields=["withdrawn_at"])
    record("absence_withdrawn", absence, site=resident.site, resident=resident, source=Source.HL7)
    return absence


@transaction.atomic
def do_take_back_return(resident: Resident) -> Absence | None:
    """The home's software says that the return it told did not take place: the last absence goes on.

    None when a person noted that return, or when another absence has begun since.
    """
    begin(resident.site)
    last = resident.absences.filter(withdrawn_at__isnull=True).order_by("-left_at", "-pk")
    absence = last.select_for_update(of=["self"]).first()
    if absence is None or absence.returned_at is None or absence.returned_by_id is not None:
        return None
    absence.returned_at = None
    absence.save(update_fields=["returned_at"])
    record("absence_goes_on", absence, site=resident.site, resident=resident, source=Source.HL7)
    return absence


@transaction.atomic
def do_settle_letter(absence: Absence, *, user: User) -> None:
    """A person says that the letter of a return came otherwise, or that none is waited for any more."""
    begin(absence.resident.site)
    locked = _lock(absence, user)
    if locked.letter_settled_at is not None:
        raise AlreadyDone("Cette lettre n'est déjà plus attendue.")
    locked.letter_settled_at, locked.letter_settled_by = timezone.now(), user
    locked.save(update_fields=["letter_settled_at", "letter_settled_by"])
    _record("letter_settled", locked, user)


@transaction.atomic
def do_wait_for_letter(absence: Absence, *, user: User) -> None:
    """The letter of a return is waited for again."""
    begin(absence.resident.site)
    locked = _lock(absence, user)
    if locked.letter_settled_at is None:
        raise AlreadyDone("Cette lettre est déjà attendue.")
    locked.letter_settled_at = locked.letter_settled_by = None
    locked.save(update_fields=["letter_settled_at", "letter_settled_by"])
    _record("letter_awaited", locked, user)


def _open_absence(resident: Resident) -> Absence | None:
    away = resident.absences.filter(returned_at__isnull=True, withdrawn_at__isnull=True)
    return away.select_for_update(of=["self"]).first()


def _lock(absence: Absence, user: User) -> Absence:
    locked = Absence.objects.select_for_update(of=["self"]).select_related("resident__site").get(pk=absence.pk)
    _check_cares(user, locked.resident)
    if locked.withdrawn_at is not None:
        raise AlreadyDone("Ce départ a été retiré : il avait été noté par erreur.")
    return locked


def _check_cares(user: User | None, resident: Resident) -> None:
    """``user`` None is the home's own software."""
    if user is not None and not has_role(user, resident.site, CARE_ROLES):
        raise NotAllowed("Votre rôle ne permet pas d'écrire dans les dossiers de cet établissement.")


def _record(action: str, absence: Absence, user: User, **details: str) -> None:
    record(action, absence, site=absence.resident.site, user=user, resident=absence.resident, **details)
