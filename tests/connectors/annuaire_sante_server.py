"""A stand-in for the Annuaire Santé gateway: it speaks the same API over real HTTP, and fails as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from liaison.core.directory.fhir import EMAIL_TYPE, METADATA, PERSON_IDENTIFIER

KEY = "clef-de-test"
Resource = dict[str, Any]


@dataclass
class Gateway:
    """What the server holds and does. ``failures`` are the statuses it answers first, with the headers of each."""

    resources: list[Resource] = field(default_factory=list)
    failures: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    page_size: int = 2
    next_host: str = ""
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str, query: dict[str, list[str]], key: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append((path, query))
        if key != KEY:
            return 401, {}, b"{}"
        if self.failures:
            status, headers = self.failures.pop(0)
            return status, headers, b"{}"
        return 200, {}, json.dumps(self._bundle(path.rpartition("/")[2], query)).encode()

    def _bundle(self, kind: str, query: dict[str, list[str]]) -> Resource:
        start = int(query.get("_page", ["0"])[0])
        since = query.get("_lastUpdated", ["ge"])[0].removeprefix("ge")
        found = [one for one in self.resources if one["resourceType"] == kind and one["meta"]["lastUpdated"] >= since]
        page = found[start : start + self.page_size]
        included = [one for one in self.resources if _is_asked_for(one, page)] if "_include" in query else []
        links = [{"relation": "self", "url": "ici"}]
        if start + self.page_size < len(found):
            host = self.next_host or self.url
            links.append(
                {"relation": "next", "url": f"{host}/{kind}?_page={start + self.page_size}&_lastUpdated=ge{since}"}
            )
        return {
            "resourceType": "Bundle",
            "type": "searchset",
            "link": links,
            "entry": [{"resource": one} for one in (*page, *included)],
        }


def _is_asked_for(resource: Resource, page: list[Resource]) -> bool:
    name = f"{resource['resourceType']}/{resource['id']}"
    return any(
        name in (one.get("practitioner", {}).get("reference"), one.get("organization", {}).get("reference"))
        for one in page
    )


@contextmanager
def gateway() -> Iterator[Gateway]:
    """The server on a free port of the loopback, until the block ends."""
    held = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            key = self.headers.get("ESANTE-API-KEY", "")
            status, headers, body = held.answer(parts.path, parse_qs(parts.query), key)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name the library gives)
            """Silent: the tests read ``asked``."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.url = f"http://127.0.0.1:{server.server_port}/fhir/v2"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()


def telecom(email: str, kind: str = "PER", *, red: bool = False, paperless: bool = True) -> Resource:
    said = [
        {"url": "type", "valueCodeableConcept": {"coding": [{"code": kind}]}},
        {"url": "listeRouge", "valueBoolean": red},
        {"url": "digitization", "valueBoolean": paperless},
    ]
    typed = {"url": EMAIL_TYPE, "valueCoding": {"code": "MSSANTE"}}
    return {"system": "email", "value": email, "extension": [typed, {"url": METADATA, "extension": said}]}


def practitioner(
    number: str, family: str, *emails: str, updated: str = "2026-11-20T10:00:00Z", **more: Any
) -> Resource:
    return {
        "resourceType": "Practitioner",
        "id": f"p-{number}",
        "meta": {"lastUpdated": updated},
        "identifier": [{"system": PERSON_IDENTIFIER, "value": number}],
        "name": [{"prefix": ["DR"], "family": family, "given": ["Anne"]}],
        "telecom": [telecom(email) for email in emails],
        **more,
    }
