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

    def suffer(self, fault: Fault) -> None:
        self._ours.send(fault)
        self._ours.recv()

    def stop(self) -> None:
        self._relay.kill()
        self._relay.join()


def _serve(listener: socket.socket, target: int, orders: Connection) -> None:
    state = {"fault": NONE}

    def obey() -> None:
        while True:
            state["fault"] = orders.recv()
            orders.send("done")

    threading.Thread(target=obey, daemon=True).start()
    while True:
        client, _ = listener.accept()
        fault = state["fault"]
        if fault.refuse:
            client.close()
            continue
        threading.Thread(target=_relay, args=(client, target, fault), daemon=True).start()


def _relay(client: socket.socket, target: int, fault: Fault) -> None:
    with suppress(OSError), client, socket.create_connection(("127.0.0.1", target), PATIENCE_SECONDS) as server:
        said = Said(fault)
        back = threading.Thread(target=_pump, args=(server, client, said.server_goes_on), daemon=True)
        back.start()
        _pump(client, server, said.client_goes_on)
        back.join()


@dataclass(slots=True)
class Said:
    """How many bytes each side has said, and whether the fault lets it go on."""

    fault: Fault
    client: int = 0
    server: int = 0

    def client_goes_on(self, size: int) -> bool:
        time.sleep(self.fault.delay)
        self.client += size
        return not self.fault.stop_after or self.client <= self.fault.stop_after

    def server_goes_on(self, size: int) -> bool:
        time.sleep(self.fault.delay)
        self.server += size
        cut = self.fault.cut_after and self.server > self.fault.cut_after
        swallowed = self.fault.swallow_after and self.client >= self.fault.swallow_after
        return not (cut or swallowed)


def _pump(source: socket.socket, sink: socket.socket, goes_on: Callable[[int], bool]) -> None:
    with suppress(OSError):
        while (piece := source.recv(CHUNK)) and goes_on(len(piece)):
            sink.sendall(piece)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
