"""The identities a resident has had, and the names he may be searched under, kept with each change."""

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Q

from liaison.apps.audit.actions import record
from liaison.apps.organisations.models import User
from liaison.apps.residents.models import IdentityChange, Resident, ResidentName
from liaison.core.identity.decide import HOMONYM_ATTRIBUTE
from liaison.core.identity.search import KEY_NAMES, SearchedName, names_of
from liaison.core.identity.traits import InsStatus, LocalIdentity

_STATUSES: dict[str, InsStatus] = {"PROV": "PROV", "RECUP": "RECUP", "VALI": "VALI", "QUAL": "QUAL"}
_TRAITS = (
    "ins",
    "ins_oid",
    "ins_status",
    "birth_family",
    "birth_given",
    "given_names",
    "used_family",
    "used_given",
    "birth_date",
    "sex",
    "birth_place",
)
MOST_FORMER = 20
MOST_NAME_CHARACTERS = 150


def identity_of(resident: Resident) -> LocalIdentity:
    """The identity the home holds now, as the core compares it. The key is the resident's uuid."""
    return _as_identity(resident, {name: getattr(resident, name) for name in _TRAITS})


def identities_of(residents: Iterable[Resident], absorbed: Iterable[Resident] = ()) -> list[LocalIdentity]:
    """The same, each with the identities held before: its own, and those of the records merged into it.

    ``absorbed`` are the records merged into one of these, when the caller has them already.
    """
    known = {resident.pk: resident for resident in residents}
    family = _families(known.values(), list(absorbed))
    changes: dict[int, list[IdentityChange]] = {}
    for change in IdentityChange.objects.filter(resident__in=[each.pk for each in family]):
        changes.setdefault(change.resident_id, []).append(change)
    former: dict[int, list[LocalIdentity]] = {}
    for member, stands in family.items():
        own = [identity_of(member)] if member.pk != stands.pk else []
        former.setdefault(stands.pk, []).extend([*own, *_past(member, changes.get(member.pk, []))])
    return [_with_past(resident, former[resident.pk]) for resident in known.values()]


def write_names(resident: Resident) -> None:
    """Put the resident's searched names in step with his identity. Inside the transaction that changed it."""
    ResidentName.objects.filter(resident=resident).delete()
    if resident.merged_into_id is None:
        (identity,) = identities_of([resident], resident.absorbed.all())
        _add_names(resident, identity)


def follow_new_identity(resident: Resident, *, user: User | None = None) -> None:
    """The searched names and the homonyms of a resident taken in just now, who has no past."""
    _add_names(resident, identity_of(resident))
    _mark_namesakes(resident, user)


def follow_identity(resident: Resident, *, user: User | None = None, renamed: bool = True) -> None:
    """What follows from an identity that has changed: its searched names and, with new names, its homonyms.

    In the same transaction. Where no name changed, the attribute that a person took away does not come back.
    """
    write_names(resident)
    if renamed:
        _mark_namesakes(resident, user)


def _add_names(resident: Resident, identity: LocalIdentity) -> None:
    ResidentName.objects.bulk_create(name_row(resident.pk, resident.site_id, name) for name in names_of(identity))


def _mark_namesakes(resident: Resident, user: User | None) -> None:
    for namesake in namesakes_of(resident):
        mark_homonym(namesake, user=user)


def name_row(resident_id: int, site_id: int, name: SearchedName) -> ResidentName:
    return ResidentName(
        resident_id=resident_id,
        site_id=site_id,
        kind=name.kind,
        family=name.family[:MOST_NAME_CHARACTERS],
        given=name.given[: 2 * MOST_NAME_CHARACTERS],
        birth_date=name.birth_date,
        sex=name.sex,
        ins=name.ins,
        **dict(zip(KEY_NAMES, name.keys, strict=True)),
    )


def mark_homonym(resident: Resident, *, user: User | None = None) -> None:
    """Give a resident the attribute « homonyme », by caution: it warns and stops nothing.

    Nobody loses it here: a person takes it away.
    """
    if not resident.homonym:
        resident.homonym = True
        resident.save(update_fields=["homonym"])
        record("homonym_noted", resident, site=resident.site, user=user, resident=resident)


def namesakes_of(resident: Resident) -> list[Resident]:
    """The resident and those of the home who bear his names; nobody when nobody else does."""
    now = ResidentName.objects.filter(resident=resident).exclude(kind=ResidentName.Kind.FORMER)
    same = Q(pk__in=[])
    for name in now:
        same |= Q(family=name.family, given=name.given)
    others = ResidentName.objects.filter(same, site=resident.site_id).exclude(resident=resident)
    others = others.exclude(kind=ResidentName.Kind.FORMER).filter(resident__present=True)
    namesakes = list(Resident.objects.filter(pk__in=others.values("resident")).select_related("site"))
    return [resident, *namesakes] if namesakes else []


def _families(residents: Iterable[Resident], absorbed: list[Resident]) -> dict[Resident, Resident]:
    """Each record with those merged into it, one into the other, by the record that stands for it."""
    stands = {resident: resident for resident in residents}
    while absorbed:
        by_pk = {resident.pk: stood for resident, stood in stands.items()}
        fresh = {each: by_pk[each.merged_into_id] for each in absorbed if each.merged_into_id in by_pk}
        stands |= fresh
        absorbed = list(Resident.objects.filter(merged_into__in=list(fresh))) if fresh else []
    return stands


def _past(resident: Resident, changes: list[IdentityChange]) -> list[LocalIdentity]:
    """The identities there were before each change, the last one first."""
    traits = {name: getattr(resident, name) for name in _TRAITS}
    past = []
    for change in sorted(changes, key=lambda each: each.pk, reverse=True):
        traits = {**traits, **{name: value for name, value in change.before.items() if name in traits}}
        past.append(_as_identity(resident, traits))
    return past


def _with_past(resident: Resident, past: list[LocalIdentity]) -> LocalIdentity:
    now = identity_of(resident)
    distinct = dict.fromkeys(each for each in past if _persons(each) != _persons(now))
    return replace(now, former=tuple(distinct)[:MOST_FORMER])


def _persons(identity: LocalIdentity) -> tuple[str, ...]:
    """What tells two identities apart, the status left out."""
    return tuple(getattr(identity, name) for name in _TRAITS if name != "ins_status")


def _as_identity(resident: Resident, traits: dict[str, str]) -> LocalIdentity:
    attributes = {resident.doubt, HOMONYM_ATTRIBUTE if resident.homonym else ""} - {""}
    return LocalIdentity(
        key=str(resident.uuid),
        site=str(resident.site_id),
        ins=traits["ins"],
        ins_oid=traits["ins_oid"],
        ins_status=_STATUSES[traits["ins_status"]],
        attributes=frozenset(attributes),
        birth_family=traits["birth_family"],
        birth_given=traits["birth_given"],
        given_names=traits["given_names"],
        used_family=traits["used_family"],
        used_given=traits["used_given"],
        birth_date=traits["birth_date"],
        sex=traits["sex"],
        birth_place=traits["birth_place"],
    )
