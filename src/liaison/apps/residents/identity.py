"""Changing what the home holds of a resident's identity and place. An identity that changes keeps its past."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.filing.jobs import offer_new_look
from liaison.apps.organisations.access import may_file
from liaison.apps.organisations.models import User
from liaison.apps.refusals import NotAllowed, NotPossible
from liaison.apps.residents.models import IdentityChange, Resident, Source
from liaison.apps.residents.names import follow_identity

CHECKED_TRAITS = frozenset(
    {"ins", "ins_oid", "birth_family", "birth_given", "given_names", "birth_date", "sex", "birth_place"}
)
NAMES = frozenset({"birth_family", "birth_given", "given_names", "used_family", "used_given"})
TRAITS = CHECKED_TRAITS | {"ins_status", "doubt", "used_family", "used_given", "local_id"}


@transaction.atomic
def do_change_identity(
    resident: Resident,
    *,
    source: Source,
    traits: Mapping[str, str],
    reason: str,
    user: User | None = None,
    look_again: bool = True,
) -> IdentityChange | None:
    """Write these traits in a resident's identity; None when they were so already. Raises NotAllowed, NotPossible.

    A checked identity is that of the traits that were checked: when one of them changes and nobody states the status
    of the new identity, it is provisional again (RNIV: a status belongs to the traits it was given to). The documents
    that wait are looked at again, unless the caller asks for that himself.
    """
    begin(resident.site)
    if source == Source.PERSON and not (user and may_file(user, resident.site)):
        raise NotAllowed("Votre rôle ne permet pas de changer une identité dans cet établissement.")
    if not reason.strip() or not set(traits) <= TRAITS:
        raise NotPossible("Dites pourquoi l'identité change.")
    locked = Resident.objects.select_for_update(of=["self"]).select_related("site").get(pk=resident.pk)
    after = changes_of(locked, traits)
    if not after:
        return None
    before = {name: getattr(locked, name) for name in after}
    for name, value in after.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(after))
    change = IdentityChange.objects.create(
        resident=locked,
        source=source,
        changed_by=user,
        changed_at=timezone.now(),
        reason=reason.strip()[:300],
        before=before,
        after=after,
    )
    record(
        "identity_changed", locked, site=locked.site, user=user, resident=locked, traits=sorted(after), source=source
    )
    follow_identity(locked, user=user, renamed=bool(after.keys() & NAMES))
    if look_again:
        offer_new_look(locked.site_id)
    return change


def changes_of(resident: Resident, traits: Mapping[str, str]) -> dict[str, str]:
    """Those of ``traits`` that the home does not hold so, with the status they bring down."""
    changed = {name: value for name, value in traits.items() if getattr(resident, name) != value}
    provisional = Resident.InsStatus.PROVISIONAL
    if changed.keys() & CHECKED_TRAITS and "ins_status" not in traits and resident.ins_status != provisional:
        changed["ins_status"] = provisional
    return changed


@transaction.atomic
def do_place(resident: Resident, *, source: Source, room: str = "", present: bool | None = None) -> bool:
    """Where the resident is: the room (empty: not said) and whether he lives here; whether that changed anything."""
    begin(resident.site)
    locked = Resident.objects.select_for_update(of=["self"]).select_related("site").get(pk=resident.pk)
    said = place_changes_of(locked, room, present)
    if not said:
        return False
    for name, value in said.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(said))
    if "present" in said:
        offer_new_look(locked.site_id)
    record("resident_placed", locked, site=locked.site, resident=locked, present=locked.present, source=source)
    return True


def place_changes_of(resident: Resident, room: str, present: bool | None) -> dict[str, str | bool]:
    """What the room and presence said change in what the home holds."""
    said: dict[str, str | bool] = {}
    if room and room != resident.room:
        said["room"] = room
    if present is not None and present != resident.present:
        said["present"] = present
    return said
