"""Full-text search over what a person may see: documents, messages, residents, the newest first."""

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any, Generic, TypeVar

from django.contrib.postgres.search import SearchHeadline, SearchQuery
from django.db import connection
from django.db.models import F, FloatField, Func, QuerySet, TextField, Value
from django.db.models.functions import Concat, Least, Left

from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.organisations.access import (
    access_documents,
    access_mailboxes,
    access_messages,
    access_residents,
    site_numbers,
    sites_of,
)
from liaison.apps.organisations.models import User
from liaison.apps.residents.models import Resident
from liaison.apps.residents.search import find_exactly
from liaison.apps.search.words import MOST_WORDS, Asked, asked_by, words_of

MOST_FOUND = 20
INDEXED_CHARACTERS = 100_000
SIMILAR_NAMES, SIMILAR_WORD = 0.4, 0.25
"""Trigram word similarity: the mean of the words typed, and the least of them."""
SHORTEST_MISSPELT = 4
CONFIGURATION = "liaison_french"
START, STOP = "\x02", "\x03"


Row = TypeVar("Row", Document, RawMessage)


@dataclass(frozen=True, slots=True)
class Hit(Generic[Row]):
    """A row and the piece of its text where the words are, each between START and STOP."""

    row: Row
    excerpt: str


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
    query = _query(asked)
    found = Found(
        residents=_residents(user, text),
        documents=_documents(user, query) if query else (),
        messages=_messages(user, query) if query else (),
    )
    return found if found.count else Found(near=_near(user, text))


def _query(asked: Asked) -> str:
    """The text of the tsquery; empty when every word is too common to be looked for (« le », « de »)."""
    arguments = [list(asked.phrases), " ".join(asked.whole), asked.beginning]
    return str(_value("SELECT search_query(%s::text[], %s, %s)::text", arguments))


def _documents(user: User, query: str) -> tuple[Hit[Document], ...]:
    sites = list(sites_of(user).values_list("pk", flat=True))
    held = list(access_mailboxes(user).values_list("pk", flat=True))
    numbers = _value("SELECT search_documents(%s::tsquery, %s, %s, %s)", [query, sites, held, MOST_FOUND])
    seen = access_documents(user).filter(pk__in=numbers).values("pk")
    found = Document.objects.filter(pk__in=seen).annotate(excerpt=_excerpt("text", query))
    return _hits(found.select_related("message").defer("content", "text", "message__body"))


def _messages(user: User, query: str) -> tuple[Hit[RawMessage], ...]:
    held = list(access_mailboxes(user).values_list("pk", flat=True))
    numbers = _value("SELECT search_messages(%s::tsquery, %s, '{}', %s)", [query, held, MOST_FOUND])
    found = access_messages(user).filter(pk__in=numbers).annotate(excerpt=_excerpt("body", query))
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


def _residents(user: User, text: str) -> tuple[Resident, ...]:
    typed = text.translate(str.maketrans('"«»“”', " " * 5))
    residents = access_residents(user).select_related("site")
    return tuple(find_exactly(residents, site_numbers(user), typed, MOST_FOUND))


def _near(user: User, text: str) -> tuple[Resident, ...]:
    """Those of whose names every word typed looks like a part, the likeliest first."""
    words = [word for word in words_of(text) if len(word) >= SHORTEST_MISSPELT and word.isalpha()][:MOST_WORDS]
    if not words:
        return ()
    alike = [_likeness(word) for word in words]
    mean = reduce(add, alike) / Value(float(len(alike)))
    least = Least(*alike) if len(alike) > 1 else alike[0]
    residents = access_residents(user).select_related("site").annotate(mean=mean, least=least)
    similar = residents.filter(mean__gte=SIMILAR_NAMES, least__gte=SIMILAR_WORD)
    return tuple(similar.order_by("-mean", "birth_family", "pk")[:MOST_FOUND])


def _likeness(word: str) -> Func:
    return Func(_plain(Value(word)), _names(), function="word_similarity", output_field=FloatField())


def _names() -> Func:
    family, given = (
        Concat(F("birth_family"), Value(" "), F("used_family")),
        Concat("birth_given", Value(" "), "used_given"),
    )
    return _plain(Concat(family, Value(" "), given))


def _plain(text: Value | Concat) -> Func:
    return Func(text, function="unaccent", output_field=TextField())


def _value(statement: str, arguments: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return cursor.fetchone()[0]
