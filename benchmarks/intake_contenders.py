"""Who drains the mailbox: tools that only store, the straight line, and Liaison; each as the commands a user would run.

A contender prepares itself for a mailbox, then ``drain`` is what is timed. Its processes are ours to count: those it
starts, and the PostgreSQL it works with.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.intake_clock import Clock, timed
from benchmarks.intake_dovecot import HOST, PASSWORD, Server
from benchmarks.intake_mails import digest
from benchmarks.machine import cpu_of_tree
from benchmarks.straight_line import TABLES
from liaison.runtime.paths import Home
from liaison.runtime.postgres import EmbeddedPostgres

LONGEST_SECONDS = 3600
DONE_LOOK_SECONDS = 0.1
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
    """``clocks`` and ``cpu`` (seconds) are those of each drain, ``drained`` how many messages each had.

    ``start_cpu`` is the processor time of a drain with nothing to take; ``kept`` whether every byte of every message is
    there. A ``slow`` one drains a single mailbox. ``questions_cpu`` is what our own questions cost its servers so far.
    """

    name: str
    workers: int = 1
    slow: bool = False
    clocks: list[Clock] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    start_cpu: float = 0.0
    questions_cpu: float = 0.0
    drained: list[int] = field(default_factory=list)
    kept: bool | None = None

    def prepare(self, server: Server, user: str, folder: Path) -> None:
        raise NotImplementedError

    def drain(self, messages: int) -> Clock:  # noqa: ARG002 (one that ends by itself needs no count)
        """Take the messages of the mailbox it is prepared for, as many as are said, to the last."""
        with timed(self.has_begun) as clock:
            run(*self.commands())
        return clock

    def commands(self) -> list[list[str]]:
        raise NotImplementedError

    def has_begun(self) -> bool:
        """Whether a message is kept already."""
        raise NotImplementedError

    def stored(self) -> set[str]:
        """The SHA-256 of each message it keeps."""
        return set()

    def servers(self) -> list[int]:
        """The processes that work for it and that it does not start itself."""
        return []


class Tool(Contender):
    """A program with a configuration file, that stores a maildir."""

    def __init__(
        self, name: str, configuration: str, command: Callable[[Path], list[str]], *, slow: bool = False
    ) -> None:
        super().__init__(name, slow=slow)
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

    def commands(self) -> list[list[str]]:
        return [self.command(self.folder)]

    def has_begun(self) -> bool:
        return any(True for folder in self._folders() for _ in folder.iterdir())

    def _folders(self) -> list[Path]:
        return [*self.folder.glob("**/new"), *self.folder.glob("**/cur")]

    def stored(self) -> set[str]:
        folders = self._folders()
        return {digest(file.read_bytes()) for folder in folders for file in folder.iterdir()}


def tools() -> list[Tool]:
    """The three that Debian has. Raises SystemExit with the packages that lack."""
    missing = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    if missing:
        raise SystemExit(f"Il manque des outils de comparaison (sous Debian : apt-get install {' '.join(missing)}).")
    return [
        Tool("mbsync", _MBSYNC, lambda folder: ["mbsync", "-q", "-c", str(folder / "rc"), "banc"]),
        Tool(
            "getmail6",
            _GETMAIL,
            lambda folder: ["getmail", "--getmaildir", str(folder), "--rcfile", "rc"],
            slow=True,
        ),
        Tool(
            "offlineimap3",
            _OFFLINEIMAP,
            lambda folder: ["offlineimap", "-o", "-u", "quiet", "-c", str(folder / "rc")],
            slow=True,
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

    def commands(self) -> list[list[str]]:
        program = [sys.executable, "-m", "benchmarks.straight_line", *self.arguments]
        return [[*program, str(share), str(self.workers), *self.ends] for share in range(self.workers)]

    def has_begun(self) -> bool:
        return any(True for _ in self.folder.iterdir())

    def stored(self) -> set[str]:
        return {digest(file.read_bytes()) for file in self.folder.iterdir()}

    def servers(self) -> list[int]:
        return [] if self.reader == "fetch" else [self.ground.postmaster]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the product is with the messages that were not there when it was opened, seen from the database."""

    own: "psycopg.Connection[tuple[int]]"
    messages: int
    last_message: int
    last_document: int

    @classmethod
    @contextmanager
    def opened(cls, url: str, messages: int) -> "Iterator[Progress]":
        with psycopg.connect(url, options="-c liaison.sites=*", autocommit=True) as own:
            yield cls(own, messages, *(_one(own, _LAST.format(table).encode()) for table in _TABLES))

    def has_begun(self) -> bool:
        return _one(self.own, _LAST.format(_TABLES[0]).encode()) > self.last_message

    def kept(self) -> int:
        return _one(self.own, b"SELECT count(*) FROM intake_rawmessage WHERE id > %s", self.last_message)

    def is_done(self) -> bool:
        """Whether all are read, and all their documents put to the rule table."""
        read = _one(self.own, _READ, self.last_message)
        return read >= self.messages and not _one(self.own, _UNPROPOSED, self.last_document)


_TABLES = ("intake_rawmessage", "intake_document")
_LAST = "SELECT coalesce(max(id), 0) FROM {}"
_READ = b"SELECT count(*) FROM intake_rawmessage WHERE id > %s AND state = 'read'"
_UNPROPOSED = b"""SELECT count(*) FROM intake_document d WHERE d.id > %s AND d.state = 'to_match'
    AND NOT EXISTS (SELECT FROM filing_proposal p WHERE p.document_id = d.id)"""


def _one(own: "psycopg.Connection[tuple[int]]", query: bytes, *values: int) -> int:
    found = own.execute(query, values).fetchone()
    return found[0] if found else 0


class Product(Contender):
    """``liaison drain``, and beside it as many ``liaison worker`` as are asked in all, at work already as a service is.

    Its work is done when every message is read and every document put to the rule table.
    """

    def __init__(self, workers: int, ground: Ground, residents: int) -> None:
        super().__init__("Liaison", workers)
        self.ground, self.environment = ground, ground.environment
        self.user = ""
        self.progress: Progress
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

    def drain(self, messages: int) -> Clock:
        with ExitStack() as stack:
            url = self.environment["DATABASE_URL"]
            self.progress = stack.enter_context(Progress.opened(url, messages))
            stack.callback(self._count_questions)
            begun = time.perf_counter()
            for _ in range(self.workers - 1):
                stack.enter_context(self._worker())
            clock = stack.enter_context(timed(self.has_begun))
            clock.given = begun
            draining = stack.enter_context(self.started("drain"))
            while not self.progress.is_done():
                if draining.poll():
                    raise SystemExit("liaison drain a échoué.")
                time.sleep(DONE_LOOK_SECONDS)
            clock.done = time.perf_counter()
        return clock

    def _count_questions(self) -> None:
        self.questions_cpu += cpu_of_tree(self.progress.own.info.backend_pid)

    def started(self, *arguments: str) -> "subprocess.Popen[str]":
        """A command of Liaison on its way, in its environment."""
        command = [sys.executable, "-m", "liaison", *arguments]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)  # noqa: S603 (ours)

    @contextmanager
    def _worker(self) -> Iterator[None]:
        with self.started("worker", "--concurrency", "1") as worker:
            if worker.stdout:
                worker.stdout.readline()  # « worker ready »
            yield
            worker.terminate()

    def has_begun(self) -> bool:
        return self.progress.has_begun()

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
