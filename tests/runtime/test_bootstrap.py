"""From a bare python3 to the environment: real downloads over TLS from a local server, a stand-in for `uv`."""

import functools
import hashlib
import http.server
import io
import os
import shutil
import ssl
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

CLONE = Path(__file__).resolve().parents[2]
PYTHON = Path(os.path.realpath(sys.executable))
# Makes the environment `uv sync` would, and writes down how it was called.
UV = """#!/bin/sh
[ "$1" = --version ] && exit 0
echo "$@" >> "$UV_CALLS"
mkdir -p .venv/bin
printf '#!/bin/sh\\n[ "$1" = --version ] || echo ran "$@"\\n' > .venv/bin/python
chmod +x .venv/bin/python
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The test's own output is enough."""


@dataclass(frozen=True)
class Registry:
    url: str
    folder: Path
    authority: Path


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("registry")
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Registry(f"https://127.0.0.1:{server.server_address[1]}", folder, folder / "ca.pem")
    server.shutdown()


def wheel() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("uv-9.9.9.data/scripts/uv", UV)
    return content.getvalue()


@dataclass(frozen=True)
class Machine:
    """A clone on a machine that has python3 and the core tools, and nothing else."""

    clone: Path
    registry: Registry

    def run(self, *arguments: str, command: str = "liaison", **environment: str) -> subprocess.CompletedProcess[str]:
        bare = {
            "HOME": str(self.clone),
            "PATH": str(self.clone.parent / "path"),
            "SSL_CERT_FILE": str(self.registry.authority),
            "UV_CALLS": str(self.calls_file),
        }
        return subprocess.run(
            [self.clone / "bin" / command, *arguments],
            env={**bare, **environment},
            cwd=self.clone,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def calls_file(self) -> Path:
        return self.clone.parent / "calls"

    def calls(self) -> list[str]:
        return self.calls_file.read_text().splitlines() if self.calls_file.exists() else []


@pytest.fixture
def machine(tmp_path: Path, registry: Registry) -> Machine:
    clone = tmp_path / "clone"
    shutil.copytree(CLONE / "bin", clone / "bin")
    (clone / "src" / "liaison" / "runtime").mkdir(parents=True)
    shutil.copy(CLONE / "src/liaison/runtime/bootstrap.py", clone / "src/liaison/runtime/bootstrap.py")
    (clone / "pyproject.toml").write_text("[project]\n")
    path = tmp_path / "path"
    path.mkdir()
    (path / "python3").symlink_to(PYTHON)
    for tool in ("sh", "readlink", "dirname", "mkdir", "chmod"):
        found = shutil.which(tool)
        assert found
        (path / tool).symlink_to(found)
    machine = Machine(clone, registry)
    lock(machine, wheel())
    return machine


def lock(machine: Machine, served: bytes, locked: bytes | None = None) -> None:
    name = "uv-9.9.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
    (machine.registry.folder / name).write_bytes(served)
    digest = hashlib.sha256(locked or served).hexdigest()
    (machine.clone / "uv.lock").write_text(
        f'[[package]]\nname = "uv"\nversion = "9.9.9"\n'
        f'wheels = [{{ url = "{machine.registry.url}/{name}", hash = "sha256:{digest}" }}]\n'
    )


def test_a_bare_machine_gets_the_locked_uv_then_the_environment_then_the_command(machine: Machine) -> None:
    done = machine.run("demo", "--reset")
    assert (done.returncode, done.stdout) == (0, "ran -m liaison demo --reset\n")
    assert done.stderr.count("\n") == 3
    (call,) = machine.calls()
    assert call.startswith("sync --frozen --inexact")
    assert "--no-dev" in call


def test_a_second_start_does_nothing_but_run(machine: Machine) -> None:
    machine.run()
    again = machine.run("status")
    assert (again.stdout, again.stderr) == ("ran -m liaison status\n", "")
    assert len(machine.calls()) == 1


def test_the_tests_bring_what_develops_and_the_command_keeps_it(machine: Machine) -> None:
    assert machine.run("-k", "xdm", command="test").stdout == "ran -m tests.support.run -k xdm\n"
    assert machine.run().returncode == 0
    (call,) = machine.calls()
    assert "--no-dev" not in call


def test_the_benchmarks_bring_their_peers_and_serve_the_tests_after(machine: Machine) -> None:
    assert machine.run("read", "--json", command="bench").stdout == "ran -m benchmarks read --json\n"
    assert machine.run(command="test").returncode == 0
    assert machine.run().returncode == 0
    (call,) = machine.calls()
    assert call.endswith("--group bench") or "--group bench " in call


def test_an_environment_made_for_the_tests_is_completed_for_the_benchmarks(machine: Machine) -> None:
    machine.run(command="test")
    machine.run(command="bench")
    assert [("--group bench" in call) for call in machine.calls()] == [False, True]


def test_a_changed_lock_is_installed_again(machine: Machine) -> None:
    machine.run()
    with (machine.clone / "uv.lock").open("a") as file:
        file.write("# changed\n")
    machine.run()
    assert len(machine.calls()) == 2


def test_a_clone_that_moved_is_installed_again(machine: Machine) -> None:
    machine.run()
    moved = Machine(machine.clone.rename(machine.clone.with_name("ailleurs")), machine.registry)
    assert moved.run().returncode == 0
    assert len(moved.calls()) == 2


def test_a_file_that_is_not_the_locked_one_is_refused(machine: Machine) -> None:
    lock(machine, served=wheel() + b"x", locked=wheel())
    done = machine.run()
    assert done.returncode == 2
    assert "SHA-256 différent" in done.stderr
    assert machine.calls() == []


def test_a_server_nobody_vouches_for_is_refused_where_the_machine_knows_authorities(
    machine: Machine, tmp_path: Path
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    done = machine.run(SSL_CERT_FILE=str(tmp_path / "other.pem"))
    assert done.returncode == 2
    assert "SSL_CERT_FILE" in done.stderr
    assert machine.calls() == []


def test_a_machine_without_any_authority_trusts_the_lock_alone(machine: Machine, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    assert machine.run(SSL_CERT_FILE=nowhere, SSL_CERT_DIR=nowhere).returncode == 0
    shutil.rmtree(machine.clone / ".boot")
    shutil.rmtree(machine.clone / ".venv")
    lock(machine, served=wheel() + b"x", locked=wheel())
    refused = machine.run(SSL_CERT_FILE=nowhere, SSL_CERT_DIR=nowhere)
    assert refused.returncode == 2
    assert "SHA-256" in refused.stderr


def test_a_uv_already_on_the_machine_is_used(machine: Machine) -> None:
    present = machine.clone.parent / "path" / "uv"
    present.write_text(UV)
    present.chmod(0o755)
    (machine.clone / "uv.lock").write_text("")
    assert machine.run().returncode == 0
    assert not list((machine.clone / ".boot").glob("uv*"))


def test_a_failed_installation_is_explained_and_taken_up_again(machine: Machine) -> None:
    present = machine.clone.parent / "path" / "uv"
    present.write_text('#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "disque plein" >&2\nexit 1\n')
    present.chmod(0o755)
    failed = machine.run()
    assert failed.returncode == 2
    assert "disque plein" in failed.stderr
    present.write_text(UV)
    assert machine.run().returncode == 0


def test_a_python_too_old_gets_a_clear_french_message(machine: Machine) -> None:
    python = machine.clone.parent / "path" / "python3"
    python.unlink()
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    done = machine.run()
    assert done.returncode == 2
    assert "Python 3.11" in done.stderr


def test_two_commands_started_together_install_once(machine: Machine) -> None:
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: machine.run(), range(3)))
    assert [command.returncode for command in done] == [0, 0, 0]
    assert len(machine.calls()) == 1
