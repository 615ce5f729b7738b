"""Pro Santé Connect as an OpenID Connect provider: where to send a person, and who comes back.

Authorisation code with PKCE (S256), state and nonce; ``acr_values=eidas1`` and ``scope_all`` as the ANS asks. The
national identifier of a person is ``SubjectNameID``: a digit for its kind, 8 for RPPS, then the number. Every token is
used once and forgotten: none is kept, logged or written in an address.
"""

import threading
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from django.conf import settings
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

SCOPE = "openid scope_all"
LEVELS = ["eidas1", "eidas2", "eidas3"]
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Signatures by the provider's keys alone: a token signed with our shared secret could be of our own making."""
TIMEOUT_SECONDS = 10.0
CLOCK_LEEWAY_SECONDS = 60
RPPS_KIND = "8"
_RPPS_DIGITS = 11


class NotIdentifiedError(Exception):
    """The round ended without a proven identity; the message is a code for the journal, and holds no token."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one identification is bound to; only the browser that began it can end it."""

    state: str
    nonce: str
    verifier: str


@dataclass
class Provider:
    """One provider, as registered with it. ``issuer`` ends without a slash; ``authority`` is a PEM file or empty."""

    issuer: str
    authorization_url: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    authority: str = ""
    _keys: KeySet | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def address_for(self, begun: Round) -> str:
        """Where the person goes to identify himself."""
        with self._client() as client:
            url, _ = client.create_authorization_url(
                self.authorization_url,
                state=begun.state,
                nonce=begun.nonce,
                code_verifier=begun.verifier,
                acr_values=LEVELS[0],
            )
        return str(url)

    def rpps_of(self, code: str, begun: Round) -> str:
        """The RPPS of the person who comes back with this code. Raises NotIdentifiedError alone."""
        try:
            with self._client() as client:
                token = client.fetch_token(self._endpoint("token"), code=code, code_verifier=begun.verifier)
                claims = self._id_token(token, begun)
                answer = client.get(self._endpoint("userinfo"), headers={"Accept": "application/json, application/jwt"})
                return _rpps(self._person(answer, claims["sub"]))
        except OAuthError as error:
            raise NotIdentifiedError("code_refused") from error
        except httpx2.HTTPError as error:
            raise NotIdentifiedError("provider_unreachable") from error
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise NotIdentifiedError("token_refused") from error

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            self.client_id,
            self.client_secret,
            scope=SCOPE,
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            verify=self.authority or True,
        )

    def _endpoint(self, name: str) -> str:
        return f"{self.issuer}/protocol/openid-connect/{name}"

    def _id_token(self, token: dict[str, Any], begun: Round) -> dict[str, Any]:
        """The claims of the ID token: signed, of this provider, for us, of now, of this round, strong enough."""
        decoded = self._verified(token["id_token"])
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self.client_id},
                "acr": {"essential": True, "values": LEVELS},
            },
            {"nonce": begun.nonce, "client_id": self.client_id, "access_token": token["access_token"]},
        )
        claims.validate(leeway=CLOCK_LEEWAY_SECONDS)
        return claims

    def _person(self, answer: httpx2.Response, subject: str) -> dict[str, Any]:
        """What UserInfo says, in JSON or as a signed token, of the very person of the ID token (OIDC Core 5.3.2)."""
        answer.raise_for_status()
        signed = answer.headers.get("Content-Type", "").startswith("application/jwt")
        person: dict[str, Any] = self._verified(answer.text.strip()).claims if signed else answer.json()
        if not subject or person["sub"] != subject:
            raise ValueError("another subject")
        return person

    def _verified(self, token: str) -> jwt.Token:
        """The token, its signature verified; keys unknown here are asked for again, once: the provider changes them."""
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        try:
            return jwt.decode(token, self._key_set(), registry=registry)
        except InvalidKeyIdError:
            return jwt.decode(token, self._key_set(again=True), registry=registry)

    def _key_set(self, *, again: bool = False) -> KeySet:
        with self._turn:
            if self._keys is None or again:
                with httpx2.Client(timeout=TIMEOUT_SECONDS, verify=self.authority or True) as client:
                    answer = client.get(self._endpoint("certs"))
                self._keys = KeySet.import_key_set(answer.raise_for_status().json())
            return self._keys


def _rpps(person: dict[str, Any]) -> str:
    """The RPPS of ``SubjectNameID``; a person known by another number (ADELI, a structure's) opens nothing here."""
    identifier = str(person["SubjectNameID"])
    kind, number = identifier[:1], identifier[1:]
    if kind != RPPS_KIND or len(number) != _RPPS_DIGITS or not (number.isascii() and number.isdigit()):
        raise NotIdentifiedError("no_rpps")
    return number


def is_configured() -> bool:
    return bool(settings.PSC_CLIENT_ID)


def configured(redirect_uri: str) -> Provider:
    """The provider as the settings describe it, its keys remembered by this process."""
    return _provider(
        settings.PSC_ISSUER,
        settings.PSC_AUTHORIZATION_URL,
        settings.PSC_CLIENT_ID,
        settings.PSC_CLIENT_SECRET,
        redirect_uri,
        settings.PSC_AUTHORITY,
    )


@lru_cache(maxsize=8)
def _provider(issuer: str, address: str, client: str, secret: str, way_back: str, authority: str) -> Provider:
    return Provider(issuer, address, client, secret, way_back, authority)
