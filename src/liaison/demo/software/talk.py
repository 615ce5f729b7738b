"""One MLLP conversation: a message, its acknowledgment (HL7 v2 transport specification, release 1)."""

import socket

START, END = b"\x0b", b"\x1c\r"
SECONDS = 20.0
MOST_BYTES = 65536


def say(host: str, port: int, message: bytes) -> str:
    """The code of the acknowledgment (AA, AE, AR). OSError when there is none."""
    with socket.create_connection((host, port), timeout=SECONDS) as link:
        link.sendall(START + message + END)
        answer = b""
        while not answer.endswith(END) and len(answer) < MOST_BYTES:
            part = link.recv(4096)
            if not part:
                raise ConnectionResetError("the connection ended before the acknowledgment")
            answer += part
    return _code(answer)


def _code(answer: bytes) -> str:
    segments = answer.strip(START + END).decode("utf-8", "replace").split("\r")
    said = next((segment for segment in segments if segment.startswith("MSA|")), "MSA|")
    return said.split("|")[1]
