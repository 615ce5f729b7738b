"""Who is in hospital, and who came back without the letter the decree asks for (CSP art. R1112-1-2)."""

from datetime import datetime, timedelta

from django.db.models import CharField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Value

from liaison.apps.filing.models import Filing, Proposal
from liaison.apps.residents.models import Absence
from liaison.core.cda.values import DISCHARGE_LETTER, HOSPITAL_REPORT

DISCHARGE_SUMMARY = "34105-7"
BACK_FROM_EMERGENCY = "74207-2"
LOOKED_BACK = timedelta(days=60)
LETTERS = (DISCHARGE_LETTER, HOSPITAL_REPORT, DISCHARGE_SUMMARY, BACK_FROM_EMERGENCY)

WAITING = Q(document__state="proposed", document__type_code__in=LETTERS)


def returns_without_letter(absences: QuerySet[Absence], *, since: datetime) -> QuerySet[Absence]:
    """The absences ended since then for which no letter or report stands in the record, the longest waiting first.

    A letter written before the leaving is of another stay. ``documents`` counts the other documents filed since the
    leaving: a letter that came as a bare PDF is among them, and only a person can say so. ``arrived`` says that a
    letter of this stay waits for a person to file it.
    """
    filed_since = Q(resident__filings__withdrawn_at__isnull=True, resident__filings__filed_at__gte=F("left_at"))
    lacking = _lacking(absences, since)
    counted = lacking.annotate(documents=Count("resident__filings", filter=filed_since), arrived=_letter_waits())
    return counted.order_by("arrived", "returned_at", "pk")


def letters_to_ask_for(absences: QuerySet[Absence], *, since: datetime) -> int:
    """How many returns have no letter at all, not even one that waits to be filed."""
    return _lacking(absences, since).exclude(_letter_waits()).count()


def _lacking(absences: QuerySet[Absence], since: datetime) -> QuerySet[Absence]:
    standing = Filing.objects.filter(
        _of_this_stay(),
        resident=OuterRef("resident"),
        withdrawn_at__isnull=True,
        filed_at__gte=OuterRef("left_at"),
        document__type_code__in=LETTERS,
        document__state="filed",
    )
    awaited = absences.filter(returned_at__gte=since, withdrawn_at__isnull=True, letter_settled_at__isnull=True)
    return awaited.exclude(Exists(standing))


def _letter_waits() -> Exists:
    return Exists(Proposal.objects.filter(_of_this_stay(), WAITING, resident=OuterRef("resident")))


def _of_this_stay() -> Q:
    """A document written on the day of the leaving or after, or on no day that is said."""
    left = Func(OuterRef("left_at"), Value("YYYY-MM-DD"), function="to_char", output_field=CharField())
    return Q(document__effective_time="") | Q(document__effective_time__gte=left)


def returns_expected(absences: QuerySet[Absence]) -> QuerySet[Absence]:
    """Those in hospital now: the returns announced first, by their day, then the longest away."""
    away = absences.filter(returned_at__isnull=True, withdrawn_at__isnull=True)
    return away.order_by(F("expected_on").asc(nulls_last=True), "left_at", "pk")
