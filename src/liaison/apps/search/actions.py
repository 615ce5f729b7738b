"""The trace of a search: that it was made and how much it showed, never its words (law 5)."""

from collections import Counter
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, kind_of, record
from liaison.apps.audit.models import Entry
from liaison.apps.organisations.access import sites_of
from liaison.apps.organisations.models import Site, User
from liaison.apps.search.queries import Found

ONE_SEARCH = timedelta(minutes=1)
"""What is found while a person goes on typing is one search."""


@transaction.atomic
def do_trace_search(found: Found, *, user: User) -> None:
    """One entry in the journal of each site whose residents, documents or messages were shown.

    A search that finds nothing is written in those of all the person's sites.
    """
    sites = sites_of(user).order_by("pk")
    shown = Counter(found.sites)
    for site in sites.filter(pk__in=shown) if shown else sites:
        if not _just_traced(user, site):
            begin(site)
            record("searched", user, site=site, user=user, shown=shown[site.pk])


def _just_traced(user: User, site: Site) -> bool:
    entries = Entry.objects.filter(site=site, subject_type=kind_of(user), subject_id=str(user.uuid), action="searched")
    return entries.filter(at__gt=timezone.now() - ONE_SEARCH).exists()
