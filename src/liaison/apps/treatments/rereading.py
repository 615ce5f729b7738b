"""Letters read before by an older reader, read again by the one of today.

What no person has touched is brought up to date. Where a person has filed the letter, the difference is proposed to a
person; nothing that was prepared, sent or decided ever changes by it. What the words say beside the treatments is
proposed as for a new letter: what a person decided of it stays decided.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.filing.read_facts import keep_facts
from liaison.apps.intake.models import Document
from liaison.apps.intake.readings import medication_from_json, to_json
from liaison.apps.organisations.access import may_file
from liaison.apps.organisations.models import User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.treatments.actions import open_reconciliation
from liaison.apps.treatments.models import Reconciliation, ReconciliationLine, Rereading, TextReading
from liaison.apps.treatments.text_reading import Read, read_words
from liaison.core.cda.values import MedicationLine
from liaison.core.medication.from_text.letter import READER_VERSION

State = Rereading.State
BATCH = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """The lines that only the old reading has, and those that only the new one has."""

    gone: tuple[MedicationLine, ...]
    come: tuple[MedicationLine, ...]


def documents_to_reread(since: date | None) -> Iterator[Document]:
    """The documents an older reader read, received since that day, the latest first."""
    older = TextReading.objects.exclude(reader_version=READER_VERSION)
    older = older.exclude(document__rereadings__reader_version=READER_VERSION)
    if since:
        older = older.filter(document__message__received_at__date__gte=since)
    numbers = list(older.order_by("-document_id").values_list("document_id", flat=True))
    rows = Document.objects.select_related("site", "source_leaf", "pdf_leaf")
    for start in range(0, len(numbers), BATCH):
        yield from rows.filter(pk__in=numbers[start : start + BATCH]).order_by("-pk")


def do_reread(document: Document) -> Rereading | None:
    """Read the words again, and keep or propose what differs. None when this reader has read them already."""
    read = read_words(document)
    with transaction.atomic():
        begin(document.site)
        locked = Document.objects.select_for_update(of=["self"]).select_related("site").get(pk=document.pk)
        kept = TextReading.objects.filter(document=locked).exclude(reader_version=READER_VERSION).first()
        if kept is None or locked.rereadings.filter(reader_version=READER_VERSION).exists():
            return None
        return _keep(locked, kept, read)


def _keep(document: Document, kept: TextReading, read: Read) -> Rereading:
    lines, facts, notices = read
    before = kept.reader_version
    rereading = Rereading(
        document=document,
        reader_version=READER_VERSION,
        read_at=timezone.now(),
        lines=to_json(lines),
        notices=to_json(notices),
    )
    rereading.state = _state_of(document, kept, rereading)
    rereading.save()
    if rereading.state != State.PROPOSED:
        _replace(kept, rereading)
    keep_facts(document, facts)
    record(
        "text_reread",
        document,
        site=document.site,
        version=READER_VERSION,
        before=before,
        state=rereading.state,
        lines=len(lines),
        facts=len(facts),
    )
    return rereading


def _state_of(document: Document, kept: TextReading, rereading: Rereading) -> State:
    difference = difference_of(kept, rereading)
    if not (difference.gone or difference.come):
        return State.SAME
    return State.PROPOSED if document.filings.filter(withdrawn_at__isnull=True).exists() else State.TAKEN


def difference_of(kept: TextReading, rereading: Rereading) -> Difference:
    """Line by line, whatever their order and their places on the page."""
    old, new = ([medication_from_json(line) for line in lines] for lines in (kept.lines, rereading.lines))
    before, after = ({_essence(line) for line in lines} for lines in (old, new))
    return Difference(
        tuple(line for line in old if _essence(line) not in after),
        tuple(line for line in new if _essence(line) not in before),
    )


def _essence(line: MedicationLine) -> MedicationLine:
    return replace(line, places=(), excerpt="", narrative="", page=None)


def _replace(kept: TextReading, rereading: Rereading) -> None:
    kept.lines, kept.notices = rereading.lines, rereading.notices
    kept.reader_version, kept.read_at = rereading.reader_version, rereading.read_at
    kept.save(update_fields=["lines", "notices", "reader_version", "read_at"])


@transaction.atomic
def do_take_rereading(rereading: Rereading, *, user: User) -> None:
    """A person takes the new reading; the letter is compared again. Raises Refused once the old one was worked on."""
    begin(rereading.document.site)
    locked = _lock(rereading, user)
    standing = locked.document.reconciliations.exclude(state=Reconciliation.State.WITHDRAWN)
    if any(map(_is_worked_on, standing)):
        raise NotPossible(
            "Des lignes de cette lettre sont déjà préparées, envoyées ou décidées : elles ne changent plus. Gardez"
            " l'ancienne lecture, et corrigez le traitement ligne par ligne s'il le faut."
        )
    standing.update(state=Reconciliation.State.WITHDRAWN)
    _replace(TextReading.objects.get(document=locked.document), locked)
    _settle(locked, State.TAKEN, user)
    filing = locked.document.filings.select_related("resident__site").filter(withdrawn_at__isnull=True).first()
    if filing:
        open_reconciliation(locked.document, filing.resident, user=user)


@transaction.atomic
def do_keep_old_reading(rereading: Rereading, *, user: User) -> None:
    """A person has looked, and the reading of before stays. Raises Refused."""
    begin(rereading.document.site)
    _settle(_lock(rereading, user), State.KEPT, user)


def _is_worked_on(reconciliation: Reconciliation) -> bool:
    lines = ReconciliationLine.objects.filter(reconciliation=reconciliation)
    touched = lines.filter(Q(decisions__isnull=False) | Q(prepared_at__isnull=False))
    return touched.exists() or reconciliation.transmissions.exists()


def _lock(rereading: Rereading, user: User) -> Rereading:
    rows = Rereading.objects.select_for_update(of=["self"]).select_related("document__site")
    locked = rows.get(pk=rereading.pk)
    if not may_file(user, locked.document.site):
        raise NotAllowed("Une secrétaire médicale ou un médecin coordonnateur choisit entre deux lectures.")
    if locked.state != State.PROPOSED:
        raise AlreadyDone("Le choix entre ces deux lectures est déjà fait.")
    return locked


def _settle(rereading: Rereading, state: State, user: User) -> None:
    rereading.state, rereading.decided_by, rereading.decided_at = state, user, timezone.now()
    rereading.save(update_fields=["state", "decided_by", "decided_at"])
    details: dict[str, Any] = {"version": rereading.reader_version}
    action = "rereading_taken" if state == State.TAKEN else "rereading_refused"
    record(action, rereading.document, site=rereading.document.site, user=user, **details)
