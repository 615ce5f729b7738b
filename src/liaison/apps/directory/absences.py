"""Holidays of professionals, and who stands in for them."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.directory.adopting import check_may_keep
from liaison.apps.directory.models import Absence, Professional
from liaison.apps.organisations.models import Site, User
from liaison.apps.refusals import AlreadyDone, NotPossible

LONGEST = timedelta(days=732)


@transaction.atomic
def do_record_absence(
    professional: Professional,
    *,
    site: Site,
    user: User,
    starts_on: date,
    ends_on: date,
    replacement: Professional | None = None,
    note: str = "",
) -> Absence:
    """A professional is away from one day to another, both included; the sending screens propose his replacement."""
    begin(site)
    check_may_keep(user, site)
    if ends_on < starts_on:
        raise NotPossible("La fin de l'absence est avant son début.")
    if ends_on - starts_on > LONGEST:
        raise NotPossible("Une absence dure deux ans au plus : retirez plutôt ce professionnel de l'équipe.")
    if replacement is not None and replacement.pk == professional.pk:
        raise NotPossible("Un professionnel ne se remplace pas lui-même.")
    absence = Absence.objects.create(
        professional=professional,
        replacement=replacement,
        starts_on=starts_on,
        ends_on=ends_on,
        note=note.strip()[:300],
        recorded_by=user,
        recorded_at=timezone.now(),
    )
    record("professional_absence_recorded", absence, site=site, user=user, professional=str(professional.uuid))
    return absence


@transaction.atomic
def do_cancel_absence(absence: Absence, *, site: Site, user: User) -> None:
    """The professional is back earlier, or never left."""
    begin(site)
    check_may_keep(user, site)
    locked = Absence.objects.select_for_update(of=["self"]).get(pk=absence.pk)
    if locked.cancelled_at is not None:
        raise AlreadyDone("Cette absence est déjà annulée.")
    locked.cancelled_by, locked.cancelled_at = user, timezone.now()
    locked.save(update_fields=["cancelled_by", "cancelled_at"])
    record("professional_absence_cancelled", locked, site=site, user=user)


def absences_on(day: date, professionals: Iterable[Professional]) -> dict[int, Absence]:
    """The absence of each professional who is away that day, by his number; the one that ends last when several."""
    standing = Absence.objects.filter(
        professional__in=list(professionals), starts_on__lte=day, ends_on__gte=day, cancelled_at__isnull=True
    )
    rows = standing.select_related("replacement").prefetch_related("replacement__addresses").order_by("ends_on")
    return {absence.professional_id: absence for absence in rows}
