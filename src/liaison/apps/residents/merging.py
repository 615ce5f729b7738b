"""Two records of one person: put together, and taken apart again with every row where it was."""

from collections.abc import Iterator

from django.db import models, transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.audit.models import Entry
from liaison.apps.filing.jobs import offer_new_look
from liaison.apps.organisations.access import may_file
from liaison.apps.organisations.models import Site, User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.models import (
    Absence,
    CareTeamMember,
    IdentityChange,
    Resident,
    ResidentMerge,
    ResidentName,
    Source,
)
from liaison.apps.residents.names import follow_identity

STAYING: tuple[type[models.Model], ...] = (Entry, IdentityChange, Resident, ResidentMerge, ResidentName)
"""What does not move: the journal is never rewritten, a past of identity is that of its identity, and the merges.

The searched names are written anew from the two identities.
"""


@transaction.atomic
def do_merge_residents(
    *, survivor: Resident, absorbed: Resident, source: Source, reason: str, user: User | None = None
) -> ResidentMerge:
    """Move everything of ``absorbed`` into the record of ``survivor``, and keep what was moved so that it can go back.

    Raises NotAllowed, NotPossible, AlreadyDone.
    """
    begin(survivor.site)
    if source == Source.PERSON:
        _check_allowed(user, survivor.site)
    kept, gone = _locked(survivor, absorbed)
    _check_merge(kept, gone, reason)
    merge = ResidentMerge.objects.create(
        survivor=kept,
        absorbed=gone,
        source=source,
        merged_by=user,
        merged_at=timezone.now(),
        reason=reason.strip()[:300],
        survivor_was_present=kept.present,
        absorbed_was_present=gone.present,
        moved=_move_all(gone, kept),
    )
    _set_state(kept, present=kept.present or gone.present, merged_into=None)
    _set_state(gone, present=False, merged_into=kept)
    for resident in (kept, gone):
        record("residents_merged", merge, site=kept.site, user=user, resident=resident, source=source)
        follow_identity(resident, user=user)
    offer_new_look(kept.site_id)
    return merge


@transaction.atomic
def do_undo_merge(merge: ResidentMerge, *, user: User, reason: str) -> None:
    """Give back to each of the two records what was its own. What was written since stays with the survivor."""
    begin(merge.survivor.site)
    locked = ResidentMerge.objects.select_for_update(of=["self"]).select_related("survivor__site").get(pk=merge.pk)
    _check_allowed(user, locked.survivor.site)
    kept, gone = _locked(locked.survivor, locked.absorbed)
    if locked.undone_at is not None:
        raise AlreadyDone("Cette fusion est déjà annulée.")
    if kept.merged_into_id is not None:
        raise NotPossible("Ce dossier a été fusionné depuis : annulez d'abord cette fusion-là.")
    if not reason.strip():
        raise NotPossible("Dites pourquoi la fusion est annulée.")
    _move_back(locked.moved, kept, gone)
    _set_state(kept, present=locked.survivor_was_present, merged_into=None)
    _set_state(gone, present=locked.absorbed_was_present, merged_into=None)
    locked.undone_by, locked.undone_at, locked.undone_reason = user, timezone.now(), reason.strip()[:300]
    locked.save(update_fields=["undone_by", "undone_at", "undone_reason"])
    for resident in (kept, gone):
        record("merge_undone", locked, site=kept.site, user=user, resident=resident)
        follow_identity(resident, user=user)
    offer_new_look(kept.site_id)


def standing_record(resident: Resident) -> Resident:
    """The record that holds what is known of a resident now: his own, or the one he was merged into."""
    while resident.merged_into is not None:
        resident = resident.merged_into
    return resident


def _locked(one: Resident, other: Resident) -> tuple[Resident, Resident]:
    """Both rows, locked in the order of their numbers so that two merges never wait for each other crosswise."""
    rows = Resident.objects.select_for_update(of=["self"]).select_related("site").order_by("pk")
    found = {resident.pk: resident for resident in rows.filter(pk__in=[one.pk, other.pk])}
    return found[one.pk], found[other.pk]


def _check_allowed(user: User | None, site: Site) -> None:
    if user is None or not may_file(user, site):
        raise NotAllowed("Votre rôle ne permet pas de fusionner des dossiers dans cet établissement.")


def _check_merge(kept: Resident, gone: Resident, reason: str) -> None:
    if kept.pk == gone.pk:
        raise NotPossible("Un dossier ne se fusionne pas avec lui-même.")
    if kept.site_id != gone.site_id:
        raise NotPossible("Ces deux dossiers sont de deux établissements.")
    if kept.merged_into_id is not None or gone.merged_into_id is not None:
        raise AlreadyDone("L'un de ces dossiers est déjà fusionné avec un autre.")
    if not reason.strip():
        raise NotPossible("Dites pourquoi ces dossiers sont fusionnés.")


def _tables() -> Iterator[tuple[type[models.Model], str]]:
    """Every table that points at a resident, found from the models: a table added one day moves too."""
    for relation in Resident._meta.get_fields(include_hidden=True):  # noqa: SLF001 (Django's documented way to the model)
        if isinstance(relation, models.ManyToOneRel) and relation.related_model not in STAYING:
            yield relation.related_model, relation.field.name


def _move_all(gone: Resident, kept: Resident) -> dict[str, list[int]]:
    """The numbers of the rows moved, by « app.model.field »."""
    moved = {}
    for model, field in _tables():
        rows = model._base_manager.filter(**{field: gone})  # noqa: SLF001 (the manager Django promises hides no row)
        if model is CareTeamMember:
            rows = rows.exclude(professional__in=kept.care_team.values("professional"))
        if model is Absence and kept.absences.filter(returned_at__isnull=True, withdrawn_at__isnull=True).exists():
            rows = rows.exclude(returned_at__isnull=True, withdrawn_at__isnull=True)
        numbers = sorted(rows.values_list("pk", flat=True))
        model._base_manager.filter(pk__in=numbers).update(**{field: kept})  # noqa: SLF001 (as above)
        if numbers:
            moved[_name(model, field)] = numbers
    return moved


def _move_back(moved: dict[str, list[int]], kept: Resident, gone: Resident) -> None:
    for model, field in _tables():
        numbers = moved.get(_name(model, field), [])
        ours = {"pk__in": numbers, field: kept}
        model._base_manager.filter(**ours).update(**{field: gone})  # noqa: SLF001 (as above)


def _name(model: type[models.Model], field: str) -> str:
    return f"{model._meta.label_lower}.{field}"  # noqa: SLF001 (Django's documented way to the model)


def _set_state(resident: Resident, *, present: bool, merged_into: Resident | None) -> None:
    resident.present, resident.merged_into = present, merged_into
    resident.save(update_fields=["present", "merged_into"])
