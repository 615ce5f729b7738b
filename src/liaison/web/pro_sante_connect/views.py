"""Identifying oneself by Pro Santé Connect: to sign in, or to open the answering page of a link."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from liaison.apps.exchanges.links import do_open_by_identity
from liaison.apps.exchanges.models import Reply
from liaison.apps.organisations.actions import do_note_presence
from liaison.apps.organisations.identification import account_of, do_begin_identification, do_end_identification
from liaison.apps.organisations.models import User
from liaison.apps.organisations.row_security import scope
from liaison.apps.refusals import Refused
from liaison.web.answer.opening import keep_open
from liaison.web.pro_sante_connect.provider import NotIdentifiedError, is_configured
from liaison.web.pro_sante_connect.rounds import Begun, begun_by, forget, is_of, keep, new_round, provider

BACKEND = "django.contrib.auth.backends.ModelBackend"
FAILED = "L'identification n'a pas abouti. Recommencez, ou entrez autrement."
SENTENCES = {
    "given_up": "L'identification a été abandonnée.",
    "no_rpps": "Pro Santé Connect ne donne pas de numéro RPPS pour vous : entrez autrement.",
    "somebody_else": (
        "Vous êtes bien identifié, mais ce lien n'ouvre rien pour vous : il est réservé à la personne à qui le message"
        " a été envoyé. Vous pouvez demander un code, ou répondre au message."
    ),
}


@login_not_required
@never_cache
@require_safe
def begin(_request: HttpRequest, token: str = "") -> HttpResponse:
    """To the provider. The same for a good link and for any other."""
    if not is_configured():
        raise Http404
    begun = Begun(new_round(), token)
    response = redirect(provider().address_for(begun.round))
    keep(response, begun)
    return response


@login_not_required
@never_cache
@require_safe
def come_back(request: HttpRequest) -> HttpResponse:
    """From the provider: always on to a page of ours, so that no code stays in an address."""
    if not is_configured():
        raise Http404
    begun = begun_by(request)
    if begun is None:
        return redirect("identity-failed")
    response = _open(request, begun)
    forget(response)
    return response


@login_not_required
@never_cache
@require_safe
def failed(request: HttpRequest) -> HttpResponse:
    """Where a round ends that this browser did not begin, or began too long ago."""
    return render(request, "pro_sante_connect/failed.html")


def _open(request: HttpRequest, begun: Begun) -> HttpResponse:
    """The door is the one the person came from, open or with the reason why not."""
    try:
        with _counted(begun):
            rpps = _rpps(request, begun)
            if begun.token:
                _open_page(request, begun.token, rpps)
            else:
                _sign_in(request, account_of(rpps))
    except NotIdentifiedError as trouble:
        messages.error(request, SENTENCES.get(str(trouble), FAILED))
    except Refused as refusal:
        messages.error(request, str(refusal))
    if begun.token:
        return redirect("answer", begun.token)
    return redirect("inbox" if request.user.is_authenticated else "sign-in")


@contextmanager
def _counted(begun: Begun) -> Iterator[None]:
    """One identification, counted before it is tried and noted as it ends; an unknown link counts like another."""
    about = UUID(sha256(begun.token.encode()).hexdigest()[:32]) if begun.token else None
    counted = do_begin_identification(about)
    try:
        yield
    except NotIdentifiedError as trouble:
        do_end_identification(counted, refused_for=str(trouble))
        raise
    except Refused:
        do_end_identification(counted, refused_for="no_account")
        raise
    do_end_identification(counted)


@sensitive_variables("code")
def _rpps(request: HttpRequest, begun: Begun) -> str:
    """The RPPS of the person who came back. Raises NotIdentifiedError."""
    if not is_of(begun, request):
        raise NotIdentifiedError("wrong_state")
    if request.GET.get("error"):
        raise NotIdentifiedError("given_up" if request.GET["error"] == "access_denied" else "provider_refused")
    code = request.GET.get("code", "")
    if not code:
        raise NotIdentifiedError("no_code")
    return provider().rpps_of(code, begun.round)


def _open_page(request: HttpRequest, token: str, rpps: str) -> None:
    link = do_open_by_identity(token, rpps)
    if link is None:
        raise NotIdentifiedError("somebody_else")
    keep_open(request, link, Reply.Proof.IDENTITY)


def _sign_in(request: HttpRequest, user: User) -> None:
    login(request, user, backend=BACKEND)
    with scope(user.memberships.values_list("site_id", flat=True)):
        do_note_presence(user, present=True, by="pro_sante_connect")
