"""A PostgreSQL of our own: made at first start, shared by every process of one home, stopped by the last to leave.

ADR 0002 says why it is so.
"""

import atexit
import os
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from liaison.runtime import leases
from liaison.runtime.errors import PostgresProblem
from liaison.runtime.paths import Home
from liaison.runtime.ports import LOOPBACK
from liaison.runtime.postgres_cluster import SUPERUSER, Cluster
from liaison.runtime.secrets import secret_in

ROLE = "liaison"
DATABASE = "liaison"
_PG_CTL_BREAKS_ON = frozenset('"$`\\')  # it pastes the path between double quotes of a shell command
_FOLDERS = {"leases": 0o700, "keys": 0o700, "binaries": 0o755}


@dataclass(frozen=True, slots=True)
class ServerUrl:
    """How to reach a database; its repr never shows the password."""

    port: int
    user: str
    password: str = field(repr=False)
    database: str
    host: str = LOOPBACK

    def as_text(self) -> str:
        """postgresql://user:password@host:port/database, percent-encoded."""
        return f"postgresql://{quote(self.user)}:{quote(self.password)}@{self.host}:{self.port}/{quote(self.database)}"


class EmbeddedPostgres:
    """The server of one home. Any number of processes may start it; each holds a lease until it stops it."""

    def __init__(self, home: Home) -> None:
        self._folder = home.postgres
        self._cluster = Cluster(self._folder)
        self._lease: leases.Lease | None = None

    def start(self) -> ServerUrl:
        """Attach to the running server, or start it, or make it; PostgresProblem says in French what prevents it."""
        self._prepare_folders()
        with self._locked():
            port = self._cluster.bring_up()
            url = self._ensure_database(port)
            self._lease = self._lease or leases.take(self._leases)
        return url

    def stop(self) -> None:
        """Give the lease back, and stop the server if no living process holds another."""
        if not self._leases.is_dir():
            return
        with self._locked():
            if self._lease:
                self._lease.release()
                self._lease = None
            if not leases.holders(self._leases):
                self._cluster.shut_down()

    def erase(self) -> None:
        """Destroy every row: stop the server and remove its files. Refused while another process uses it."""
        self.stop()
        if not self._leases.is_dir():
            return
        with self._locked():
            if leases.holders(self._leases):
                raise PostgresProblem(
                    "La base de données sert encore à une autre commande de Liaison. "
                    "Arrêtez-la avant de tout remettre à zéro."
                )
            self._cluster.erase()

    def is_running(self) -> bool:
        """Whether the server accepts connections now."""
        return self._cluster.ready_port() is not None

    @property
    def _leases(self) -> Path:
        return self._folder / "leases"

    def _locked(self) -> AbstractContextManager[None]:
        return leases.locked(self._folder / "lock")

    def _prepare_folders(self) -> None:
        """Root's folder is open to the account it hands the server to; everybody else's is closed."""
        if not _PG_CTL_BREAKS_ON.isdisjoint(str(self._folder)):
            raise PostgresProblem(
                f"PostgreSQL ne sait pas travailler dans {self._folder} : ce chemin contient un guillemet, un dollar, "
                "un accent grave ou une barre oblique inverse. Choisissez-en un autre par LIAISON_POSTGRES_HOME."
            )
        try:
            self._folder.mkdir(mode=0o755 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            for name, mode in _FOLDERS.items():
                (self._folder / name).mkdir(mode=mode, exist_ok=True)
        except OSError as problem:
            raise PostgresProblem(
                f"Impossible de préparer le dossier {self._folder} ({problem.strerror}). "
                "Choisissez-en un autre par LIAISON_POSTGRES_HOME, ou donnez votre serveur par DATABASE_URL."
            ) from problem

    def _ensure_database(self, port: int) -> ServerUrl:
        """The role is no superuser: row-level security must bind it. It may create databases, for the tests."""
        url = ServerUrl(port, ROLE, secret_in(self._folder / "keys", ROLE).hex(), DATABASE)
        administration = ServerUrl(port, SUPERUSER, self._cluster.superuser_password(), SUPERUSER)
        try:
            with psycopg.connect(administration.as_text(), autocommit=True, connect_timeout=10) as connection:
                _ensure_role(connection, url.password)
                _ensure_database_of_the_role(connection)
        except psycopg.OperationalError as problem:
            raise PostgresProblem(f"PostgreSQL tourne mais refuse la connexion : {problem}") from problem
        return url


def _ensure_role(connection: psycopg.Connection, password: str) -> None:
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
        return
    # Hashed here, so that the password itself never travels nor reaches a log.
    hashed = connection.pgconn.encrypt_password(password.encode(), ROLE.encode(), b"scram-sha-256").decode()
    connection.execute(
        sql.SQL("CREATE ROLE {} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS PASSWORD {}").format(
            sql.Identifier(ROLE), sql.Literal(hashed)
        )
    )


def _ensure_database_of_the_role(connection: psycopg.Connection) -> None:
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(ROLE))
        )


def database_url(home: Home) -> str:
    """DATABASE_URL when the site gives its own server; else our own, started, and held until this process ends."""
    return os.environ.get("DATABASE_URL") or _held_until_exit(home)


@cache
def _held_until_exit(home: Home) -> str:
    server = EmbeddedPostgres(home)
    url = server.start()
    atexit.register(server.stop)
    return url.as_text()
