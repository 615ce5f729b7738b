"""The Annuaire Santé FHIR API v2: what changed since a time, page by page, within what the gateway allows.

Read only, key in ESANTE-API-KEY, 17 calls a second for an application, pages of 50. A page's next address is followed
only on the host we were told of. What passes (a cut, 429, 5xx) is tried again, each time later, and as late as
Retry-After asks.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx2
from django.conf import settings
from django.utils import timezone

from liaison.apps.directory.review import do_review_addresses
from liaison.apps.directory.updates import do_merge_page, do_note_update, since_when
from liaison.core.directory.fhir import Page, read_page
from liaison.core.notices import Unreadable

CALLS_A_SECOND = 17
TIMEOUT_SECONDS = 30.0
TRIES = 6
FIRST_WAIT, LONGEST_WAIT = 1.0, 120.0
LARGEST_PAGE = 20_000_000
MOST_PAGES = 20_000
PASSING = frozenset({429, 500, 502, 503, 504})
REFUSED = frozenset({401, 403})
SEARCHES: tuple[tuple[str, dict[str, list[str]]], ...] = (
    ("Practitioner", {}),
    ("PractitionerRole", {"_include": ["PractitionerRole:practitioner", "PractitionerRole:organization"]}),
    ("Organization", {}),
)


class DirectoryError(Exception):
    """The API could not be used; the message is French and holds no key."""


@dataclass
class AnnuaireSante:
    """One use of the API. ``pause`` waits for seconds and ``clock`` tells them, so that tests need not wait."""

    base_url: str
    key: str = field(repr=False)
    authority: str = ""
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _next_call: float = 0.0

    def changes(self, resource: str, since: datetime, **parameters: list[str]) -> Iterator[Page]:
        """The pages of one kind of resource changed since a time. Raises DirectoryError."""
        query: dict[str, str | int | list[str]] = {
            "_lastUpdated": f"ge{since.isoformat(timespec='seconds')}",
            "_count": 50,
        }
        with self._client() as client:
            url = str(httpx2.URL(f"{self.base_url.rstrip('/')}/{resource}", params={**query, **parameters}))
            for _ in range(MOST_PAGES):
                page = self._page(client, url)
                yield page
                if not page.next_url:
                    return
                url = self._same_host(page.next_url)
        raise DirectoryError("L'Annuaire Santé donne plus de pages qu'il n'est possible.")

    def _client(self) -> httpx2.Client:
        headers = {"ESANTE-API-KEY": self.key, "Accept": "application/fhir+json"}
        return httpx2.Client(
            headers=headers, timeout=TIMEOUT_SECONDS, follow_redirects=False, verify=self.authority or True
        )

    def _same_host(self, url: str) -> str:
        """The key goes to nobody else, whatever a page says."""
        ours, theirs = urlsplit(self.base_url), urlsplit(url)
        if (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc):
            raise DirectoryError("L'Annuaire Santé renvoie vers un autre serveur : la suite n'est pas lue.")
        return url

    def _page(self, client: httpx2.Client, url: str) -> Page:
        wait = FIRST_WAIT
        for attempt in range(1, TRIES + 1):
            self._keep_pace()
            status, body, retry_after = self._call(client, url)
            if status == HTTPStatus.OK:
                return _read(body)
            if status in REFUSED:
                raise DirectoryError("L'Annuaire Santé refuse la clé : vérifiez LIAISON_ANNUAIRE_SANTE_KEY.")
            if status not in PASSING and status != 0:
                raise DirectoryError(f"L'Annuaire Santé répond {status}.")
            if attempt < TRIES:
                self.pause(min(max(wait, retry_after), LONGEST_WAIT))
                wait *= 2
        raise DirectoryError("L'Annuaire Santé ne répond pas.")

    def _keep_pace(self) -> None:
        now = self.clock()
        if now < self._next_call:
            self.pause(self._next_call - now)
        self._next_call = max(now, self._next_call) + 1 / CALLS_A_SECOND

    def _call(self, client: httpx2.Client, url: str) -> tuple[int, bytes, float]:
        """The status (0 when the connection failed), the body, and the seconds Retry-After asks for."""
        try:
            with client.stream("GET", url) as response:
                return response.status_code, _bounded(response), _retry_after(response)
        except httpx2.TransportError:
            return 0, b"", 0.0


def _bounded(response: httpx2.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > LARGEST_PAGE:
            raise DirectoryError("Une page de l'Annuaire Santé est trop grande.")
    return bytes(body)


def _retry_after(response: httpx2.Response) -> float:
    told = response.headers.get("Retry-After", "")
    return float(told) if told.isdecimal() else 0.0


def _read(body: bytes) -> Page:
    try:
        page = read_page(json.loads(body))
    except ValueError as error:
        raise DirectoryError("La réponse de l'Annuaire Santé n'est pas du JSON.") from error
    if isinstance(page, Unreadable):
        raise DirectoryError(page.notice.message)
    return page


def configured() -> AnnuaireSante | None:
    """The API as the settings describe it; None when there is no key."""
    if not settings.ANNUAIRE_SANTE_KEY:
        return None
    return AnnuaireSante(
        settings.ANNUAIRE_SANTE_URL, settings.ANNUAIRE_SANTE_KEY, authority=settings.ANNUAIRE_SANTE_AUTHORITY
    )


def update_directory(api: AnnuaireSante) -> int:
    """Bring the copy in service up to date; how many lines came. Raises DirectoryError.

    Each page is committed as it comes; the time the next update starts from moves only when every page is in.
    """
    since, asked_at = since_when(), timezone.now()
    if since is None:
        raise DirectoryError("Importez d'abord l'extraction nationale : l'API complète une copie.")
    lines = 0
    for resource, parameters in SEARCHES:
        for page in api.changes(resource, since, **parameters):
            lines += do_merge_page(page.listed, page.gone)
    do_note_update(asked_at=asked_at, lines=lines)
    do_review_addresses()
    return lines
