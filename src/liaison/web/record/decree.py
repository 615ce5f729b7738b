"""What the decree asks of the letter on the screen, and what was asked of the hospital."""

from typing import Any

from liaison.apps.blobs import store
from liaison.apps.exchanges.models import Answer
from liaison.apps.intake.models import Document
from liaison.core.cda.values import DISCHARGE_LETTER
from liaison.core.conformance.decree import Item, checklist, lacking

SIGNS = {"said": ("=", "dit", "ok"), "incomplete": ("≈", "incomplet", "warn"), "missing": ("≠", "manque", "bad")}


def checklist_of(document: Document) -> tuple[Item, ...]:
    """Read again from the bytes received; nothing when they cannot be, or are not those of a discharge letter."""
    if document.type_code != DISCHARGE_LETTER or document.level != 3:  # noqa: PLR2004 (the level of a structured CDA)
        return ()
    try:
        return checklist(store.get(document.source_leaf.blob))
    except (FileNotFoundError, store.BlobDamaged):
        return ()


def decree_of(document: Document) -> dict[str, Any]:
    items = checklist_of(document)
    return {
        "decree": [(item, *SIGNS[item.verdict]) for item in items],
        "lacking": lacking(items),
        "request_sent": Answer.objects.filter(document=document, kind=Answer.Kind.REQUEST).first(),
    }
