"""Who is in hospital, and who came back without the letter the decree asks for (CSP art. R1112-1-2)."""

from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from liaison.apps.filing.models import Filing
from liaison.apps.residents.models import Absence
from liaison.core.cda.values import DISCHARGE_LETTER

HOSPITAL_REPORT = "34105-7"
LETTERS = (DISCHARGE_LETTER, HOSPITAL_REPORT)


def returns_without_letter(absences: QuerySet[Absence], *, since: datetime) -> QuerySet[Absence]:
    """The absences ended since then for which no letter or report stands in the record, the longest waiting first.

    ``documents`` counts the other documents filed since the leaving: a letter that came as a bare PDF is among them,
    and only a person can say so.
    """
    standing = Filing.objects.filter(
        resident=OuterRef("resident"), withdrawn_at__isnull=True, filed_at__gte=OuterRef("left_at")
    )
    filed_since = Q(resident__filings__withdrawn_at__isnull=True, resident__filings__filed_at__gte=F("left_at"))
    ended = absences.filter(returned_at__gte=since).exclude(Exists(standing.filter(document__type_code__in=LETTERS)))
    return ended.annotate(documents=Count("resident__filings", filter=filed_since)).order_by("returned_at", "pk")


def returns_expected(absences: QuerySet[Absence]) -> QuerySet[Absence]:
    """Those in hospital now, the longest away first."""
    return absences.filter(returned_at__isnull=True).order_by("left_at", "pk")
