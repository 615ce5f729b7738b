"""OAuth 2.0 access tokens for the mailboxes that open by XOAUTH2 (ECO.1.2.1: the token of Pro Santé Connect)."""

import ssl
import time
from dataclasses import dataclass
from threading import Lock
from typing import Any

import httpx2
from django.conf import settings
from django.db import transaction

from liaison.apps.audit.actions import begin, record
from liaison.apps.mailboxes.credentials import seal, unseal
from liaison.apps.mailboxes.models import Mailbox, Operator

EARLY_SECONDS = 60.0
DEFAULT_LIFE_SECONDS = 120.0
LONGEST_ANSWER_BYTES = 64 * 1024


class TokenRefused(Exception):  # noqa: N818 (a state of the world, named as such)
    """No access token: no address to ask, or its server refused or did not answer. The text is French, and safe."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and when it must no longer be used, on this process's monotonic clock (seconds)."""

    value: str
    good_until: float


_held: dict[int, AccessToken] = {}
_turns: dict[int, Lock] = {}


def access_token(mailbox: Mailbox) -> str:
    """The token that opens the mailbox now: the one held while it lasts, a new one otherwise. Raises TokenRefused."""
    with _turns.setdefault(mailbox.pk, Lock()):
        held = _held.get(mailbox.pk)
        if held is None or held.good_until <= time.monotonic():
            held = _held[mailbox.pk] = _ask(mailbox)
        return held.value


def forget_token(mailbox: Mailbox) -> None:
    """The server refused it: the next sign-in asks for another."""
    _held.pop(mailbox.pk, None)


@transaction.atomic
def do_renew_access(mailbox: Mailbox, *, refresh_token: str) -> None:
    """Keep the refresh token that opens the mailbox from now on, sealed for it alone."""
    begin(mailbox.site)
    locked = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
    locked.sealed_refresh_token = mailbox.sealed_refresh_token = seal(refresh_token, mailbox.address)
    locked.save(update_fields=["sealed_refresh_token"])
    record("mailbox_access_renewed", locked, site=locked.site)


def _ask(mailbox: Mailbox) -> AccessToken:
    operator = mailbox.operator
    if not operator.token_url:
        raise TokenRefused("Aucun moyen d'ouvrir cette boîte n'est enregistré (mot de passe, certificat ou jeton).")
    try:
        answer = httpx2.post(
            operator.token_url,
            data=_grant(mailbox),
            auth=(operator.token_client, _secret(operator)),
            verify=_trust(operator),
            timeout=settings.MAIL_TIMEOUT_SECONDS,
            follow_redirects=False,
        )
        return _read(mailbox, answer)
    except (httpx2.HTTPError, OSError) as error:
        raise TokenRefused(f"Le serveur de jetons ne répond pas ({type(error).__name__}).") from error


def _grant(mailbox: Mailbox) -> dict[str, str]:
    """RFC 6749 §6 with the person's refresh token, §4.4 for a client in its own name."""
    sealed = bytes(mailbox.sealed_refresh_token)
    if sealed:
        return {"grant_type": "refresh_token", "refresh_token": unseal(sealed, mailbox.address)}
    return {"grant_type": "client_credentials", "scope": mailbox.address}


def _secret(operator: Operator) -> str:
    sealed = bytes(operator.sealed_token_secret)
    return unseal(sealed, operator.token_client) if sealed else ""


def _trust(operator: Operator) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=operator.authority_file)
    return context


def _read(mailbox: Mailbox, answer: httpx2.Response) -> AccessToken:
    """The token of a successful answer (RFC 6749 §5.1); a renewed refresh token replaces the one held."""
    said = _object(answer) if answer.is_success else {}
    token, renewed, life = said.get("access_token"), said.get("refresh_token"), said.get("expires_in")
    if not isinstance(token, str) or not token:
        raise TokenRefused(f"Le serveur de jetons refuse (réponse {answer.status_code}).")
    if isinstance(renewed, str) and renewed:
        do_renew_access(mailbox, refresh_token=renewed)
    seconds = float(life) if isinstance(life, int | float) else DEFAULT_LIFE_SECONDS
    return AccessToken(token, time.monotonic() + max(seconds - EARLY_SECONDS, seconds / 2))


def _object(answer: httpx2.Response) -> dict[str, Any]:
    if len(answer.content) > LONGEST_ANSWER_BYTES:
        return {}
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
