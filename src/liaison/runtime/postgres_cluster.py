"""One cluster on disk and its postmaster: make it, start it, know its state, stop it.

The caller holds the lock of the cluster. Law 5 shapes the log: no statement, parameter or row value is written to it.
"""

import os
import shlex
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from liaison.runtime.errors import PostgresProblem
from liaison.runtime.leases import command_line, process
from liaison.runtime.ports import LOOPBACK, free_port, is_free
from liaison.runtime.postgres_binaries import Account, Binaries, account_for, reachable_binaries
from liaison.runtime.secrets import secret_in

SUPERUSER = "postgres"
_START_SECONDS = 300.0  # recovery after a power cut may replay gigabytes of WAL
_STOP_SECONDS = 60.0
_LOG_LIMIT = 5_000_000

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "fsync": "on",
    "full_page_writes": "on",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "wal_buffers": "16MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    # Containers often have a 64 MB /dev/shm, which parallel plans can exhaust; a home's queries are short.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
_LOCALES = (
    # The built-in provider sorts the same on every glibc; LC_CTYPE serves text search and trigrams, which ask libc.
    ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--lc-ctype=C.UTF-8"),
    ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
)


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a running server says of itself in postmaster.pid."""

    pid: int
    port: int
    status: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """The files of one cluster under `folder`; only `data` and `log` belong to the account that runs the server."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log" / "postgresql.log"

    def postmaster(self) -> Postmaster | None:
        """The server of this cluster if it lives: neither a zombie, nor another program that took its pid."""
        server = _read_pid_file(self.data / "postmaster.pid")
        if server is None or process(server.pid) is None or str(self.data) not in command_line(server.pid):
            return None
        return server

    def ready_port(self) -> int | None:
        """The port of a server that accepts connections; None otherwise."""
        server = self.postmaster()
        return server.port if server and server.status == "ready" else None

    def superuser_password(self) -> str:
        return secret_in(self.folder / "keys", SUPERUSER).hex()

    def bring_up(self) -> int:
        """The port of the ready server, made or started if need be; PostgresProblem says what prevents it."""
        self._await_a_change_of_state()
        ready = self.ready_port()
        return ready if ready is not None else self._launch()

    def shut_down(self) -> None:
        """End sessions, write a checkpoint, stop; nothing to do when no server lives."""
        if self.postmaster() is None:
            return
        stopped = self._binaries().run(
            "pg_ctl",
            ["stop", "-D", str(self.data), "-m", "fast", "-w", "-t", f"{_STOP_SECONDS:.0f}"],
            _STOP_SECONDS + 5,
        )
        if stopped.returncode != 0 and self.postmaster() is not None:
            raise PostgresProblem(
                f"PostgreSQL ne s'est pas arrêté en {_STOP_SECONDS:.0f} secondes. Journal : {self.log}"
            )

    def erase(self) -> None:
        """Remove every row and the log; the server must be stopped."""
        for path in (self.data, self.log.parent):
            shutil.rmtree(path, ignore_errors=True)

    def _binaries(self) -> Binaries:
        return reachable_binaries(account_for(self.data), self.folder / "binaries")

    def _await_a_change_of_state(self) -> None:
        """A server met while it starts or stops is given time to become ready, or to leave."""
        deadline = time.monotonic() + _START_SECONDS
        while (server := self.postmaster()) and server.status != "ready":
            if time.monotonic() > deadline:
                raise PostgresProblem(f"PostgreSQL est resté dans l'état « {server.status} ». Journal : {self.log}")
            time.sleep(0.05)

    def _launch(self) -> int:
        binaries = self._binaries()
        if not (self.data / "PG_VERSION").is_file():
            self._initialise(binaries)
        self._refuse_another_version(binaries)
        # PostgreSQL itself refuses to start while a process of the dead server still holds its shared memory.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self._give_log(binaries.account)
        for _ in range(3):
            port = self._choose_port()
            if self._start_on(port, binaries):
                return port
        raise PostgresProblem(f"PostgreSQL n'a pas démarré. Son journal en dit la raison : {self.log}")

    def _initialise(self, binaries: Binaries) -> None:
        """Make the cluster aside, then rename it: an interrupted making leaves nothing that looks like a cluster."""
        draft, password = self.folder / "data.new", self.folder / "data.password"
        try:
            self._write_for(binaries.account, password, self.superuser_password())
            self._run_initdb(binaries, draft, password)
        finally:
            password.unlink(missing_ok=True)
        draft.rename(self.data)

    def _run_initdb(self, binaries: Binaries, draft: Path, password: Path) -> None:
        failure = ""
        for locale in _LOCALES:
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(mode=0o700)
            binaries.account.hand_over(draft)
            arguments = ["-D", str(draft), "-U", SUPERUSER, f"--pwfile={password}", "--auth=scram-sha-256"]
            made = binaries.run("initdb", [*arguments, "--encoding=UTF8", "--data-checksums", *locale], timeout=300)
            if made.returncode == 0:
                return
            failure = made.stderr.strip()
        raise PostgresProblem(f"La base de données n'a pas pu être créée dans {self.folder} :\n{failure}")

    def _write_for(self, account: Account, path: Path, text: str) -> None:
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        account.hand_over(path)

    def _refuse_another_version(self, binaries: Binaries) -> None:
        made_by, ours = (self.data / "PG_VERSION").read_text().strip(), binaries.major()
        if made_by != ours:
            raise PostgresProblem(
                f"Les données de {self.data} ont été créées par PostgreSQL {made_by}, et cette version de Liaison "
                f"apporte PostgreSQL {ours}, qui ne sait pas les ouvrir. Rien n'a été modifié. Revenez à la version "
                "précédente de Liaison pour en faire une sauvegarde (liaison backup), puis restaurez-la ici."
            )

    def _give_log(self, account: Account) -> None:
        self.log.parent.mkdir(mode=0o700, exist_ok=True)
        account.hand_over(self.log.parent)
        if self.log.is_file() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))

    def _choose_port(self) -> int:
        """The port of last time, so that tools and bookmarks keep working; another when it was taken meanwhile."""
        kept = self.folder / "port"
        if kept.is_file() and is_free(port := int(kept.read_text())):
            return port
        port = free_port()
        kept.write_text(str(port))
        return port

    def _start_on(self, port: int, binaries: Binaries) -> bool:
        """Whether the server became ready; when it did not because the port was taken, another try is worth it."""
        self._write_configuration(port)
        options = f"-c config_file={shlex.quote(str(self.folder / 'postgresql.conf'))}"
        arguments = [
            "start",
            "-D",
            str(self.data),
            "-l",
            str(self.log),
            "-o",
            options,
            "-w",
            "-t",
            f"{_START_SECONDS:.0f}",
        ]
        binaries.run("pg_ctl", arguments, _START_SECONDS + 5)
        return self.ready_port() == port

    def _write_configuration(self, port: int) -> None:
        """Kept outside `data`: root never writes where the account it hands the server to could lay a link."""
        access, configuration = self.folder / "pg_hba.conf", self.folder / "postgresql.conf"
        access.write_text(f"host all all {LOOPBACK}/32 scram-sha-256\n")
        settings = _SETTINGS | {"port": str(port), "data_directory": str(self.data), "hba_file": str(access)}
        configuration.write_text("".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items()))
        for path in (access, configuration):
            path.chmod(0o644)


def _read_pid_file(path: Path) -> Postmaster | None:
    """Its lines: pid, data folder, start time, port, socket folder, address, shared memory, status."""
    try:
        lines = [line.strip() for line in path.read_text(errors="replace").splitlines()]
    except FileNotFoundError:
        return None
    match lines:
        case [pid, _, _, port, *rest] if pid.isdigit() and port.isdigit():
            return Postmaster(int(pid), int(port), rest[-1] if rest else "starting")
    return None


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
