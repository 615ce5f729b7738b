"""`liaison demo` as a command: it starts twice, keeps its data, stops all its children, and says what is in its way."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from liaison.runtime.ports import free_port
from tests.e2e.conftest import Demo, environment, wait_until_ready

pytestmark = [pytest.mark.e2e]


def start(home: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "liaison", "demo", "--headless", "--free-ports", *options],
        env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def stop(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=40)
    return said


def processes_of(home: Path) -> list[str]:
    """The command lines of the processes that live in this home."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"LIAISON_HOME={home}\0".encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def test_it_stops_all_its_children_starts_again_with_its_data_and_leaves_none_when_killed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = start(home, "--port", str(free_port()))
    steps = wait_until_ready(first)
    assert any("13 établissements" in step for step in steps)
    assert "les données sont gardées" in stop(first)
    assert first.returncode == 0
    assert processes_of(home) == []
    second = start(home, "--port", str(free_port()))
    steps = wait_until_ready(second)
    assert any("avec ses données" in step for step in steps)
    assert not any("établissements" in step for step in steps)
    second.kill()
    second.wait()
    deadline = time.monotonic() + 30
    while processes_of(home) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert processes_of(home) == []


def test_a_port_in_use_is_said_with_its_number(demo: Demo, tmp_path: Path) -> None:
    port = demo.url.rpartition(":")[2]
    refused = start(tmp_path / "other", "--port", port)
    said, _ = refused.communicate(timeout=60)
    assert refused.returncode == 2
    assert re.search(rf"Le port {port} .* est déjà utilisé", said)


def test_a_second_demo_in_the_same_home_is_refused(demo: Demo) -> None:
    refused = start(demo.home, "--port", str(free_port()))
    said, _ = refused.communicate(timeout=60)
    assert refused.returncode == 2
    assert "tourne déjà" in said
