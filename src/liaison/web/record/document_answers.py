"""What the screen of a document says of the answer its sender has, or may be given."""

from typing import Any

from liaison.apps.blobs import store
from liaison.apps.exchanges.answers import Way, way_to_answer
from liaison.apps.exchanges.models import Answer
from liaison.apps.filing.setting_aside import ASIDE, error_code_of
from liaison.apps.intake.models import Document
from liaison.core.mail.report_writing import APPLICATION_ERRORS
from liaison.web.record.forms import REASONS_TO_SET_ASIDE


def answers_of(document: Document) -> dict[str, Any]:
    """``send_back`` is the address, the code and its words, when the document can be sent back now."""
    told = Answer.objects.filter(original=document.message_id, document__in=[document, None])
    told = told | Answer.objects.filter(original=document.message_id, document__isnull=True)
    return {
        "answers": told.select_related("asked_by"),
        "may_be_set_aside": document.state in ASIDE,
        "reasons_to_set_aside": REASONS_TO_SET_ASIDE,
        "send_back": _send_back(document),
    }


def _send_back(document: Document) -> dict[str, object] | None:
    if document.state not in ASIDE:
        return None
    way = _way(document)
    if way is None or Answer.objects.filter(document=document, kind=Answer.Kind.ERROR).exists():
        return None
    code = error_code_of(document)
    return {"to": way.address, "by_mdn": way.by_mdn, "code": code, "words": APPLICATION_ERRORS[code]}


def _way(document: Document) -> Way | None:
    """None too when the message cannot be read again now."""
    try:
        return way_to_answer(document.message)
    except (FileNotFoundError, store.BlobDamaged):
        return None
