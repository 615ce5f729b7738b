"""The supervisor, seen through real processes and real signals."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from liaison.runtime.errors import ChildProblem
from liaison.runtime.leases import process
from liaison.runtime.paths import Home
from liaison.runtime.processes import Child, Supervisor

SLEEPER = "import time; print('prêt', flush=True); time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('prêt', flush=True); time.sleep(60)"
)
WITH_A_CHILD = (
    "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "print('enfant', child.pid, 'prêt', flush=True); time.sleep(60)"
)


def python(name: str, code: str, ready_line: str | None = "prêt", timeout: float = 10.0) -> Child:
    return Child(name, f"le programme {name}", [sys.executable, "-c", code], ready_line=ready_line, timeout=timeout)


def eventually(condition: Callable[[], object], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_started_child_is_ready_and_stop_ends_it(tmp_path: Path) -> None:
    supervisor = Supervisor(Home(tmp_path))
    supervisor.start(python("dormeur", SLEEPER))
    pid = supervisor.pids()["dormeur"]
    assert "prêt" in (tmp_path / "log" / "dormeur.log").read_text()
    supervisor.stop()
    assert process(pid) is None
    assert supervisor.pids() == {}


def test_a_child_with_a_ready_callable_waits_for_it(tmp_path: Path) -> None:
    answers = iter([False, False, True])
    supervisor = Supervisor(Home(tmp_path))
    supervisor.start(Child("x", "x", [sys.executable, "-c", SLEEPER], ready=lambda: next(answers)))
    supervisor.stop()
    assert next(answers, "all asked") == "all asked"


def test_a_child_that_dies_at_start_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    supervisor = Supervisor(Home(tmp_path))
    with pytest.raises(ChildProblem, match=r"Le programme mort : arrêt au démarrage \(code 3\)[\s\S]*raison dite"):
        supervisor.start(python("mort", "import sys; print('raison dite'); sys.exit(3)"))
    supervisor.stop()


def test_a_child_that_is_never_ready_is_given_up_after_its_timeout(tmp_path: Path) -> None:
    supervisor = Supervisor(Home(tmp_path))
    with pytest.raises(ChildProblem, match="pas prêt"):
        supervisor.start(python("muet", "import time; time.sleep(60)", timeout=0.3))
    (pid,) = supervisor.pids().values()
    supervisor.stop()
    assert process(pid) is None


def test_a_ready_line_of_an_earlier_run_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "muet.log").write_text("prêt\n")
    supervisor = Supervisor(Home(tmp_path))
    with pytest.raises(ChildProblem, match="pas prêt"):
        supervisor.start(python("muet", "import time; time.sleep(60)", timeout=0.3))
    supervisor.stop()


def test_a_child_that_ignores_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(Home(tmp_path), said.append, grace=0.3)
    supervisor.start(python("sourd", STUBBORN))
    pid = supervisor.pids()["sourd"]
    supervisor.stop()
    assert process(pid) is None
    assert said == ["Le programme sourd : arrêt forcé."]


def test_stop_ends_the_children_of_a_child_too(tmp_path: Path) -> None:
    supervisor = Supervisor(Home(tmp_path))
    supervisor.start(python("parent", WITH_A_CHILD))
    words = (tmp_path / "log" / "parent.log").read_text().split()
    grandchild = int(words[words.index("enfant") + 1])
    assert process(grandchild)
    supervisor.stop()
    assert eventually(lambda: process(grandchild) is None)


def test_a_dead_child_is_reported_and_restarted(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(Home(tmp_path), said.append)
    supervisor.start(python("dormeur", SLEEPER))
    first = supervisor.pids()["dormeur"]
    os.kill(first, signal.SIGKILL)

    def back() -> bool:
        supervisor.watch()
        return supervisor.pids().get("dormeur", first) != first

    assert eventually(back)
    supervisor.stop()
    assert said[0] == "Le programme dormeur : arrêt inattendu (signal SIGKILL), relance dans 0.5 s."


def test_a_child_that_keeps_dying_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liaison.runtime.processes._MOST_RESTARTS", 1)
    supervisor = Supervisor(Home(tmp_path), lambda _: None)
    supervisor.start(python("fragile", "import time; time.sleep(0.05)", ready_line=None))

    def watched() -> bool:
        supervisor.watch()
        return False

    with pytest.raises(ChildProblem, match="relances abandonnées"):
        eventually(watched)
    supervisor.stop()


def test_a_log_grown_too_big_is_put_aside_at_start(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "dormeur.log").write_bytes(b"x" * 5_000_001)
    supervisor = Supervisor(Home(tmp_path))
    supervisor.start(python("dormeur", SLEEPER))
    supervisor.stop()
    assert (tmp_path / "log" / "dormeur.log.1").stat().st_size == 5_000_001
    assert (tmp_path / "log" / "dormeur.log").stat().st_size < 100


SUPERVISED = """
import sys
from pathlib import Path
from liaison.runtime.paths import Home
from liaison.runtime.processes import Child, Supervisor
with Supervisor(Home(Path(sys.argv[1]))).stopping_at_the_end() as supervisor:
    supervisor.start(Child("dormeur", "le dormeur", [sys.executable, "-c", sys.argv[2]], ready_line="prêt"))
    print(supervisor.pids()["dormeur"], flush=True)
    supervisor.run()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_children_end_with_the_command_however_it_ends(tmp_path: Path, number: signal.Signals) -> None:
    arguments = [sys.executable, "-c", SUPERVISED, str(tmp_path), SLEEPER]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout
        child = int(command.stdout.readline())
        assert process(child)
        command.send_signal(number)
        code = command.wait(10)
    assert eventually(lambda: process(child) is None)
    assert code == (-number if number == signal.SIGKILL else 0)
