"""A doctor of the town answers by one click: a code sent to his mailbox first, then the letter, the lines, his answer.

Nothing tells an unknown link from a good one before the code. Nothing here is cached, indexed or referred from.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liaison.apps.exchanges.links import do_open, do_send_code
from liaison.apps.exchanges.models import Reply
from liaison.apps.exchanges.page_answers import PageAnswer, do_answer_by_page
from liaison.apps.intake.pdf_process import render_page_apart
from liaison.apps.organisations.row_security import scope
from liaison.apps.refusals import Refused
from liaison.core.notices import Unreadable
from liaison.web.answer.forms import AnswerLineForm, CodeForm, GeneralForm
from liaison.web.answer.opening import keep_open, opened
from liaison.web.answer.page import Exchange, context_of, exchange_of
from liaison.web.files import blob_or_404, download

WRONG = "Ce code n'est pas le bon, ou il n'est plus valable. Vérifiez-le, ou demandez-en un autre."
PAGE_WIDTH = 1100
View = Callable[..., HttpResponse]


def discreet(view: View) -> View:
    """Public, never cached, never indexed."""

    @login_not_required
    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, token: str, **arguments: Any) -> HttpResponse:
        response = view(request, token, **arguments)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapped


@discreet
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The door before the code is proven, the exchange after."""
    opening = opened(request, token)
    if opening is None:
        return _door(request, token, CodeForm())
    with scope([opening.link.site_id]):
        exchange = exchange_of(opening.link)
        if request.method == "POST":
            return _take(request, token, exchange, opening.proven_by)
        return _page(request, token, exchange, _line_forms(exchange, None), GeneralForm())


@discreet
@require_POST
def ask_code(request: HttpRequest, token: str) -> HttpResponse:
    do_send_code(token)
    return _door(request, token, CodeForm(), asked=True)


@discreet
@sensitive_post_parameters("code")
@require_POST
def open_page(request: HttpRequest, token: str) -> HttpResponse:
    form = CodeForm(request.POST)
    link = do_open(token, form.cleaned_data["code"]) if form.is_valid() else None
    if link is None:
        return _door(request, token, CodeForm(), asked=True, problem=WRONG)
    keep_open(request, link, Reply.Proof.CODE)
    return redirect("answer", token)


@discreet
@require_safe
def letter_page(request: HttpRequest, token: str, number: int) -> HttpResponse:
    exchange = _exchange(request, token)
    if exchange is None:
        return redirect("answer", token)
    with scope([exchange.link.site_id]):
        if not 1 <= number <= exchange.pages:
            raise Http404
        image = render_page_apart(blob_or_404(exchange.document.pdf_blob), number - 1, PAGE_WIDTH)
    if isinstance(image, Unreadable) or not image:
        raise Http404
    return HttpResponse(image, content_type="image/png")


@discreet
@require_safe
def letter_pdf(request: HttpRequest, token: str) -> HttpResponse:
    exchange = _exchange(request, token)
    if exchange is None or not exchange.document.pdf_blob:
        return redirect("answer", token)
    return download(blob_or_404(exchange.document.pdf_blob), "lettre.pdf", "application/pdf")


def _door(request: HttpRequest, token: str, form: CodeForm, *, asked: bool = False, problem: str = "") -> HttpResponse:
    context = {
        "token": token,
        "form": form,
        "asked": asked,
        "problem": problem,
        "identity": settings.PSC_NAME if settings.PSC_CLIENT_ID else "",
    }
    return render(request, "answer/door.html", context)


def _exchange(request: HttpRequest, token: str) -> Exchange | None:
    """None leads back to the door: an error page would write the address, and the token, in the log."""
    opening = opened(request, token)
    if opening is None:
        return None
    with scope([opening.link.site_id]):
        return exchange_of(opening.link)


def _line_forms(exchange: Exchange, request: HttpRequest | None) -> list[AnswerLineForm]:
    return [AnswerLineForm(line, request.POST if request else None) for line in exchange.lines]


def _take(request: HttpRequest, token: str, exchange: Exchange, proven_by: Reply.Proof) -> HttpResponse:
    lines, general = _line_forms(exchange, request), GeneralForm(request.POST)
    invalid = [form for form in (*lines, general) if not form.is_valid()]
    if not invalid:
        try:
            do_answer_by_page(token, _answer(lines, general), proven_by=proven_by)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "Votre réponse est transmise à l'EHPAD. Une copie part dans votre boîte MSSanté.")
            return redirect("answer", token)
    return _page(request, token, exchange, lines, general)


def _answer(lines: list[AnswerLineForm], general: GeneralForm) -> PageAnswer:
    said = general.cleaned_data
    if said["tout"]:
        for form in lines:
            form.cleaned_data["choix"] = form.cleaned_data["choix"] or "ok"
    answers = tuple(one for form in lines if (one := form.answer()) is not None)
    return PageAnswer(lines=answers, question=said["question"], visit=said["visite"])


def _page(
    request: HttpRequest, token: str, exchange: Exchange, lines: list[AnswerLineForm], general: GeneralForm
) -> HttpResponse:
    return render(request, "answer/answer.html", {"token": token, **context_of(exchange, lines, general)})
