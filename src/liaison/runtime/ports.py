"""TCP ports of the loopback interface."""

import socket

from liaison.runtime.errors import PortInUse

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port nobody listens on now; it is not held, so use it at once."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether a server could listen there now (a port in TIME_WAIT counts as free, as it does for servers)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def ensure_free(port: int, purpose: str) -> None:
    """Raise PortInUse unless `port` can be listened on; `purpose` is French, as in « l'application web »."""
    if not is_free(port):
        raise PortInUse(
            f"Le port {port} ({purpose}) est déjà utilisé par un autre programme. "
            "Arrêtez ce programme, ou choisissez un autre port."
        )
