"""The sweeps, every few seconds, read what waits and not all that ever came: their cost is flat."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.support.desk import Desk, make_desk

from liaison.apps.exchanges.actions import do_note_lost_sendings, sendings_to_offer
from liaison.apps.exchanges.models import Answer, Note, Recipient
from liaison.apps.exchanges.outgoing import do_note_lost, waiting
from liaison.apps.filing.models import Proposal
from liaison.apps.filing.queries import unproposed_documents
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.intake.pipeline import unfinished

pytestmark = pytest.mark.django_db
SETTLED = 300
FEW = 20
FILLED = (RawMessage, Document, Proposal, Recipient, Answer)
SWEEPS: tuple[Callable[[], Any], ...] = (
    unfinished,
    unproposed_documents,
    sendings_to_offer,
    do_note_lost_sendings,
    lambda: waiting(Answer),
    lambda: do_note_lost(Answer),
    lambda: waiting(Note),
)


def fill(desk: Desk) -> None:
    """Hundreds of letters all done with: looked at and proposed to nobody, sent on, answered."""
    recipient = desk.sent()
    document = recipient.transmission.document
    Recipient.objects.update(state=Recipient.State.SENT)
    Answer.objects.update(state=Answer.State.SENT)
    Document.objects.update(state=Document.State.TO_MATCH)
    messages = copies(RawMessage.objects.get(), uid=range(1000, 1000 + SETTLED))
    documents = copies(Document.objects.get(pk=document.pk), message=messages)
    copies(document.proposal, document=documents)
    copies(Recipient.objects.get(pk=recipient.pk), message_id=[f"<{number}@x>" for number in range(SETTLED)])
    copies(
        Answer.objects.get(),
        original=messages,
        document=documents,
        message_id=[f"<a{number}@x>" for number in range(SETTLED)],
    )
    with connection.cursor() as cursor:
        for model in FILLED:
            cursor.execute(f"ANALYZE {model._meta.db_table}")


@pytest.fixture(autouse=True)
def _vacuumed(db: None) -> None:
    """As autovacuum does on a living server: the indexes still list the rows that other tests rolled back."""
    del db
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        for model in (*FILLED, ProcrastinateJob):
            other.execute(f"VACUUM {model._meta.db_table}")


def copies(row: Any, **own: Any) -> list[Any]:
    """As many rows like this one, each with what is its own."""
    made = []
    for number in range(SETTLED):
        one = copy(row)
        one.pk, one._state = None, copy(row._state)
        values = {name: of_each[number] for name, of_each in own.items()} | {"uuid": uuid4()}
        for name in values.keys() & {field.name for field in row._meta.fields}:
            setattr(one, name, values[name])
        made.append(one)
    return list(type(row).objects.bulk_create(made))


def test_the_sweeps_read_what_waits_only() -> None:
    fill(make_desk())
    for sweep in SWEEPS:
        with plans() as read:
            assert not sweep()
        assert read
        assert sum(map(rows_of, read)) < FEW, sweep


@contextmanager
def plans() -> Iterator[list[dict[str, Any]]]:
    """How each SELECT was carried out, by a planner told to take an index where there is one that serves."""
    found: list[dict[str, Any]] = []

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            cursor = connection.connection.cursor()
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
            said = cursor.fetchone()[0]
            found.append((json.loads(said) if isinstance(said, str) else said)[0]["Plan"])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        yield found


def rows_of(plan: dict[str, Any]) -> int:
    """The rows a plan read, those that a filter threw away with them."""
    read = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) if "Scan" in plan["Node Type"] else 0
    return int(read * plan["Actual Loops"]) + sum(map(rows_of, plan.get("Plans", [])))
