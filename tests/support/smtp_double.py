"""An SMTP server over TLS that answers what it is told, or nothing: for the failures a good server never has."""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from liaison.demo.pki import Authority

SILENT, CUT = "silent", "cut"
BODY = "the message"
ANSWERS = {
    "greeting": "220 double ESMTP",
    "EHLO": "250-double\r\n250-SIZE 1000000\r\n250-DSN\r\n250 AUTH PLAIN LOGIN EXTERNAL",
    "AUTH": "235 2.7.0 ok",
    "DATA": "354 go on",
    BODY: "250 2.0.0 taken",
    "QUIT": "221 bye",
}


@dataclass
class Double:
    """The port to speak to, and the commands heard."""

    port: int
    heard: list[str] = field(default_factory=list)


@contextmanager
def smtp_double(authority: Authority, said: Mapping[str, str] | None = None) -> Iterator[Double]:
    """One connection is served. ``said`` replaces answers by verb; SILENT never answers, CUT closes instead."""
    released = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        double = Double(listener.getsockname()[1])
        arguments = (listener, authority, {**ANSWERS, **(said or {})}, double, released)
        server = threading.Thread(target=_serve, args=arguments, daemon=True)
        server.start()
        try:
            yield double
        finally:
            released.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            server.join(timeout=5)


def _serve(
    listener: socket.socket, authority: Authority, answers: dict[str, str], double: Double, released: threading.Event
) -> None:
    credential = authority.server_certificate(["127.0.0.1"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(credential.certificate, credential.key)
    with suppress(OSError), context.wrap_socket(listener.accept()[0], server_side=True) as client:
        verb = "greeting"
        lines = client.makefile("rb")
        while verb:
            answer = answers.get(verb, "250 ok")
            if answer == CUT:
                return
            if answer == SILENT:
                released.wait(timeout=30)
                return
            client.sendall(answer.encode() + b"\r\n")
            verb = _next(lines, double, in_message=answer.startswith("354"))


def _next(lines: "socket.SocketIO", double: Double, *, in_message: bool) -> str:
    if in_message:
        for line in lines:
            if line == b".\r\n":
                return BODY
        return ""
    command = lines.readline().decode().strip()
    double.heard.append(command)
    return command.partition(" ")[0].upper()
