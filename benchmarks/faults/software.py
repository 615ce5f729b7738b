"""The home's own software: it tells of the resident by HL7 over MLLP, and tells again what was not acknowledged.

A life of the worker opens the door first, and goes on once the software has said what it had to say.
"""

import asyncio
import os
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.support.hl7 import adt

from liaison.apps.organisations.models import Site
from liaison.connectors import hl7_mllp
from liaison.core.people import INS_TEST

HOST = "127.0.0.1"
PATIENCE_SECONDS = 5.0
TRIES_OF_A_MESSAGE = 2
FIRST_ROOM = 200
TAKEN = b"\rMSA|AA|"


@dataclass
class Software:
    """``messages`` are all it had to say, by control identifier, in order; each gives the resident another room."""

    ins: str
    messages: dict[str, bytes] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)

    @property
    def room(self) -> str:
        """What the last message says."""
        return str(FIRST_ROOM + len(self.messages))

    def move(self) -> None:
        """Something new to tell."""
        number = f"M{len(self.messages) + 1}"
        room = str(FIRST_ROOM + len(self.messages) + 1)
        self.messages[number] = adt("A31", control_id=number, room=room, ins=self.ins, root=INS_TEST, local_id="R12")

    @contextmanager
    def talking(self, door: int, relay: int, done: int) -> Iterator[None]:
        """For the time of a life: tell what is not acknowledged, through the relay; ``done`` is closed at the end."""
        over = threading.Event()
        speaker = threading.Thread(target=self._tell, args=(door, relay, done, over))
        speaker.start()
        try:
            yield
        finally:
            over.set()
            speaker.join()

    def _tell(self, door: int, relay: int, done: int, over: threading.Event) -> None:
        try:
            if _opens(door, over):
                for number, message in self.messages.items():
                    if number not in self.acknowledged and not self._tell_one(number, message, relay):
                        return  # in order, or not at all
        finally:
            os.close(done)

    def _tell_one(self, number: str, message: bytes, relay: int) -> bool:
        for _ in range(TRIES_OF_A_MESSAGE):
            with suppress(OSError):
                if TAKEN in _answer_to(message, relay):
                    self.acknowledged.add(number)
                    return True
        return False


def _opens(door: int, over: threading.Event) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not over.is_set() and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, door)) == 0:
                return True
        time.sleep(0.005)
    return False


def _answer_to(message: bytes, relay: int) -> bytes:
    answer = b""
    with socket.create_connection((HOST, relay), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(hl7_mllp.START + message + hl7_mllp.END)
        while not answer.endswith(hl7_mllp.END) and (piece := connection.recv(65536)):
            answer += piece
    return answer


def hear(site: Site, door: int, done: int) -> None:
    """In a life: the product's door is open until the software has said what it had to say."""
    ended = threading.Event()
    listener = threading.Thread(target=lambda: asyncio.run(_listen(site, door, ended)), daemon=True)
    listener.start()
    select.select([done], [], [], PATIENCE_SECONDS * 2)
    ended.set()
    listener.join()


async def _listen(site: Site, door: int, ended: threading.Event) -> None:
    stop = asyncio.Event()
    serving = asyncio.create_task(hl7_mllp.serve(site, host=HOST, port=door, stop=stop, ready=lambda _port: None))
    await asyncio.to_thread(ended.wait)
    stop.set()
    await serving
