"""A stand-in for Pro Santé Connect, for the demo and the tests: the same OpenID Connect exchanges, over real HTTP.

It identifies whoever is chosen on its page, says so in large letters, and listens on the loopback alone.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from liaison.demo.pro_sante_connect.names import CLIENT_ID, CLIENT_SECRET, NAME, REALM
from liaison.demo.world import World
from liaison.runtime.ports import LOOPBACK

_TOKEN_SECONDS = 120
_MOST_BYTES = 20_000

Answer = tuple[int, dict[str, str], bytes]
Said = dict[str, str]


@dataclass(frozen=True, slots=True)
class Person:
    rpps: str
    name: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code was given for."""

    person: Person
    asked: Said


@dataclass
class StandIn:
    """The provider's state. The tests spoil ``claims_of`` and ``person_of`` to see what the product refuses."""

    people: list[Person]
    url: str = ""
    keys: list[RSAKey] = field(default_factory=list)
    codes: dict[str, Grant] = field(default_factory=dict)
    accesses: dict[str, Person] = field(default_factory=dict)
    called: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rotate()

    @property
    def issuer(self) -> str:
        return f"{self.url}{REALM}"

    def rotate(self) -> None:
        """A new key signs from now on, and is alone in the published set."""
        kid = f"cle-{secrets.token_hex(4)}"
        self.keys = [RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})]

    def claims_of(self, grant: Grant) -> dict[str, Any]:
        """The claims of an ID token."""
        now = int(time.time())
        return {
            "iss": self.issuer,
            "sub": f"f:demonstration:{grant.person.rpps}",
            "aud": CLIENT_ID,
            "azp": CLIENT_ID,
            "exp": now + _TOKEN_SECONDS,
            "iat": now,
            "auth_time": now,
            "nonce": grant.asked.get("nonce", ""),
            "acr": grant.asked.get("acr_values", ""),
            "preferred_username": f"8{grant.person.rpps}",
        }

    def person_of(self, person: Person) -> dict[str, Any]:
        """What UserInfo says of a person."""
        number = f"8{person.rpps}"
        return {
            "sub": f"f:demonstration:{person.rpps}",
            "SubjectNameID": number,
            "preferred_username": number,
            "otherIds": [{"identifiant": number, "origine": "RPPS", "qualite": 1}],
        }

    def answer(self, method: str, address: str, headers: Said, body: bytes) -> Answer:
        parts = urlsplit(address)
        self.called.append(f"{method} {parts.path}")
        asked = _first(parts.query)
        routes = {
            ("GET", "/auth"): lambda: _page(self.people, asked),
            ("POST", "/auth"): lambda: self._choose(_first(body.decode())),
            ("POST", f"{REALM}/protocol/openid-connect/token"): lambda: self._token(headers, _first(body.decode())),
            ("GET", f"{REALM}/protocol/openid-connect/userinfo"): lambda: self._userinfo(headers),
            ("GET", f"{REALM}/protocol/openid-connect/certs"): lambda: _json(
                200, {**KeySet(list(self.keys)).as_dict()}
            ),
        }
        route = routes.get((method, parts.path))
        return route() if route else _json(404, {})

    def _choose(self, said: Said) -> Answer:
        """Back to the asker with a code, or with a refusal when nobody was chosen."""
        person = next((each for each in self.people if each.rpps == said.get("rpps")), None)
        back = {"state": said.get("state", "")}
        if person is None:
            back["error"] = "access_denied"
        else:
            back["code"] = self.give_code(person, said)
        return 302, {"Location": f"{said['redirect_uri']}?{urlencode(back)}"}, b""

    def give_code(self, person: Person, asked: Said) -> str:
        code = secrets.token_urlsafe(24)
        self.codes[code] = Grant(person, dict(asked))
        return code

    def _token(self, headers: Said, said: Said) -> Answer:
        grant = self.codes.pop(said.get("code", ""), None)
        if headers.get("authorization") != _basic(CLIENT_ID, CLIENT_SECRET):
            return _json(401, {"error": "invalid_client"})
        if grant is None or not _holds(grant, said):
            return _json(400, {"error": "invalid_grant"})
        access = secrets.token_urlsafe(24)
        self.accesses[access] = grant.person
        signed = jwt.encode({"alg": "RS256", "kid": self.keys[0].kid}, self.claims_of(grant), self.keys[0])
        return _json(
            200,
            {"access_token": access, "token_type": "Bearer", "expires_in": _TOKEN_SECONDS, "id_token": signed},
        )

    def _userinfo(self, headers: Said) -> Answer:
        person = self.accesses.get(headers.get("authorization", "").removeprefix("Bearer "))
        return _json(200, self.person_of(person)) if person else _json(401, {"error": "invalid_token"})


def _holds(grant: Grant, said: Said) -> bool:
    """The code comes back from whom it was given to: same way back, same verifier (RFC 7636)."""
    digest = hashlib.sha256(said.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    same_way = said.get("redirect_uri") == grant.asked.get("redirect_uri")
    return same_way and challenge == grant.asked.get("code_challenge")


def _basic(name: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{quote(name)}:{quote(password)}'.encode()).decode()}"


def _first(query: str) -> Said:
    return {name: values[0] for name, values in parse_qs(query).items()}


def _json(status: int, value: dict[str, Any]) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


def _page(people: list[Person], asked: Said) -> Answer:
    """A button for each person: nobody proves anything here, and the page says it."""
    hidden = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(asked[name])}">' for name in asked)
    buttons = "".join(
        f'<p><button name="rpps" value="{person.rpps}">{escape(person.name)} (RPPS {person.rpps})</button></p>'
        for person in people
    )
    page = f"""<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{NAME}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main><h1>{NAME}</h1>
<p>Ceci n'est pas Pro Santé Connect : personne n'est vérifié ici. Choisissez qui s'identifie.</p>
<form method="post" action="/auth">{hidden}{buttons}
<p><button name="rpps" value="">Renoncer</button></p></form></main></body></html>"""
    return 200, {"Content-Type": "text/html; charset=utf-8"}, page.encode()


@contextmanager
def serving(provider: StandIn, port: int = 0) -> Iterator[StandIn]:
    """The provider on the loopback (a free port when 0), until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(min(int(self.headers.get("Content-Length", "0")), _MOST_BYTES)))

        def _answer(self, body: bytes) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, given, content = provider.answer(self.command, self.path, headers, body)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **given}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name the library gives)
            """Silent: codes go by in the addresses."""

    server = ThreadingHTTPServer((LOOPBACK, port), Handler)
    provider.url = f"http://{LOOPBACK}:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


def people_of(world: World) -> list[Person]:
    """The doctors of the town, and those of the homes."""
    town = [Person(doctor.rpps, doctor.name) for doctor in world.doctors]
    home = [
        Person(member.rpps, f"{member.title} {member.given} {member.family}") for member in world.staff if member.rpps
    ]
    return [*town, *home]
