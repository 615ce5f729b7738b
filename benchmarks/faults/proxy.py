"""A relay between Liaison and its mail servers, in a process of its own, that cuts or delays when it is told to."""

import multiprocessing
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection

PATIENCE_SECONDS = 20.0
CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to the next connections, until another is asked for; sizes in bytes.

    ``cut_after``: the connection ends once the server has said so much. ``swallow_after``: once the client has said so
    much, the server's next words are lost with the connection. ``stop_after``: the connection ends once the client has
    said so much. ``delay`` is slept before each piece, in seconds.
    """

    cut_after: int = 0
    swallow_after: int = 0
    stop_after: int = 0
    delay: float = 0.0
    refuse: bool = False


NONE = Fault()


class Proxy:
    """A listening port relayed to ``target``."""

    def __init__(self, target: int) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(listener.getsockname()[1])
        self._ours, theirs = multiprocessing.Pipe()
        relay = multiprocessing.get_context("fork").Process(target=_serve, args=(listener, target, theirs), daemon=True)
        relay.start()
        listener.close()
        theirs.close()
        self._relay = relay

    def suffer(self, fault: Fault) -> int:
        """From now on, for new connections; how many times the fault before it struck."""
        self._ours.send(fault)
        return int(self._ours.recv())

    def stop(self) -> None:
        self._relay.kill()
        self._relay.join()


@dataclass(slots=True)
class Now:
    """The fault of the next connections, and how many times it struck."""

    fault: Fault = NONE
    strikes: int = 0

    def strike(self) -> None:
        self.strikes += 1


def _serve(listener: socket.socket, target: int, orders: Connection) -> None:
    now = Now()
    threading.Thread(target=_obey, args=(orders, now), daemon=True).start()
    while True:
        client, _ = listener.accept()
        if now.fault.refuse:
            now.strike()
            client.close()
            continue
        threading.Thread(target=_relay, args=(client, target, Said(now.fault, now.strike)), daemon=True).start()


def _obey(orders: Connection, now: Now) -> None:
    while True:
        fault = orders.recv()
        orders.send(now.strikes)
        now.fault, now.strikes = fault, 0


def _relay(client: socket.socket, target: int, said: "Said") -> None:
    with suppress(OSError), client, socket.create_connection(("127.0.0.1", target), PATIENCE_SECONDS) as server:
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=_pump, args=(server, client, said.server_goes_on), daemon=True)
        back.start()
        _pump(client, server, said.client_goes_on)
        back.join()


@dataclass(slots=True)
class Said:
    """How many bytes each side has said, and whether the fault lets it go on."""

    fault: Fault
    strike: Callable[[], None]
    client: int = 0
    server: int = 0

    def client_goes_on(self, size: int) -> bool:
        self._wait()
        self.client += size
        return self._goes_on(not self.fault.stop_after or self.client <= self.fault.stop_after)

    def server_goes_on(self, size: int) -> bool:
        self._wait()
        self.server += size
        cut = self.fault.cut_after and self.server > self.fault.cut_after
        swallowed = self.fault.swallow_after and self.client >= self.fault.swallow_after
        return self._goes_on(not (cut or swallowed))

    def _wait(self) -> None:
        if self.fault.delay:
            self.strike()
            time.sleep(self.fault.delay)

    def _goes_on(self, holds: bool) -> bool:
        if not holds:
            self.strike()
        return holds


def _pump(source: socket.socket, sink: socket.socket, goes_on: Callable[[int], bool]) -> None:
    with suppress(OSError):
        while (piece := source.recv(CHUNK)) and goes_on(len(piece)):
            sink.sendall(piece)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
