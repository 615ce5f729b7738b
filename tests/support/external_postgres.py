"""A PostgreSQL as a site has its own: Debian's, with Debian's defaults, made for one run and thrown away after it."""

import atexit
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql
from tests.support.debian import can_install, install, say

from liaison.runtime.errors import RuntimeProblem
from liaison.runtime.ports import LOOPBACK, free_port

DEBIAN = Path("/usr/lib/postgresql")
ROLE = "liaison"
_START_SECONDS = 60


def programs() -> Path | None:
    """The newest server Debian put here, installed if it lacks and the machine allows it."""
    found = _installed()
    if found is None and can_install():
        say("Installation du PostgreSQL de Debian pour les tests sur un serveur extérieur…")
        install("postgresql")
        found = _installed()
    return found


def _installed() -> Path | None:
    folders = [path.parent for path in DEBIAN.glob("*/bin/initdb")]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


@cache
def external_url() -> str:
    """A database of a role that is no superuser, on a server held until this process ends."""
    folder = programs()
    if folder is None:
        raise RuntimeProblem("Le PostgreSQL de Debian n'est pas là et ne peut pas être installé ici.")
    home, port, password = Path(tempfile.mkdtemp(prefix="liaison-postgres-")), free_port(), secrets.token_hex(16)
    _hand_over(home)
    run(folder / "initdb", "-D", home / "data", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
    options = f"-p {port} -c listen_addresses={LOOPBACK} -c unix_socket_directories= -c max_connections=200"
    atexit.register(_throw_away, folder, home)
    run(folder / "pg_ctl", "start", "-D", home / "data", "-l", home / "log", "-w", "-t", _START_SECONDS, "-o", options)
    _make_database(port, password)
    return f"postgresql://{ROLE}:{password}@{LOOPBACK}:{port}/{ROLE}"


def _make_database(port: int, password: str) -> None:
    server = f"postgresql://postgres@{LOOPBACK}:{port}/postgres"
    role = sql.Identifier(ROLE)
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEDB NOSUPERUSER PASSWORD {}").format(role, sql.Literal(password))
        )
        session.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))


def run(program: Path, *arguments: object) -> None:
    """As the account PostgreSQL may run as: it refuses root."""
    account = "postgres" if os.geteuid() == 0 else None
    command = [str(program), *map(str, arguments)]
    with tempfile.TemporaryFile() as said:  # a pipe would be held by the server that pg_ctl leaves behind
        done = subprocess.run(
            command,
            cwd="/",
            stdout=said,
            stderr=said,
            check=False,
            user=account,
            group=account,
            extra_groups=[] if account else None,
        )
        said.seek(0)
        if done.returncode != 0:
            raise RuntimeProblem(f"{program.name} a échoué : {said.read().decode(errors='replace')[-800:]}")


def _hand_over(home: Path) -> None:
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(home, account.pw_uid, account.pw_gid)


def _throw_away(folder: Path, home: Path) -> None:
    run(folder / "pg_ctl", "stop", "-D", home / "data", "-m", "immediate", "-w")
    shutil.rmtree(home, ignore_errors=True)
