"""The treatments of a letter beside those of before: shown to all who care, decided by a prescriber."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from liaison.apps.exchanges.models import Reply
from liaison.apps.exchanges.pharmacy import copied, pharmacies_of
from liaison.apps.exchanges.standing import disagreements
from liaison.apps.intake.actions import do_trace_view
from liaison.apps.organisations.access import access_reconciliations, access_replies, may_file, may_prescribe
from liaison.apps.treatments.actions import do_decide_lines
from liaison.apps.treatments.changes import has_changed_since
from liaison.apps.treatments.letter_lines import lines_of_letter, said_unchanged
from liaison.apps.treatments.models import DecisionReport, Reconciliation, ReconciliationLine
from liaison.web.acts import attempt
from liaison.web.follow_up.rows import ReplyLine, reply_line
from liaison.web.reconcile.forms import AnswerForm, LineForm
from liaison.web.reconcile.prefill import prefilled
from liaison.web.reconcile.preparing import PreparationForm
from liaison.web.record.resident_page import with_lines
from liaison.web.requests import PersonRequest

State = Reconciliation.State


@dataclass(frozen=True, slots=True)
class Said:
    """What one doctor said of one line: the meaning read, and his own words."""

    doctor: str
    meaning: str
    text: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line; ``form`` is None when it is decided or the person decides nothing, as ``preparation`` is."""

    line: ReconciliationLine
    said: tuple[Said, ...]
    form: LineForm | None
    preparation: PreparationForm | None = None


@require_http_methods(["GET", "HEAD", "POST"])
def reconciliation(request: PersonRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(with_lines(access_reconciliations(request.user)), uuid=uuid)
    replies = _replies(request, found)
    answer = _answer(request, replies)
    disagreeing = disagreements(replies, list(found.lines.all()))
    forms = _forms(request, found, answer, disagreeing)
    if request.method == "POST" and all(form.is_valid() for form in forms.values()):
        if _decide(request, found, forms, answer):
            return redirect("reconciliation", uuid)
        found = get_object_or_404(with_lines(access_reconciliations(request.user)), uuid=uuid)
    if request.method != "POST":
        do_trace_view(found, user=request.user, site=found.resident.site, resident=found.resident)
    return render(
        request,
        "reconcile/reconciliation.html",
        {**_context(request, found, replies, answer, forms), **_after(found, disagreeing)},
    )


def _replies(request: PersonRequest, found: Reconciliation) -> list[Reply]:
    replies = access_replies(request.user).filter(recipient__transmission__reconciliation=found)
    return list(
        replies.select_related("recipient__professional", "recipient__transmission__document", "message").order_by(
            "received_at"
        )
    )


def _answer(request: PersonRequest, replies: list[Reply]) -> Reply | None:
    form = AnswerForm(request.POST if request.method == "POST" else request.GET)
    wanted = form.cleaned_data["reponse"] if form.is_valid() else None
    return next((reply for reply in replies if reply.uuid == wanted), None)


def _after(found: Reconciliation, disagreeing: set[int]) -> dict[str, Any]:
    """What stands around the lines: doctors who disagree, a treatment that changed, the report, the pharmacy."""
    return {
        "disagreeing": sorted(disagreeing),
        "changed_since": has_changed_since(found),
        "report": DecisionReport.objects.filter(reconciliation=found).first(),
        "pharmacies": pharmacies_of(found.resident),
        "pharmacy_copies": copied(found),
    }


def _forms(
    request: PersonRequest, found: Reconciliation, answer: Reply | None, disagreeing: set[int]
) -> dict[int, LineForm]:
    """One form for each line still to decide; where two doctors disagree, neither of them fills it."""
    posted = request.POST if request.method == "POST" else None
    undecided = [line for line in found.lines.all() if not line.decisions.all()]
    return {
        line.number: LineForm(line, posted, initial={} if line.number in disagreeing else prefilled(line, answer))
        for line in undecided
    }


def _decide(request: PersonRequest, found: Reconciliation, forms: dict[int, LineForm], answer: Reply | None) -> bool:
    choices = [choice for form in forms.values() if (choice := form.choice()) is not None]
    return attempt(
        request,
        lambda: do_decide_lines(found, user=request.user, choices=choices, on_answer=answer),
        "Décisions enregistrées : le traitement en cours est à jour.",
    )


def _context(
    request: PersonRequest,
    found: Reconciliation,
    replies: list[Reply],
    answer: Reply | None,
    forms: dict[int, LineForm],
) -> dict[str, Any]:
    lines = list(found.lines.all())
    prescribes = may_prescribe(request.user, found.resident.site)
    open_to_decide = prescribes and found.state != Reconciliation.State.WITHDRAWN
    prepares = may_file(request.user, found.resident.site) and found.state in (State.OPEN, State.PARTIAL)
    letter = lines_of_letter(found.document)
    shown = [reply_line(reply, remarked=True) for reply in replies]
    return {
        "section": "residents",
        "reconciliation": found,
        "rows": [
            LineRow(
                line,
                _said(line, shown),
                forms.get(line.number) if open_to_decide else None,
                PreparationForm(line) if prepares else None,
            )
            for line in lines
        ],
        "preparing": prepares,
        "in_letter": len(letter),
        "said_unchanged": said_unchanged(found.document),
        "read_in_words": any(line.origin != "coded" for line in letter),
        "shown_of_held": len([line for line in lines if line.current_id]),
        "shown_of_letter": len([line for line in lines if line.letter]),
        "held": found.current_count,
        "replies": shown,
        "answer": answer,
        "prefilled": len([form for form in forms.values() if form.initial.get("verdict")]),
        "undecided": len(forms),
        "may_prescribe": prescribes,
        "deciding": open_to_decide and any(not line.decisions.all() for line in lines),
    }


def _said(line: ReconciliationLine, replies: list[ReplyLine]) -> tuple[Said, ...]:
    return tuple(
        Said(str(shown.reply.recipient.professional or shown.reply.recipient.address), meaning, text)
        for shown in replies
        for number, meaning, text in shown.lines
        if number == line.number
    )
