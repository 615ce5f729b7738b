"""What goes on whatever is killed: mail servers, the relays before them, the PostgreSQL of this world.

A world is a process of its own with as many trials as wanted: each has its own database, blobs and mailboxes. All that
Liaison writes lies on one small disk of its own, where the machine allows such a disk, so that it can be full.
"""

import base64
import os
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from benchmarks.faults.disk import Disk, run, small_disk
from benchmarks.faults.peers import PEERS, Servers
from benchmarks.faults.proxy import NONE, Proxy
from liaison.runtime.errors import PostgresProblem
from liaison.runtime.paths import Home
from liaison.runtime.ports import free_port
from liaison.runtime.postgres import EmbeddedPostgres, ServerUrl

DOMAIN = "faults.mssante.test"
HOSPITAL = f"hopital@{DOMAIN}"
MOST_TRIALS = 120
POSTGRES_PATIENCE_SECONDS = 60.0
NO_SPACE = "No space left on device"


def home_address(trial: int) -> str:
    return f"maison{trial}@{DOMAIN}"


def doctor_address(trial: int) -> str:
    return f"medecin{trial}@{DOMAIN}"


def all_addresses() -> list[str]:
    return [HOSPITAL, *(address(n) for n in range(MOST_TRIALS) for address in (home_address, doctor_address))]


@dataclass
class World:
    """``door`` is the port where a life listens to the home's software. ``disk`` is None where the machine allows none.
    ``life_seconds`` is how long a life without fault took last.
    """

    folder: Path
    home: Home
    servers: Servers
    postgres: EmbeddedPostgres
    url: ServerUrl
    imap: Proxy
    smtp: Proxy
    door: int
    mllp: Proxy
    disk: Disk | None
    life_seconds: float = 1.0

    def calm(self) -> int:
        """End the faults of the network; how many times they struck."""
        return sum(relay.suffer(NONE) for relay in (self.imap, self.smtp, self.mllp))

    def kill_postgres(self) -> None:
        """SIGKILL the postmaster: every backend dies with it."""
        with suppress(ProcessLookupError):
            os.kill(postmaster(self.url), signal.SIGKILL)

    def raise_postgres(self) -> None:
        """Start it again if it is dead; it recovers from its log."""
        deadline = time.monotonic() + POSTGRES_PATIENCE_SECONDS
        while True:
            try:
                self.connect("postgres").close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                with suppress(PostgresProblem):
                    self.url = self.postgres.start()
            else:
                return

    def connect(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(replace(self.url, database=database).as_text(), autocommit=True)

    def postgres_lacked_space(self) -> int:
        """How many times PostgreSQL met a full disk since the world began."""
        log = self.home.postgres / "log" / "postgresql.log"
        return log.read_text(errors="replace").count(NO_SPACE) if log.exists() else 0


def postmaster(url: ServerUrl) -> int:
    """The process at the head of the server: the parent of the backend that answers us."""
    with psycopg.connect(url.as_text()) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        status = Path(f"/proc/{row[0] if row else 0}/stat").read_text()
    return int(status.rpartition(")")[2].split()[1])


def prepare(folder: Path) -> None:
    """A PostgreSQL with the tables of a home, stopped, that each world copies. Leaves this process set up for it."""
    postgres, _ = _start(Home(folder / "home").create(), folder / "postgres")
    from django.db import connections

    from liaison.apps.operations.setup import migrate

    migrate()
    connections.close_all()
    postgres.stop()


@contextmanager
def running_world(folder: Path, prepared: Path, peers: str) -> Iterator[World]:
    """In a process of its own, which is set up for this world and no other."""
    folder.mkdir(mode=0o755)
    disk = small_disk(folder)
    place = disk.folder if disk else folder
    run("cp", "-a", str(prepared / "postgres"), str(place / "postgres"))
    (place / "postgres" / "port").unlink()
    home = Home(place / "home").create()
    with PEERS[peers](folder, all_addresses()) as servers:
        postgres, url = _start(home, place / "postgres")
        door = free_port()
        relays = [Proxy(port) for port in (servers.imap_port, servers.smtp_port, door)]
        try:
            yield World(folder, home, servers, postgres, url, relays[0], relays[1], door, relays[2], disk)
        finally:
            for relay in relays:
                relay.stop()
            with suppress(OSError, PostgresProblem):
                postgres.erase()
            _end_what_is_left(place / "postgres" / "data")


def _end_what_is_left(data: Path) -> None:
    """A server that did not stop when it was asked to: nothing of a world outlives it."""
    with suppress(OSError):
        number = int((data / "postmaster.pid").read_text().splitlines()[0])
        if str(data) in Path(f"/proc/{number}/cmdline").read_text():
            os.kill(number, signal.SIGKILL)


def _start(home: Home, place: Path) -> tuple[EmbeddedPostgres, ServerUrl]:
    """PostgreSQL with its files in ``place``, and this process set up for it."""
    os.environ["LIAISON_POSTGRES_HOME"] = str(place)
    postgres = EmbeddedPostgres(home)
    url = postgres.start()
    os.environ |= {
        "LIAISON_HOME": str(home.folder),
        "DATABASE_URL": url.as_text(),
        "LIAISON_DOOR": "command",
        "LIAISON_ACCEPT_TEST_INS": "true",
        "LIAISON_MAIL_TIMEOUT_SECONDS": "5",
        "LIAISON_SECRET_KEY": secrets.token_hex(16),
        "LIAISON_BLOB_KEY": base64.b64encode(bytes(32)).decode(),
        "DJANGO_SETTINGS_MODULE": "liaison.config.settings",
    }
    import django

    django.setup()
    return postgres, url
