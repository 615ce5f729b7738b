"""The MLLP door, through real sockets: framed, bounded, answered after the commit."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
import trustme
from django.db import OperationalError
from tests.support import factories
from tests.support.hl7 import adt

from liaison.apps.organisations.models import Site
from liaison.apps.residents.models import Resident
from liaison.connectors import hl7_mllp
from liaison.connectors.hl7_mllp import END, START, MllpServer, Tls
from liaison.core.hl7v2.message import Hl7Message, read_hl7

Given = TypeVar("Given")
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Given]]
ELSEWHERE = Site(pk=1)


def echo(_site: Site, content: bytes) -> bytes:
    return b"seen " + content


def talk(server: MllpServer, talking: "Talk[Given]") -> Given:
    """Talk with the server over a socket, then close it."""

    async def whole() -> Given:
        listening = await server.start("127.0.0.1", 0)
        async with listening:
            reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname()[:2])
            try:
                return await asyncio.wait_for(talking(reader, writer), 20)
            finally:
                writer.close()

    try:
        return asyncio.run(whole())
    finally:
        server.close()


def sending(*pieces: bytes, answers: int = 1) -> "Talk[list[bytes]]":
    async def talking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[bytes]:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        found = [await reader.readuntil(END) for _ in range(answers)]
        return [answer.removeprefix(START).removesuffix(END) for answer in found]

    return talking


async def hears_the_end(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> bytes:
    return await reader.read()


def framed(content: bytes) -> bytes:
    return START + content + END


def acknowledgment(content: bytes) -> Hl7Message:
    read = read_hl7(content)
    assert isinstance(read, Hl7Message)
    return read


def test_several_messages_on_one_connection_are_answered_in_order() -> None:
    three = framed(b"1") + framed(b"2") + b"\r\n" + framed(b"3")
    found = talk(MllpServer(ELSEWHERE, answer=echo), sending(three, answers=3))
    assert found == [b"seen 1", b"seen 2", b"seen 3"]


def test_a_message_cut_anywhere_by_the_network_is_one_message() -> None:
    assert talk(MllpServer(ELSEWHERE, answer=echo), sending(START, b"a", b"b\x1c", b"\r")) == [b"seen ab"]


def test_a_message_too_large_is_said_and_the_connection_closed() -> None:
    async def talking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(framed(b"x" * 5000))
        return await reader.read()

    said = talk(MllpServer(ELSEWHERE, most_bytes=1000, answer=echo), talking)
    assert acknowledgment(said).field("MSA", 1) == "AE"
    assert b"seen" not in said


def test_what_is_not_mllp_is_hung_up_on() -> None:
    async def talking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        return await reader.read()

    assert talk(MllpServer(ELSEWHERE, answer=echo), talking) == b""


def test_a_silent_connection_and_a_message_without_end_are_hung_up_on() -> None:
    assert talk(MllpServer(ELSEWHERE, idle_seconds=0.1, answer=echo), hears_the_end) == b""

    async def talking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(START + b"unfinished")
        return await reader.read()

    assert talk(MllpServer(ELSEWHERE, message_seconds=0.1, answer=echo), talking) == b""


def test_connections_over_the_limit_are_hung_up_on() -> None:
    assert talk(MllpServer(ELSEWHERE, most_connections=0, answer=echo), hears_the_end) == b""


@pytest.mark.django_db(transaction=True)
def test_a_message_is_committed_before_it_is_acknowledged() -> None:
    site = factories.make_site()
    (said,) = talk(MllpServer(site), sending(framed(adt("A01"))))
    assert acknowledgment(said).field("MSA", 1) == "AA"
    assert acknowledgment(said).field("MSA", 2) == "M1"
    assert Resident.objects.get(site=site).local_id == "R12"


@pytest.mark.django_db(transaction=True)
def test_a_fault_of_the_content_is_ae_with_its_code() -> None:
    (said,) = talk(MllpServer(factories.make_site()), sending(framed(adt("A21"))))
    ack = acknowledgment(said)
    assert (ack.field("MSA", 1), ack.value("ERR", 3)) == ("AE", "207")


def authority_files(folder: Path) -> tuple[Tls, Callable[..., ssl.SSLContext]]:
    """The door's certificates, and what makes the context of a sender, with a certificate of the authority or none."""
    authority = trustme.CA()
    ours, theirs = authority.issue_cert("127.0.0.1"), authority.issue_cert("logiciel")
    files = Tls(folder / "certificate.pem", folder / "key.pem", folder / "authority.pem")
    ours.cert_chain_pems[0].write_to_path(str(files.certificate))
    ours.private_key_pem.write_to_path(str(files.key))
    authority.cert_pem.write_to_path(str(files.authority))

    def sender(*, known: bool) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(files.authority))
        if known:
            theirs.configure_cert(context)
        return context

    return files, sender


async def talk_in_tls(server: MllpServer, context: ssl.SSLContext) -> bytes:
    listening = await server.start("127.0.0.1", 0)
    async with listening:
        host, port = listening.sockets[0].getsockname()[:2]
        reader, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname="127.0.0.1")
        writer.write(framed(b"1"))
        said = await asyncio.wait_for(reader.read(100), 20)
        writer.close()
        return said


def test_a_sender_whom_the_authority_knows_is_heard_in_tls_and_no_other(tmp_path: Path) -> None:
    files, sender = authority_files(tmp_path)
    server = MllpServer(ELSEWHERE, answer=echo, tls=files)
    assert b"seen 1" in asyncio.run(talk_in_tls(server, sender(known=True)))
    with pytest.raises((ssl.SSLError, ConnectionError)):
        assert b"seen" not in asyncio.run(talk_in_tls(server, sender(known=False)))
        raise ConnectionResetError
    server.close()


def test_a_key_that_is_not_the_certificates_is_refused_before_listening(tmp_path: Path) -> None:
    files, _ = authority_files(tmp_path)
    trustme.CA().issue_cert("x").private_key_pem.write_to_path(str(files.key))
    with pytest.raises(OSError):
        asyncio.run(MllpServer(ELSEWHERE, answer=echo, tls=files).start("127.0.0.1", 0))


def test_a_database_that_fails_is_ar_so_that_the_message_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(hl7_mllp, "do_take_message", fails)
    monkeypatch.setattr(hl7_mllp, "close_old_connections", lambda: None)
    assert acknowledgment(hl7_mllp.answer(ELSEWHERE, adt("A01"))).field("MSA", 1) == "AR"


@pytest.mark.django_db(transaction=True)
def test_the_door_opens_says_its_port_and_closes_when_told() -> None:
    site = factories.make_site()

    async def run() -> bytes:
        stop = asyncio.Event()
        port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        door = asyncio.create_task(hl7_mllp.serve(site, host="127.0.0.1", port=0, stop=stop, ready=port.set_result))
        reader, writer = await asyncio.open_connection("127.0.0.1", await asyncio.wait_for(port, 20))
        writer.write(framed(adt("A28")))
        said = await reader.readuntil(END)
        writer.close()
        stop.set()
        await asyncio.wait_for(door, 20)
        return said

    assert b"MSA|AA|M1" in asyncio.run(run())
