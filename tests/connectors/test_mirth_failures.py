"""Five failures that Mirth Connect had in the field, on the side that receives: none of them may be ours."""

import asyncio

import pytest
from django.db import OperationalError, connections
from tests.connectors.test_hl7_mllp import Given, acknowledgment, framed, sending, talk
from tests.support import factories
from tests.support.hl7 import adt

from liaison.apps.organisations.models import Site
from liaison.apps.residents.models import Absence, AdministrativeMessage, Resident
from liaison.connectors import hl7_mllp
from liaison.connectors.hl7_mllp import END, MllpServer

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["Given"]


def test_a_storm_of_retries_is_done_once_and_no_acknowledgment_is_shifted() -> None:
    """connect#1314: an ACK that came too late made the sender repeat, and each ACK answered the message before."""
    site = factories.make_site()
    repeated = framed(adt("A01", control_id="M1"))
    last = framed(adt("A08", control_id="M2", room="7"))
    said = talk(MllpServer(site), sending(repeated, repeated, repeated, last, answers=4))
    assert [acknowledgment(one).field("MSA", 2) for one in said] == ["M1", "M1", "M1", "M2"]
    assert AdministrativeMessage.objects.filter(site=site).count() == 2
    assert Resident.objects.get(site=site).room == "7"


def test_a_sender_that_hangs_up_before_the_acknowledgment_is_answered_when_it_comes_again() -> None:
    """connect#1314, the other half: what was done for an ACK nobody heard is not done again."""
    site = factories.make_site()

    async def hangs_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(adt("A01")))
        await writer.drain()

    talk(MllpServer(site), hangs_up)
    (said,) = talk(MllpServer(site), sending(framed(adt("A01"))))
    assert (acknowledgment(said).field("MSA", 1), Resident.objects.filter(site=site).count()) == ("AA", 1)


def test_a_message_that_cannot_be_taken_is_kept_marked_and_does_not_stop_the_next() -> None:
    """connect#1682: the thousand and first message was neither delivered nor marked in error."""
    site = factories.make_site()
    said = talk(MllpServer(site), sending(framed(b"poison"), framed(adt("A99")), framed(adt("A01")), answers=3))
    assert [acknowledgment(one).field("MSA", 1) for one in said] == ["AE", "AE", "AA"]
    kept = AdministrativeMessage.objects.filter(site=site).order_by("pk")
    assert [(message.verdict, bool(message.problem)) for message in kept] == [("AE", True), ("AE", True), ("AA", False)]


def test_nothing_is_acknowledged_while_the_database_is_not_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """connect#3366: the queue started before the recovery was over."""
    site, does = factories.make_site(), hl7_mllp.do_take_message
    failures = iter([True, True, False])

    def not_back_yet(*arguments: object, **options: object) -> object:
        if next(failures):
            raise OperationalError("the database system is starting up")
        return does(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(hl7_mllp, "do_take_message", not_back_yet)
    message = framed(adt("A01"))
    said = talk(MllpServer(site), sending(message, message, message, answers=3))
    assert [acknowledgment(one).field("MSA", 1) for one in said] == ["AR", "AR", "AA"]
    assert Resident.objects.filter(site=site).count() == 1


def test_messages_are_done_in_the_order_they_came_whatever_the_connection() -> None:
    """connect#3133: messages recovered were done out of order: a return before its leaving."""
    site = factories.make_site()
    events = [
        adt("A01", control_id="1"),
        *(adt("A21" if n % 2 == 0 else "A22", control_id=str(n)) for n in range(2, 8)),
    ]
    said = talk(MllpServer(site), sending(b"".join(map(framed, events)), answers=len(events)))
    assert [acknowledgment(one).field("MSA", 1) for one in said] == ["AA"] * len(events)
    assert [acknowledgment(one).field("MSA", 2) for one in said] == [str(n) for n in range(1, 8)]
    assert Absence.objects.filter(resident__site=site, returned_at__isnull=False).count() == 3


def test_what_waits_is_never_held_in_memory_at_once() -> None:
    """connect#3089: a recovery loaded every message. Here one is read at a time, of bounded size, of a few senders."""
    held: list[int] = []

    def weigh(_site: Site, content: bytes) -> bytes:
        held.append(len(content))
        return b"MSH|^~\\&|x\r"

    async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        one = framed(b"MSH|" + b"x" * 900)
        for _ in range(200):
            writer.write(one)
        await writer.drain()
        return len([await reader.readuntil(END) for _ in range(200)])

    assert talk(MllpServer(Site(pk=1), most_bytes=1000, answer=weigh), floods) == 200
    assert max(held) < 1000
    connections.close_all()
