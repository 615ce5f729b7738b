"""Finding the residents a document may be about."""

from datetime import timedelta

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

from liaison.apps.intake.models import Document
from liaison.apps.residents.models import Resident
from liaison.core.identity.traits import InsStatus, LocalIdentity
from liaison.core.people import Patient

SIMILAR_NAME = 0.4
LOST_AFTER = timedelta(seconds=60)
MOST_BY_NAME = 50
_INS_STATUSES: dict[str, InsStatus] = {"PROV": "PROV", "RECUP": "RECUP", "VALI": "VALI", "QUAL": "QUAL"}


def identity_of(resident: Resident) -> LocalIdentity:
    """The identity the home holds, as the core compares it. The key is the resident's uuid."""
    return LocalIdentity(
        key=str(resident.uuid),
        site=str(resident.site_id),
        ins=resident.ins,
        ins_oid=resident.ins_oid,
        ins_status=_INS_STATUSES[resident.ins_status],
        attributes=frozenset(),
        birth_family=resident.birth_family,
        birth_given=resident.birth_given,
        given_names=resident.given_names,
        used_family=resident.used_family,
        birth_date=resident.birth_date,
        sex=resident.sex,
        birth_place=resident.birth_place,
    )


def residents_near(claim: Patient | None, residents: QuerySet[Resident]) -> list[Resident]:
    """Every resident who holds the matricule or the birth date, and those whose name looks like it.

    Wide on purpose: the rule table must see all who could match, or its « one single match » would be a guess.
    """
    if claim is None:
        return []
    found = {resident.pk: resident for resident in residents.filter(_same_anchor(claim))}
    for resident in _similar_names(claim, residents):
        found.setdefault(resident.pk, resident)
    return list(found.values())


def unproposed_documents() -> list[int]:
    """The documents that wait for their proposal for longer than a job takes."""
    waiting = Document.objects.filter(state=Document.State.TO_MATCH, proposal__isnull=True)
    old = waiting.filter(created_at__lt=timezone.now() - LOST_AFTER, filings__isnull=True)
    return list(old.order_by("pk").values_list("pk", flat=True)[:500])


def find_residents(residents: QuerySet[Resident], text: str, limit: int = 20) -> list[Resident]:
    """Residents by the beginning of each word typed: names, room, or a birth date (JJ/MM/AAAA)."""
    found = residents
    for word in text.split():
        found = found.filter(_word_matches(word))
    return list(found.order_by("birth_family", "birth_given")[:limit])


def _same_anchor(claim: Patient) -> Q:
    anchor = Q()
    if claim.ins:
        anchor |= Q(ins=claim.ins)
    if claim.birth_date:
        anchor |= Q(birth_date=claim.birth_date[:10])
    return anchor if anchor else Q(pk__in=[])


def _similar_names(claim: Patient, residents: QuerySet[Resident]) -> QuerySet[Resident]:
    names = [name for name in (claim.birth_family, claim.used_family) if name]
    if not names:
        return residents.none()
    columns = ("birth_family", "used_family", "birth_given")
    similarity = Greatest(*(TrigramSimilarity(column, name) for column in columns for name in names))
    return (
        residents.annotate(likeness=similarity).filter(likeness__gte=SIMILAR_NAME).order_by("-likeness")[:MOST_BY_NAME]
    )


def _word_matches(word: str) -> Q:
    day, slash, rest = word.partition("/")
    if slash and rest.count("/") == 1:
        month, _, year = rest.partition("/")
        return Q(birth_date=f"{year}-{month:0>2}-{day:0>2}")
    fields = ("birth_family", "used_family", "birth_given", "used_given")
    by_name = Q(*((f"{field}__unaccent__istartswith", word) for field in fields), _connector=Q.OR)
    return by_name | Q(room__iexact=word)
