"""What the decree asks of the letter on the screen, and what was asked of the hospital."""

from typing import Any

from liaison.apps.blobs import store
from liaison.apps.exchanges.models import Answer
from liaison.apps.intake.models import Document
from liaison.core.cda.values import DISCHARGE_LETTER
from liaison.core.conformance.decree import DEMANDS, Item, checklist, lacking

STRUCTURED = 3
"""The level of a CDA whose sections can be read (CI-SIS, volet structuration minimale)."""
SIGNS = {"said": ("=", "dit", "ok"), "incomplete": ("≈", "incomplet", "warn"), "missing": ("≠", "manque", "bad")}


def checklist_of(document: Document) -> tuple[Item, ...]:
    """Read again from the bytes received; nothing when they cannot be, or are not those of a discharge letter."""
    if document.type_code != DISCHARGE_LETTER or document.level != STRUCTURED:
        return ()
    try:
        return checklist(store.get(document.source_leaf.blob))
    except (FileNotFoundError, store.BlobDamaged):
        return ()


def read_by_a_person(document: Document) -> bool:
    """A letter the software cannot check: no structure to read, or no code that says what it is."""
    unstructured = document.level != STRUCTURED
    return unstructured and (document.type_code in {DISCHARGE_LETTER, ""} or not document.content)


def decree_of(document: Document) -> dict[str, Any]:
    items = checklist_of(document)
    return {
        "decree": [(item, *SIGNS[item.verdict]) for item in items],
        "lacking": lacking(items),
        "demands": [demand.label for demand in DEMANDS] if read_by_a_person(document) else [],
        "request_sent": Answer.objects.filter(document=document, kind=Answer.Kind.REQUEST).first(),
    }
