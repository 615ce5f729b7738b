"""From a bare python3 to a complete environment, then on to the command (ADR 0003).

Standard library only, and nothing of ours: it runs before anything is installed. Nothing is trusted but the lock
file: every download is checked against a SHA-256 it holds, by us for `uv`, by `uv` for the rest.
"""

import contextlib
import fcntl
import hashlib
import http.client
import io
import os
import platform
import re
import shutil
import ssl
import subprocess
import sys
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CLONE = Path(__file__).resolve().parents[3]
COMMANDS = {
    "liaison": ("-m", "liaison"),
    "test": ("-m", "tests.support.run"),
    "bench": ("-m", "benchmarks"),
}
_KINDS = ("plain", "development", "bench")
_KIND_OF = {"test": "development", "bench": "bench"}
_GROUPS = {"plain": ("--no-dev",), "development": (), "bench": ("--group", "bench")}
_TIMEOUT_SECONDS = 60
_ATTEMPTS = 3
_NOT_OURS = {"VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "UV_NO_SYNC", "PYTHONPATH", "PYTHONHOME"}


class SetupProblem(Exception):  # noqa: N818 - a refusal explained to a person, not a bug of the program
    """A French sentence for the person at the terminal."""


def main(arguments: list[str]) -> None:
    """Prepare what the command needs, then become it."""
    command, *rest = arguments
    try:
        python = prepare(CLONE, kind=_KIND_OF.get(command, "plain"))
    except SetupProblem as problem:
        say(f"Liaison n'a pas pu être préparé : {problem}")
        sys.exit(2)
    if command in _KIND_OF:
        os.chdir(CLONE)
    os.execv(python, [str(python), *COMMANDS[command], *rest])  # noqa: S606 - our own environment, no shell


def say(sentence: str) -> None:
    """One line of progress on the error output, so that the output stays the command's own."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def prepare(clone: Path, *, kind: str) -> Path:
    """The interpreter of an environment that holds what the lock file says; built only when something changed.

    ``kind`` is « plain » to run, « development » to test, « bench » to measure: each holds the ones before it.
    """
    python = clone / ".venv" / "bin" / "python"
    wanted = fingerprint(clone)
    if is_current(clone, wanted, kind=kind):
        return python
    boot = clone / ".boot"
    try:
        boot.mkdir(exist_ok=True)
    except OSError as problem:
        raise SetupProblem(f"le dossier {clone} n'est pas modifiable ({problem.strerror}).") from problem
    with one_at_a_time(boot / "lock"):
        if not is_current(clone, wanted, kind=kind):
            synchronise(clone, find_uv(clone), kind=kind)
            stamp(clone, wanted, kind=kind)
    return python


def fingerprint(clone: Path) -> str:
    """Changes with the dependencies and with the place of the clone, which the environment points to."""
    digest = hashlib.sha256(os.fsencode(clone))
    for name in ("uv.lock", "pyproject.toml"):
        digest.update((clone / name).read_bytes())
    return digest.hexdigest()


def is_current(clone: Path, wanted: str, *, kind: str) -> bool:
    """Whether the stamp of a finished installation matches; one made for more serves what needs less."""
    kinds = _KINDS[_KINDS.index(kind) :]
    runs = os.access(clone / ".venv" / "bin" / "python", os.X_OK)
    return runs and any(_read(_stamp(clone, each)) == wanted for each in kinds)


def stamp(clone: Path, wanted: str, *, kind: str) -> None:
    """Written last: an interrupted installation leaves none, and is taken up again. Dies with the environment."""
    _stamp(clone, kind).write_text(wanted)


def _stamp(clone: Path, kind: str) -> Path:
    return clone / ".venv" / f".liaison-{kind}"


def _read(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


@contextlib.contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Two commands started together must not build the same environment twice over."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Une autre commande prépare déjà Liaison : attente…")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def find_uv(clone: Path) -> Path:
    """A `uv` already on the machine, else the one fetched before, else the locked one, fetched now."""
    present = shutil.which("uv")
    if present and works(Path(present)):
        return Path(present)
    package = locked_package(clone, "uv")
    ours = clone / ".boot" / f"uv-{package['version']}"
    if not (ours.is_file() and works(ours)):
        say(f"Téléchargement de l'installateur uv {package['version']} (20 Mo environ)…")
        install_executable(fetch(wheel_for_this_machine(package)), "uv", ours)
    return ours


def works(program: Path) -> bool:
    """Whether it runs here: a version manager's shim may stand for a program it does not have."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=30, check=False).returncode == 0  # noqa: S603 - a program found by us, no shell
    except (OSError, subprocess.TimeoutExpired):
        return False


def locked_package(clone: Path, name: str) -> dict[str, Any]:
    lock = tomllib.loads((clone / "uv.lock").read_text(encoding="utf-8"))
    packages: list[dict[str, Any]] = lock["package"]
    return next(package for package in packages if package["name"] == name)


def wheel_for_this_machine(package: dict[str, Any]) -> dict[str, str]:
    """The locked wheel for this processor and C library, with its url and hash."""
    library = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    wanted = re.compile(rf"{library}\w*_{re.escape(platform.machine())}\b")
    wheels: list[dict[str, str]] = package["wheels"]
    for wheel in wheels:
        if wanted.search(wheel["url"].rsplit("/", 1)[-1]):
            return wheel
    raise SetupProblem(
        f"aucun installateur n'existe pour cette machine ({platform.system()} {platform.machine()}). "
        "Installez uv vous-même, puis relancez."
    )


def fetch(wheel: dict[str, str]) -> bytes:
    """The bytes of a locked file, once their SHA-256 is the lock's."""
    content = _download(wheel["url"])
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != wheel["hash"]:
        raise SetupProblem("le fichier téléchargé n'est pas celui que le verrou attend (SHA-256 différent).")
    return content


def _download(url: str) -> bytes:
    """Through the proxies of the environment, as urllib reads them."""
    failure: Exception | None = None
    for _ in range(_ATTEMPTS):
        try:
            with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS, context=tls()) as answer:  # noqa: S310 - the url is the lock file's
                return bytes(answer.read())
        except (OSError, http.client.HTTPException) as problem:
            failure = problem
    raise SetupProblem(
        f"le téléchargement a échoué ({failure}). Vérifiez l'accès à Internet ; derrière un proxy, donnez "
        "HTTPS_PROXY, et SSL_CERT_FILE s'il a sa propre autorité de certification."
    )


def tls() -> ssl.SSLContext:
    """Certificates are verified wherever the machine can; a bare container may hold no authority at all.

    Going on without them there is safe: what is trusted is the SHA-256 of the lock file, checked on every byte.
    """
    context = ssl.create_default_context()
    if not _has_authorities():
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _has_authorities() -> bool:
    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile) or (bool(paths.capath) and any(Path(paths.capath).iterdir()))


def install_executable(wheel: bytes, name: str, target: Path) -> None:
    """Take one program out of a wheel's scripts; the name appears only once the file is whole."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        member = next(item for item in archive.namelist() if item.endswith(f".data/scripts/{name}"))
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        draft.write_bytes(archive.read(member))
    draft.chmod(0o755)
    draft.replace(target)


def synchronise(clone: Path, uv: Path, *, kind: str) -> None:
    """Install what the lock file says, neither more nor newer; what the tests installed before is left there."""
    arguments = ["sync", "--frozen", "--inexact", "--no-progress", "--project", str(clone), *_GROUPS[kind]]
    if not works(clone / ".venv" / "bin" / "python"):
        arguments += ["--python", sys.executable]
    say("Installation des dépendances verrouillées (une minute environ la première fois)…")
    done = subprocess.run(  # noqa: S603 - a program found by us, no shell
        [uv, *arguments], env=_uv_environment(clone), capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode != 0:
        raise SetupProblem(f"l'installation des dépendances a échoué.\n{done.stderr.strip()}")
    say("Dépendances installées.")


def _uv_environment(clone: Path) -> dict[str, str]:
    """The person's settings (mirror, proxy) hold; where the environment goes is not theirs to move."""
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
    environment["UV_PYTHON_DOWNLOADS"] = "never"
    if _has_authorities():
        environment.setdefault("UV_SYSTEM_CERTS", "true")  # where there are none, uv brings its own
    if not os.access(Path.home(), os.W_OK):
        environment.setdefault("UV_CACHE_DIR", str(clone / ".boot" / "cache"))
    return environment


if __name__ == "__main__":
    main(sys.argv[1:])
