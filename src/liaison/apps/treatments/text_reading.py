"""What the words of a letter without coded treatments say, of them and beside: read once, kept with its place."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.blobs import store
from liaison.apps.filing.read_facts import keep_facts
from liaison.apps.intake.models import Document
from liaison.apps.intake.readings import cda_of, to_json
from liaison.apps.treatments.actions import open_reconciliation
from liaison.apps.treatments.models import Reconciliation, TextReading
from liaison.core.cda.values import MedicationLine
from liaison.core.letter_facts.read import read_facts_of_text
from liaison.core.letter_facts.values import ReadFact
from liaison.core.medication.from_document import (
    of_narrative,
    of_text,
    read_body,
)
from liaison.core.medication.from_text.letter import READER_VERSION
from liaison.core.medication.from_text.unchanged import unchanged_notices
from liaison.core.notices import Notice, Unreadable
from liaison.ocr_process import read_words_of_pdf
from liaison.reading_process import apart

LATEST = 2000
SAID = ("coded", "none_stated")

Read = tuple[tuple[MedicationLine, ...], tuple[ReadFact, ...], tuple[Notice, ...]]


def is_to_be_read(document: Document) -> bool:
    """Whether only its words can tell its treatments: nothing is coded, and it does not say there are none."""
    return document.content.get("treatments") not in SAID


def unread_texts() -> list[int]:
    """The documents among the latest whose words no worker read."""
    latest = Document.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    waiting = Document.objects.filter(pk__gt=latest - LATEST, text_reading__isnull=True)
    silent = Q(content__treatments__isnull=True) | ~Q(content__treatments__in=SAID)
    return list(waiting.filter(silent).order_by("pk").values_list("pk", flat=True))


def do_read_text(document: Document) -> TextReading | None:
    """Read the words of a document, and compare them if it is in a record already. Safe to run again."""
    if not is_to_be_read(document):
        return None
    lines, facts, notices = read_words(document)
    with transaction.atomic():
        begin(document.site)
        locked = Document.objects.select_for_update(of=["self"]).select_related("site").get(pk=document.pk)
        reading, _ = TextReading.objects.update_or_create(
            document=locked,
            defaults={
                "reader_version": READER_VERSION,
                "read_at": timezone.now(),
                "lines": to_json(lines),
                "notices": to_json(notices),
            },
        )
        keep_facts(locked, facts)
        record("text_read", locked, site=locked.site, lines=len(lines), facts=len(facts), version=READER_VERSION)
        _open_where_filed(locked)
    return reading


def _open_where_filed(document: Document) -> None:
    filing = document.filings.select_related("resident__site").filter(withdrawn_at__isnull=True).first()
    standing = document.reconciliations.exclude(state=Reconciliation.State.WITHDRAWN)
    if filing and not standing.exists():
        open_reconciliation(document, filing.resident, user=None)


def read_words(document: Document) -> Read:
    """What the words of the document say to the reader of today: its treatments, the facts beside, the notices."""
    lines, facts, notices = _read(document)
    return lines, facts, (*notices, *unchanged_notices(document.text, lines))


def _read(document: Document) -> Read:
    cda, written = cda_of(document), document.effective_time[:10]
    if cda and cda.level != 1:
        return of_narrative(cda), (), ()
    if document.pdf_blob:
        return read_words_of_pdf(store.get(document.pdf_blob), written)
    if cda:
        body = apart(read_body, store.get(document.source_leaf.blob), written)
        return ((), (), (body.notice,)) if isinstance(body, Unreadable) else (*body, ())
    return of_text(document.text), read_facts_of_text(document.text, written), ()
