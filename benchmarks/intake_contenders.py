"""Who drains the mailbox: tools that only store, the straight line, and Liaison; each as the commands a user would run.

A contender prepares itself for a mailbox, then ``drain`` is what is timed. Its processes are ours to count: those it
starts, and the PostgreSQL it works with.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.intake_dovecot import HOST, PASSWORD, Server
from benchmarks.straight_line import TABLES
from liaison.runtime.paths import Home
from liaison.runtime.postgres import EmbeddedPostgres

LONGEST_SECONDS = 3600
PACKAGES = {"mbsync": "isync", "getmail": "getmail6", "offlineimap": "offlineimap3"}
_MBSYNC = """
FSync yes
SyncState *

IMAPAccount banc
Host {host}
Port {port}
User {user}
Pass {password}
SSLType IMAPS
SystemCertificates no
CertificateFile {authority}

IMAPStore server
Account banc

MaildirStore here
Path {folder}/
Inbox {folder}/INBOX

Channel banc
Far :server:
Near :here:
Patterns INBOX
Sync PullNew
Create Near
"""
_GETMAIL = """
[retriever]
type = SimpleIMAPSSLRetriever
server = {host}
port = {port}
username = {user}
password = {password}
ca_certs = {authority}
[destination]
type = Maildir
path = {folder}/INBOX/
{account}
[options]
delete = false
delivered_to = false
received = false
verbose = 0
"""
_OFFLINEIMAP = """
[general]
accounts = banc
metadata = {folder}/state
fsync = True
[Account banc]
localrepository = here
remoterepository = server
[Repository here]
type = Maildir
localfolders = {folder}/mail
[Repository server]
type = IMAP
remotehost = {host}
remoteport = {port}
remoteuser = {user}
remotepass = {password}
ssl = yes
sslcacertfile = {authority}
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """A home and the PostgreSQL of its own that it is drained to."""

    home: Home
    url: str

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "liaison.config.settings",
            "LIAISON_HOME": str(self.home.folder),
            "LIAISON_SECRET_KEY": "banc",
            "LIAISON_BLOB_KEY": base64.b64encode(bytes(32)).decode(),
            "LIAISON_ACCEPT_TEST_INS": "true",
            "DATABASE_URL": self.url,
        }

    @property
    def postmaster(self) -> int:
        return int(next(self.home.postgres.rglob("postmaster.pid")).read_text().splitlines()[0])


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """A home in a folder, and its PostgreSQL, which is erased at the end."""
    home = Home(folder).create()
    server = EmbeddedPostgres(home)
    try:
        yield Ground(home, server.start().as_text())
    finally:
        server.erase()


@dataclass(slots=True)
class Contender:
    """``wall`` and ``cpu`` are the seconds of each drain; ``kept`` whether every byte of every message is there."""

    name: str
    workers: int = 1
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    kept: bool | None = None

    def prepare(self, server: Server, user: str, folder: Path) -> None:
        raise NotImplementedError

    def drain(self) -> None:
        raise NotImplementedError

    def stored(self) -> set[str]:
        """The SHA-256 of each message it keeps."""
        return set()

    def servers(self) -> list[int]:
        """The processes that work for it and that it does not start itself."""
        return []


class Tool(Contender):
    """A program with a configuration file, that stores a maildir."""

    def __init__(self, name: str, configuration: str, command: Callable[[Path], list[str]]) -> None:
        super().__init__(name)
        self.configuration, self.command = configuration, command
        self.folder = Path()

    def prepare(self, server: Server, user: str, folder: Path) -> None:
        self.folder = folder
        for name in ("cur", "new", "tmp"):
            (folder / "INBOX" / name).mkdir(parents=True)
        (folder / "mail").mkdir()
        text = self.configuration.format(
            host=HOST,
            port=server.port,
            user=user,
            password=PASSWORD,
            authority=server.authority,
            folder=folder,
            account="user = mail" if os.geteuid() == 0 else "",  # getmail stores nothing for root
        )
        for path in folder.glob("INBOX/**"):
            os.chown(path, *server.owner)
        (folder / "rc").write_text(text)
        (folder / "rc").chmod(0o600)

    def drain(self) -> None:
        run(self.command(self.folder))

    def stored(self) -> set[str]:
        folders = [*self.folder.glob("**/new"), *self.folder.glob("**/cur")]
        return {digest(file.read_bytes()) for folder in folders for file in folder.iterdir()}


def tools() -> list[Tool]:
    """The three that Debian has. Raises SystemExit with the packages that lack."""
    missing = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    if missing:
        raise SystemExit(f"Il manque des outils de comparaison (sous Debian : apt-get install {' '.join(missing)}).")
    return [
        Tool("mbsync", _MBSYNC, lambda folder: ["mbsync", "-q", "-c", str(folder / "rc"), "banc"]),
        Tool("getmail6", _GETMAIL, lambda folder: ["getmail", "--getmaildir", str(folder), "--rcfile", "rc"]),
        Tool(
            "offlineimap3", _OFFLINEIMAP, lambda folder: ["offlineimap", "-o", "-u", "quiet", "-c", str(folder / "rc")]
        ),
    ]


class StraightLine(Contender):
    """Our own floor (benchmarks/straight_line.py), by one process or several; ``fetch`` only fetches."""

    def __init__(self, name: str, reader: str, workers: int, ground: Ground) -> None:
        super().__init__(name, workers)
        self.reader, self.ground = reader, ground
        self.arguments: list[str] = []
        self.folder = Path()

    def prepare(self, server: Server, user: str, folder: Path) -> None:
        self.folder = folder / "kept"
        self.folder.mkdir(parents=True)
        url = "" if self.reader == "fetch" else self._database()
        self.arguments = [HOST, str(server.port), user, str(server.authority)]
        self.ends = [str(self.folder), url, self.reader]

    def _database(self) -> str:
        """A database beside the product's, in the same PostgreSQL, kept from one mailbox to the next."""
        name = f"line_{self.reader}_{self.workers}"
        with psycopg.connect(self.ground.url, autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
            if not found:
                connection.execute(f"CREATE DATABASE {name}")
        url = self.ground.url.rpartition("/")[0] + f"/{name}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(TABLES)
        return url

    def drain(self) -> None:
        shares = [
            [
                sys.executable,
                "-m",
                "benchmarks.straight_line",
                *self.arguments,
                str(share),
                str(self.workers),
                *self.ends,
            ]
            for share in range(self.workers)
        ]
        run(*shares)

    def stored(self) -> set[str]:
        return {digest(file.read_bytes()) for file in self.folder.iterdir()}

    def servers(self) -> list[int]:
        return [] if self.reader == "fetch" else [self.ground.postmaster]


class Product(Contender):
    """``liaison drain``, and beside it as many ``liaison worker`` as are asked in all."""

    def __init__(self, workers: int, ground: Ground, residents: int) -> None:
        super().__init__("Liaison", workers)
        self.ground, self.environment = ground, ground.environment
        self.user = ""
        self.ask("residents", str(residents))

    def ask(self, *arguments: str) -> Any:
        command = [sys.executable, "-m", "benchmarks.intake_product", *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise SystemExit(f"{' '.join(arguments[:1])} : {done.stderr[-2000:]}")
        return json.loads(done.stdout.splitlines()[-1])

    def prepare(self, server: Server, user: str, folder: Path) -> None:  # noqa: ARG002 (it keeps in its own home)
        self.user = f"{user}@banc.example"
        self.ask("mailbox", self.user, str(server.port), str(server.authority))

    def drain(self) -> None:
        command = [sys.executable, "-c", "from liaison.cli.app import main; main()"]
        worker = [*command, "worker", "--concurrency", "1"]
        others = [
            subprocess.Popen(worker, env=self.environment, stdout=subprocess.DEVNULL)  # noqa: S603 (ours)
            for _ in range(self.workers - 1)
        ]
        run([*command, "drain"], environment=self.environment)
        while not self._is_done():
            time.sleep(0.2)
        for other in others:
            other.terminate()
        for other in others:
            other.wait()

    def _is_done(self) -> bool:
        with psycopg.connect(self.environment["DATABASE_URL"], options="-c liaison.sites=*") as own:
            left = own.execute(
                "SELECT (SELECT count(*) FROM intake_rawmessage WHERE state <> 'read')"
                " + (SELECT count(*) FROM intake_document d WHERE d.state = 'to_match' AND NOT EXISTS"
                " (SELECT FROM filing_proposal p WHERE p.document_id = d.id))"
            ).fetchone()
        return bool(left) and left[0] == 0

    def stored(self) -> set[str]:
        return set(self.ask("kept"))

    def servers(self) -> list[int]:
        return [self.ground.postmaster]


def run(*commands: Sequence[str], environment: dict[str, str] | None = None) -> None:
    """Together, to their end. Raises SystemExit when one fails."""
    processes = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)  # noqa: S603
        for command in commands
    ]
    for process in processes:
        said = process.communicate(timeout=LONGEST_SECONDS)[1]
        if process.returncode:
            raise SystemExit(f"{process.args} a échoué :\n{said[-2000:]}")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
