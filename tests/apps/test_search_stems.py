"""The words put together here are those PostgreSQL finds in the whole text, position for position."""

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.support.desk import Desk

from liaison.apps.search import stems
from liaison.apps.search.models import IndexedDocument
from liaison.apps.search.stems import Text, vectors_of

LETTERS = "aàéœŒßÉΑЯ中eEstxz019½²٣'’-–•…→.,/@%&#€\u0301\u00a0\u200b\u202f\u2028\x85\x1c\x0b\x0c\t\r\n 😀ﬁǅ㎯"
WORDS = (
    "le",
    "Les",
    "de",
    "patients",
    "hémocultures",
    "HÉMOCULTURE",
    "d'insuline",
    "12/03/2026",
    "1e5",
    "10,5",
    "–",
    "",
)
texts = st.text(LETTERS, max_size=80) | st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)


def made_here_and_there(text: Text) -> tuple[str, str]:
    """As text, once PostgreSQL has received ours."""
    (vector,) = vectors_of([text])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS received (words tsvector)")
        with psycopg.RawCursor(connection.connection).copy("COPY received FROM STDIN (FORMAT binary)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\0\1" + len(vector).to_bytes(4) + vector + b"\xff\xff")
        whole = "search_stems(%s, %s, %s, %s)"
        cursor.execute(
            f"DELETE FROM received RETURNING words::text || (words = {whole}), {whole}::text || true",  # noqa: S608 (ours)
            [text.title, text.body, text.owner, text.number] * 2,
        )
        ours, theirs = cursor.fetchone()
        return ours, theirs


@pytest.mark.django_db
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts, texts, st.integers(1, 99), st.integers(1, 10**7))
@example("", "", 1, 1)
def test_a_text_has_the_stems_and_the_positions_that_postgresql_finds_in_it(
    title: str, body: str, owner: int, number: int
) -> None:
    ours, theirs = made_here_and_there(Text(title, body, owner, number))
    assert ours == theirs


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        "mot " * 20_000,
        "Le La de du " * 3_000 + "fin " * 300,
        "a" * 3_000 + " b",
        "中•" * 120 + " suite",
        "é" * 100_001 + " trop loin",
    ],
    ids=["more positions than there are", "a stem too often", "a long word", "long without a blank", "too long"],
)
def test_a_text_beyond_what_postgresql_counts_is_cut_as_it_cuts_it(body: str) -> None:
    ours, theirs = made_here_and_there(Text("le", body, 1, 1))
    assert ours == theirs


@pytest.mark.django_db
def test_words_are_asked_again_when_too_many_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stems, "MOST_WORDS", 3)
    for body in ("un deux trois quatre", "quatre cinq", "cinq six deux"):
        ours, theirs = made_here_and_there(Text("", body, 1, 1))
        assert ours == theirs
        assert len(stems._known) <= 5


def test_a_letter_that_is_read_has_the_words_its_trigger_would_give_it(desk: Desk) -> None:
    document = desk.letter()
    read = IndexedDocument.objects.get(document=document).words
    IndexedDocument.objects.all().delete()
    document.title, title = "autre", document.title
    document.save(update_fields=["title"])
    document.title = title
    document.save(update_fields=["title"])
    assert IndexedDocument.objects.get(document=document).words == read
