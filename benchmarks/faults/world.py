"""One home, its operator and its database, for as many trials as wanted: each has its own database and mailboxes."""

import base64
import os
import secrets
import signal
import smtplib
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
from tests.support.mail_clients import client_context, submission
from tests.support.operator import on_free_ports, start_operator, stop_operator

from benchmarks.faults.proxy import NONE, Proxy
from liaison.demo.operator.config import Account, OperatorConfig
from liaison.demo.pki import ensure_authority
from liaison.runtime.errors import PostgresProblem
from liaison.runtime.paths import Home
from liaison.runtime.postgres import EmbeddedPostgres, ServerUrl

DOMAIN = "faults.mssante.test"
HOSPITAL = f"hopital@{DOMAIN}"
PASSWORD = "secret"  # noqa: S105 (of an operator that lives for one run, on loopback)
MOST_TRIALS = 60
POSTGRES_PATIENCE_SECONDS = 30.0


def home_address(trial: int) -> str:
    return f"maison{trial}@{DOMAIN}"


def doctor_address(trial: int) -> str:
    return f"medecin{trial}@{DOMAIN}"


def operator_config(folder: Path) -> OperatorConfig:
    names = [HOSPITAL, *(address(n) for n in range(MOST_TRIALS) for address in (home_address, doctor_address))]
    accounts = tuple(Account(name, PASSWORD) for name in names)
    config = OperatorConfig("faults", (DOMAIN,), folder / "operator", folder / "pki", accounts=accounts)
    return on_free_ports(replace(config, retry_after=0.2, retry_at_most=0.5))


@dataclass
class World:
    """What goes on whatever is killed: the operator, the relays before it, the PostgreSQL of this run."""

    folder: Path
    config: OperatorConfig
    postgres: EmbeddedPostgres
    url: ServerUrl
    imap: Proxy
    smtp: Proxy
    operator: "subprocess.Popen[str]"
    posted: dict[str, str] = field(default_factory=dict)

    def post(self, raw: bytes, message_id: str, address: str) -> None:
        """Give a message to the operator as the hospital does; it counts from the moment the operator answered."""
        with submission(self.config, client_context(ensure_authority(self.config.pki))) as client:
            client.login(HOSPITAL, PASSWORD)
            client.sendmail(HOSPITAL, [address], raw)
        self.posted[message_id] = address

    def calm(self) -> None:
        for relay in (self.imap, self.smtp):
            relay.suffer(NONE)

    def kill_postgres(self) -> None:
        """SIGKILL the postmaster: every backend dies with it."""
        for process in postmasters(self.url):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def raise_postgres(self) -> None:
        """Start it again; it recovers from its log."""
        deadline = time.monotonic() + POSTGRES_PATIENCE_SECONDS
        while True:
            try:
                self.url = self.postgres.start()
                self.connect("postgres").close()
            except (PostgresProblem, psycopg.OperationalError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    def connect(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(replace(self.url, database=database).as_text(), autocommit=True)


def postmasters(url: ServerUrl) -> list[int]:
    """The process at the head of the server: the parent of the backend that answers us."""
    with psycopg.connect(url.as_text()) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        status = Path(f"/proc/{row[0] if row else 0}/stat").read_text()
    return [int(status.rpartition(")")[2].split()[1])]


@contextmanager
def running_world(folder: Path) -> Iterator[World]:
    home = Home(folder / "home").create()
    postgres = EmbeddedPostgres(home)
    url = postgres.start()
    config = operator_config(folder)
    operator = start_operator(config)
    imap, smtp = Proxy(config.imap_port or 0), Proxy(config.smtp_port or 0)
    world = World(folder, config, postgres, url, imap, smtp, operator)
    _environment(home, url)
    try:
        yield world
    finally:
        for relay in (imap, smtp):
            relay.stop()
        stop_operator(operator)
        with suppress(smtplib.SMTPException, OSError, PostgresProblem):
            postgres.erase()


def _environment(home: Home, url: ServerUrl) -> None:
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
