"""The door of the home's own software: HL7 v2 over MLLP (HL7 v2 transport specification, release 1).

A message is between 0x0B and 0x1C 0x0D. It is committed before it is acknowledged AA; a fault of its content is AE;
what we cannot do for the moment is AR, and the sender sends it again. Messages are taken one after the other, in the
order they come. MLLP itself neither authenticates nor encrypts: without ``Tls`` the port belongs on the loopback, or
behind a tunnel that does both.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import uuid4

from django.db import DatabaseError, InterfaceError, close_old_connections, connections
from django.utils import timezone

from liaison.apps.organisations.models import Site
from liaison.apps.residents.administration import do_take_message
from liaison.core.hl7v2.ack import Verdict, write_ack
from liaison.core.hl7v2.adt import PLACES_OUTSIDE, AdtFault
from liaison.core.hl7v2.message import MOST_BYTES, Hl7Message, read_hl7
from liaison.runtime.failpoints import reach

START, END = b"\x0b", b"\x1c\r"
BETWEEN = b"\r\n"
PASSING_TROUBLE = AdtFault("207", "", "Message non traité pour le moment : à renvoyer.")
FRAME_TOO_LARGE = AdtFault("207", "", "Message trop grand.")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tls:
    """Mutual TLS (1.2 or later): our certificate and key, and the authority the sender's certificate must come from."""

    certificate: Path
    key: Path
    authority: Path

    def context(self) -> ssl.SSLContext:
        """Raises OSError (ssl.SSLError is one) when a file is not what it should be."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.certificate, self.key)
        context.load_verify_locations(self.authority)
        context.verify_mode = ssl.CERT_REQUIRED
        return context


def answer(site: Site, content: bytes, *, outside: Collection[str] = PLACES_OUTSIDE) -> bytes:
    """Take one message and give its acknowledgment. ``outside`` are the places of an A02 that mean the hospital."""
    read = read_hl7(content)
    received = read if isinstance(read, Hl7Message) else None
    close_old_connections()
    try:
        taken = do_take_message(site, content, read, outside=outside)
    except (DatabaseError, InterfaceError, OSError):
        logger.exception("a message was not taken")
        return _ack(received, "AR", PASSING_TROUBLE)
    reach("adt: committed")
    logger.info("message %s: %s %s", taken.message.pk, taken.message.verdict, taken.message.error_code)
    return _ack(received, "AE" if taken.fault else "AA", taken.fault)


def _ack(received: Hl7Message | None, verdict: Verdict, fault: AdtFault | None) -> bytes:
    at = timezone.localtime().strftime("%Y%m%d%H%M%S")
    return write_ack(received, verdict, control_id=uuid4().hex[:20], at=at, fault=fault)


@dataclass
class MllpServer:
    """Listens for one site's software. Times are in seconds; ``most_bytes`` bounds one message."""

    site: Site
    most_bytes: int = MOST_BYTES
    idle_seconds: float = 600.0
    message_seconds: float = 30.0
    most_connections: int = 20
    answer: Callable[[Site, bytes], bytes] = answer
    tls: Tls | None = None
    _open: int = 0
    _one_at_a_time: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=1))

    async def start(self, host: str, port: int) -> asyncio.Server:
        secured = self.tls.context() if self.tls else None
        return await asyncio.start_server(self._converse, host, port, limit=self.most_bytes, ssl=secured)

    def close(self) -> None:
        """Once the server is closed: the message begun is finished."""
        self._one_at_a_time.submit(connections.close_all)
        self._one_at_a_time.shutdown(wait=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= self.most_connections:
                await self._answer_all(reader, writer)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            logger.info("a connection ended before its message")
        finally:
            self._open -= 1
            writer.close()

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await self._begins(reader):
            try:
                content = await asyncio.wait_for(reader.readuntil(END), self.message_seconds)
            except asyncio.LimitOverrunError:
                await self._send(writer, _ack(None, "AE", FRAME_TOO_LARGE))
                return
            loop = asyncio.get_running_loop()
            message = content.removesuffix(END)
            await self._send(writer, await loop.run_in_executor(self._one_at_a_time, self.answer, self.site, message))

    async def _begins(self, reader: asyncio.StreamReader) -> bool:
        """Whether a message begins; blank ends of line between two are passed over, anything else ends the talk."""
        while (first := await asyncio.wait_for(reader.read(1), self.idle_seconds)) and first in BETWEEN:
            continue
        return first == START

    async def _send(self, writer: asyncio.StreamWriter, ack: bytes) -> None:
        writer.write(START + ack + END)
        await asyncio.wait_for(writer.drain(), self.message_seconds)


async def serve(
    site: Site,
    *,
    host: str,
    port: int,
    stop: asyncio.Event,
    ready: Callable[[int], None],
    tls: Tls | None = None,
    outside: Collection[str] = PLACES_OUTSIDE,
) -> None:
    """Listen until ``stop``; ``ready`` is told the port. Raises OSError when a file of ``tls`` cannot be used."""
    door = MllpServer(site, tls=tls, answer=partial(answer, outside=outside))
    server = await door.start(host, port)
    ready(server.sockets[0].getsockname()[1])
    async with server:
        await stop.wait()
    await asyncio.to_thread(door.close)
