"""What the answering page shows of its one exchange."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from liaison.apps.exchanges.models import AnswerLink, Recipient
from liaison.apps.intake.models import Document
from liaison.apps.intake.readings import cda_of
from liaison.apps.treatments.models import ReconciliationLine
from liaison.apps.treatments.words import SUGGESTIONS, Status, held, in_letter
from liaison.web.answer.forms import AnswerLineForm, GeneralForm
from liaison.web.record.document_page import page_count

TONES = {Status.CONTINUED: "ok", Status.STOPPED: "warn", Status.NOT_MENTIONED: "warn"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recipient's exchange: his link, the letter, its lines."""

    link: AnswerLink
    recipient: Recipient
    document: Document
    lines: tuple[ReconciliationLine, ...]
    pages: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line as the doctor reads it; ``decided`` in words once a prescriber of the home has decided."""

    line: ReconciliationLine
    held: str
    letter: str
    suggestion: str
    tone: str
    decided: str
    form: AnswerLineForm


def exchange_of(link: AnswerLink) -> Exchange:
    rows = Recipient.objects.select_related(
        "professional",
        "transmission__site",
        "transmission__resident",
        "transmission__document__pdf_leaf",
        "transmission__document__message",
        "transmission__reconciliation",
        "transmission__prepared_by",
    )
    recipient = rows.get(pk=link.recipient_id)
    transmission = recipient.transmission
    taken = transmission.reconciliation
    lines = taken.lines.select_related("current").prefetch_related("decisions") if taken else ()
    document = transmission.document
    return Exchange(link, recipient, document, tuple(lines), page_count(document.pdf_blob))


def context_of(exchange: Exchange, forms: Sequence[AnswerLineForm], general: GeneralForm) -> dict[str, Any]:
    transmission = exchange.recipient.transmission
    cda = cda_of(exchange.document) if not exchange.pages else None
    return {
        "site": transmission.site,
        "resident": transmission.resident,
        "transmission": transmission,
        "document": exchange.document,
        "pages": range(1, exchange.pages + 1),
        "sections": cda.sections if cda else (),
        "rows": [_row(form) for form in forms],
        "held": len([line for line in exchange.lines if line.current_id]),
        "in_letter": len([line for line in exchange.lines if line.letter]),
        "general": general,
        "replies": exchange.recipient.replies.order_by("-received_at"),
        "superseded": exchange.document.state != Document.State.FILED,
        "decided": bool(exchange.lines) and all(line.decisions.all() for line in exchange.lines),
    }


def _row(form: AnswerLineForm) -> Row:
    line = form.line
    status = Status(line.status)
    decision = next(iter(line.decisions.all()), None)
    decided = f"{decision.get_verdict_display()}, {decision.prescriber}" if decision else ""
    return Row(line, held(line), in_letter(line), SUGGESTIONS[status], TONES.get(status, "info"), decided, form)
