"""What changes a resident's record."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.directory.models import Professional
from liaison.apps.intake.models import Document
from liaison.apps.intake.readings import cda_of
from liaison.apps.organisations.access import CARE_ROLES, has_role
from liaison.apps.organisations.models import Site, User
from liaison.apps.refusals import AlreadyDone, NotAllowed
from liaison.apps.residents.models import CareTeamMember, FollowUpTask, RecordedAllergy, Resident, Stay
from liaison.core.cda.values import SECTION_REASON, SECTION_SYNTHESIS, CdaDocument


@transaction.atomic
def do_register(
    *, site: Site, identity: dict[str, Any], care_team: list[tuple[Professional, CareTeamMember.Role]]
) -> Resident:
    """Take a resident in, with the identity the home holds and the professionals around."""
    begin(site)
    resident = Resident.objects.create(site=site, **identity)
    CareTeamMember.objects.bulk_create(
        CareTeamMember(resident=resident, professional=professional, role=role) for professional, role in care_team
    )
    record("resident_registered", resident, site=site, resident=resident, ins_status=resident.ins_status)
    return resident


def write_letter(document: Document, resident: Resident) -> None:
    """What a letter says, in the record, each with its source. Inside the transaction of the filing."""
    cda = cda_of(document)
    if cda is None:
        return
    _write_stay(document, resident, cda)
    RecordedAllergy.objects.bulk_create(
        RecordedAllergy(resident=resident, document=document, agent=one.agent[:200], reaction=one.reaction[:200])
        for one in cda.allergies
        if not one.negated
    )
    FollowUpTask.objects.bulk_create(_tasks(document, resident, cda))


def _write_stay(document: Document, resident: Resident, cda: CdaDocument) -> None:
    if not (cda.stay_start or cda.stay_end):
        return
    texts = {section.code: section.text for section in cda.sections}
    Stay.objects.create(
        resident=resident,
        document=document,
        start=cda.stay_start[:40],
        end=cda.stay_end[:40],
        hospital=cda.custodian.name[:200],
        reason=texts.get(SECTION_REASON, ""),
        synthesis=texts.get(SECTION_SYNTHESIS, ""),
    )


def _tasks(document: Document, resident: Resident, cda: CdaDocument) -> list[FollowUpTask]:
    kinds = FollowUpTask.Kind
    expected = [(kinds.EXPECTED_RESULT, text, "") for text in cda.expected_results]
    follow_up = [(kinds.FOLLOW_UP, item.label, item.when) for item in cda.follow_up]
    return [
        FollowUpTask(resident=resident, document=document, kind=kind, label=label, due=due[:40])
        for kind, label, due in (*expected, *follow_up)
    ]


def withdraw_letter(document: Document) -> None:
    """Strike what a letter wrote. Inside the transaction of the unfiling."""
    for model in (Stay, RecordedAllergy, FollowUpTask):
        model.objects.filter(document=document, withdrawn_at__isnull=True).update(withdrawn_at=timezone.now())


@transaction.atomic
def do_confirm_allergy(allergy: RecordedAllergy, *, user: User) -> None:
    """A person confirms an allergy that a letter states."""
    begin(allergy.resident.site)
    locked = RecordedAllergy.objects.select_for_update(of=["self"]).select_related("resident__site").get(pk=allergy.pk)
    _check_cares(user, locked.resident)
    if locked.confirmed_at is not None:
        raise AlreadyDone("Cette allergie est déjà confirmée.")
    locked.confirmed_by, locked.confirmed_at = user, timezone.now()
    locked.save(update_fields=["confirmed_by", "confirmed_at"])
    record("allergy_confirmed", locked, site=locked.resident.site, user=user, resident=locked.resident)


@transaction.atomic
def do_complete_task(task: FollowUpTask, *, user: User) -> None:
    """A person says that what the letter asked for is done."""
    begin(task.resident.site)
    locked = FollowUpTask.objects.select_for_update(of=["self"]).select_related("resident__site").get(pk=task.pk)
    _check_cares(user, locked.resident)
    if locked.done_at is not None:
        raise AlreadyDone("Cette suite est déjà faite.")
    locked.done_by, locked.done_at = user, timezone.now()
    locked.save(update_fields=["done_by", "done_at"])
    record("task_completed", locked, site=locked.resident.site, user=user, resident=locked.resident)


def _check_cares(user: User, resident: Resident) -> None:
    if not has_role(user, resident.site, CARE_ROLES):
        raise NotAllowed("Votre rôle ne permet pas d'écrire dans les dossiers de cet établissement.")
