"""Full-text search over what a person may see: documents, messages, residents, the newest first."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.contrib.postgres.search import SearchHeadline, SearchQuery
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Left

from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.organisations.access import (
    access_documents,
    access_mailboxes,
    access_messages,
    access_residents,
    site_numbers,
)
from liaison.apps.organisations.models import User
from liaison.apps.residents.models import Resident
from liaison.apps.residents.search import find_exactly, find_nearly
from liaison.apps.search.words import Asked, asked_by, words_of

MOST_FOUND = 20
INDEXED_CHARACTERS = 100_000
SHORTEST_MISSPELT = 4
CONFIGURATION = "liaison_french"
START, STOP = "\x02", "\x03"
_LOOK = """
    SELECT query::text, search_documents(query, %s, %s, %s), search_messages(query, %s, '{}', %s)
    FROM (SELECT search_query(%s::text[], %s, %s) AS query OFFSET 0) asked WHERE numnode(query) > 0
"""


Row = TypeVar("Row", Document, RawMessage)


@dataclass(frozen=True, slots=True)
class Hit(Generic[Row]):
    """A row and the piece of its text where the words are, each between START and STOP."""

    row: Row
    excerpt: str


@dataclass(frozen=True, slots=True)
class Looked:
    """The text of the tsquery, and the numbers of what it finds, the newest first."""

    query: str = ""
    documents: tuple[int, ...] | list[int] = ()
    messages: tuple[int, ...] | list[int] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """At most MOST_FOUND of each, the newest first. ``near``, when there is nothing else, are residents whose name
    looks like what was typed.
    """

    residents: tuple[Resident, ...] = ()
    near: tuple[Resident, ...] = ()
    documents: tuple[Hit[Document], ...] = ()
    messages: tuple[Hit[RawMessage], ...] = ()

    @property
    def count(self) -> int:
        return len(self.sites)

    @property
    def sites(self) -> list[int]:
        """The number of the site of each of what was found."""
        people = [resident.site_id for resident in (*self.residents, *self.near)]
        return people + [hit.row.site_id for hit in self.documents] + [hit.row.site_id for hit in self.messages]


def search(user: User, text: str) -> Found:
    """All the words typed, each by its French stem without accents; the last one by its beginning."""
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    asked = asked_by(text)
    if not asked:
        return Found()
    sites = site_numbers(user)
    looked = _look(asked, sites, list(access_mailboxes(user).values_list("pk", flat=True)))
    found = Found(
        residents=_residents(user, sites, text),
        documents=_documents(user, looked),
        messages=_messages(user, looked),
    )
    return found if found.count else Found(near=_near(user, sites, text))


def _look(asked: Asked, sites: list[int], held: list[int]) -> Looked:
    """Nothing when every word is too common to be looked for (« le », « de »)."""
    typed = (list(asked.phrases), " ".join(asked.whole), asked.beginning)
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, (sites, held, MOST_FOUND, held, MOST_FOUND, *typed))
        found = cursor.fetchone()
    return Looked(*found) if found else Looked()


def _documents(user: User, looked: Looked) -> tuple[Hit[Document], ...]:
    if not looked.documents:
        return ()
    seen = access_documents(user).filter(pk__in=looked.documents).values("pk")
    found = Document.objects.filter(pk__in=seen).annotate(excerpt=_excerpt("text", looked.query))
    return _hits(found.select_related("message").defer("content", "text", "message__body"))


def _messages(user: User, looked: Looked) -> tuple[Hit[RawMessage], ...]:
    if not looked.messages:
        return ()
    found = access_messages(user).filter(pk__in=looked.messages).annotate(excerpt=_excerpt("body", looked.query))
    return _hits(found.defer("body"))


def _hits(found: "QuerySet[Row]") -> tuple[Hit[Row], ...]:
    return tuple(Hit(row, getattr(row, "excerpt")) for row in found.order_by("-pk"))  # noqa: B009 (an annotation)


def _excerpt(field: str, query: str) -> SearchHeadline:
    return SearchHeadline(
        Left(field, INDEXED_CHARACTERS),
        SearchQuery(query, search_type="raw", config="simple"),
        config=CONFIGURATION,
        start_sel=START,
        stop_sel=STOP,
        max_words=30,
        min_words=12,
    )


def _residents(user: User, sites: list[int], text: str) -> tuple[Resident, ...]:
    residents = access_residents(user).select_related("site")
    return tuple(find_exactly(residents, sites, _unquoted(text), MOST_FOUND))


def _near(user: User, sites: list[int], text: str) -> tuple[Resident, ...]:
    """Those whose names are written nearly so; a number or a word of two letters is like nobody's."""
    words = [word for word in words_of(text) if len(word) >= SHORTEST_MISSPELT and word.isalpha()]
    residents = access_residents(user).select_related("site")
    return tuple(find_nearly(residents, sites, " ".join(words), MOST_FOUND)) if words else ()


def _unquoted(text: str) -> str:
    return text.translate(str.maketrans('"«»“”', " " * 5))
