"""One identification of one browser, from the button to the way back.

It lives in a signed cookie of the browser for ten minutes, sent to the address of the way back alone: what comes back
to another browser, later, or twice, ends nothing. The server keeps nothing of it, and no answering token is stored.
"""

import secrets
from dataclasses import asdict, dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from liaison.web.pro_sante_connect.provider import Provider, Round, configured

COOKIE = "liaison_identification"
LASTS_SECONDS = 600
_RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True)
class Begun:
    """A round and what it is for: the answering page of a token, or signing in when there is none."""

    round: Round
    token: str


def provider() -> Provider:
    return configured(f"{settings.PUBLIC_URL.rstrip('/')}{reverse('identity-return')}")


def new_round() -> Round:
    return Round(*(secrets.token_urlsafe(_RANDOM_BYTES) for _ in range(3)))


def keep(response: HttpResponse, begun: Begun) -> None:
    """In the browser that pressed the button; one round at a time."""
    response.set_cookie(
        COOKIE,
        signing.dumps({**asdict(begun.round), "token": begun.token}, salt=COOKIE),
        max_age=LASTS_SECONDS,
        path=reverse("identity-return"),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path=reverse("identity-return"), samesite="Lax")


def begun_by(request: HttpRequest) -> Begun | None:
    """The round this browser began, whatever came back; None when there is none or it is too old."""
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=LASTS_SECONDS)
    except signing.BadSignature:
        return None
    return Begun(Round(kept["state"], kept["nonce"], kept["verifier"]), kept["token"])


def is_of(begun: Begun, request: HttpRequest) -> bool:
    """Whether what came back is the answer to this very round (RFC 6749, 10.12)."""
    return constant_time_compare(request.GET.get("state", ""), begun.round.state)
