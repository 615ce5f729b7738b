"""The list of trusted domains kept up with the published one; the last good list stays."""

import hashlib
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.directory.models import Edition, TrustedDomain
from liaison.apps.refusals import NotPossible
from liaison.core.directory.allow_list import read_allow_list
from liaison.core.notices import Unreadable

SHRUNK = "La liste ne porte que {now} domaines, contre {before} dans celle en service : elle est sans doute tronquée."


def do_take_allow_list(content: bytes, *, published_at: datetime, smaller: bool = False) -> Edition:
    """Put a published list (XML) in service; the domains somebody declared by hand stay.

    Raises NotPossible, in French, and then the list in service stays; the refusal is kept for the screens.
    """
    try:
        return _take(content, published_at, smaller=smaller)
    except NotPossible as refusal:
        _note_refusal(content, published_at, str(refusal))
        raise


@transaction.atomic
def _take(content: bytes, published_at: datetime, *, smaller: bool) -> Edition:
    begin(None)
    domains = read_allow_list(content)
    if isinstance(domains, Unreadable):
        raise NotPossible(domains.notice.message)
    lists = Edition.objects.select_for_update().filter(source=Edition.Source.ALLOW_LIST)
    former = lists.filter(state=Edition.State.CURRENT).first()
    if former and not smaller and len(domains) < former.entries * (1 - settings.DIRECTORY_MOST_SHRINKING):
        raise NotPossible(SHRUNK.format(now=len(domains), before=former.entries))
    lists.filter(state=Edition.State.CURRENT).update(state=Edition.State.REPLACED)
    edition = _edition(content, published_at, Edition.State.CURRENT, entries=len(domains))
    TrustedDomain.objects.filter(listed=True).exclude(domain__in=domains).delete()
    TrustedDomain.objects.bulk_create(
        [TrustedDomain(domain=domain, listed=True) for domain in domains],
        update_conflicts=True,
        update_fields=["listed"],
        unique_fields=["domain"],
    )
    record("allow_list_taken", edition, site=None, domains=len(domains))
    return edition


@transaction.atomic
def _note_refusal(content: bytes, published_at: datetime, reason: str) -> None:
    begin(None)
    edition = _edition(content, published_at, Edition.State.REFUSED, refusal=reason[:300])
    record("allow_list_refused", edition, site=None)


def _edition(content: bytes, published_at: datetime, state: Edition.State, **more: object) -> Edition:
    now = timezone.now()
    return Edition.objects.create(
        source=Edition.Source.ALLOW_LIST,
        state=state,
        sha256=hashlib.sha256(content).hexdigest(),
        published_at=min(published_at, now),
        started_at=now,
        finished_at=now,
        **more,
    )
