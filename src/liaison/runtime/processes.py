"""Children of one command: started in order, watched, restarted with a word said, stopped together.

A child must not outlive a supervisor killed with SIGKILL, which can run no code of ours. The kernel's parent-death
signal does that without the child's help; a lifeline pipe would need every child to read it, and ours are other
people's programs too. The signal follows the *thread* that started the child, so children are started from the thread
that lives as long as the supervisor: the one that calls `start` and `run`.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from liaison.runtime import leases
from liaison.runtime.errors import ChildProblem
from liaison.runtime.paths import Home

_PR_SET_PDEATHSIG = 1
_LOG_LIMIT = 5_000_000
_MOST_RESTARTS = 5
_FORGIVEN_AFTER_SECONDS = 60.0
_POLL_SECONDS = 0.05
_libc = ctypes.CDLL(None, use_errno=True)  # loaded before any fork: the child may only call it


@dataclass(frozen=True, slots=True)
class Child:
    """What to run. `name` is the log's; `title` is French, as in « l'application web ».

    It is ready when its output holds `ready_line`, or when `ready` returns true; at once when neither is given.
    """

    name: str
    title: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_line: str | None = None
    ready: Callable[[], bool] | None = None
    timeout: float = 30.0


@dataclass(slots=True)
class _Running:
    child: Child
    process: subprocess.Popen[bytes]
    log: Path
    log_start: int
    since: float
    restarts: int = 0
    restart_at: float | None = None


class Supervisor:
    """Starts children, restarts those that die, and stops them all at the end, newest first."""

    def __init__(self, home: Home, say: Callable[[str], None] | None = None, grace: float = 10.0) -> None:
        self._logs = home.log
        self._say = say or _say
        self._grace = grace
        self._running: list[_Running] = []
        self._stopping = False  # no Event: a signal handler must never wait for a lock

    def start(self, child: Child) -> None:
        """Start one child and wait until it is ready; ChildProblem when it dies first or takes too long."""
        log = _open_log(self._logs, child.name)
        running = _launch(child, log)
        self._running.append(running)
        self._await_ready(running)

    def run(self) -> None:
        """Watch the children until SIGINT, SIGTERM or `finish`; stop them all, whatever ends the watch."""
        try:
            with self._signals():
                while not self._stopping:
                    self.watch()
                    time.sleep(_POLL_SECONDS)
        finally:
            self.stop()

    def watch(self) -> None:
        """One look at every child: report the dead, restart those whose back-off is over."""
        for running in self._running:
            if running.restart_at is not None:
                self._restart_when_due(running)
            elif _has_ended(running.process):
                self._plan_restart(running)

    def finish(self) -> None:
        """Ask `run` to return; may be called from a signal handler or another thread."""
        self._stopping = True

    def stop(self) -> None:
        """SIGTERM to every child's group, then SIGKILL to those still there after the grace; safe to repeat."""
        newest_first = self._running[::-1]
        for running in newest_first:
            _signal_group(running.process, signal.SIGTERM)
        deadline = time.monotonic() + self._grace
        for running in newest_first:
            self._wait_or_kill(running, deadline)
        self._running.clear()

    def pids(self) -> dict[str, int]:
        """The children alive now, by name."""
        return {item.child.name: item.process.pid for item in self._running if not _has_ended(item.process)}

    @contextlib.contextmanager
    def stopping_at_the_end(self) -> Iterator["Supervisor"]:
        """Stop every child when the block ends, even by an error or Ctrl-C while the later ones start."""
        try:
            with self._signals():
                yield self
        finally:
            self.stop()

    def _await_ready(self, running: _Running) -> None:
        child, deadline = running.child, time.monotonic() + running.child.timeout
        while not _is_ready(running):
            if self._stopping:
                raise KeyboardInterrupt
            if _has_ended(running.process):
                raise ChildProblem(
                    f"{_opening(child)} : arrêt au démarrage ({_reap(running.process)}). {_tail(running)}"
                )
            if time.monotonic() > deadline:
                raise ChildProblem(f"{_opening(child)} : pas prêt après {child.timeout:.0f} secondes. {_tail(running)}")
            time.sleep(_POLL_SECONDS)

    def _plan_restart(self, running: _Running) -> None:
        if time.monotonic() - running.since > _FORGIVEN_AFTER_SECONDS:
            running.restarts = 0
        name, ending = _opening(running.child), _reap(running.process)
        if running.restarts >= _MOST_RESTARTS:
            raise ChildProblem(f"{name} : arrêts répétés ({ending}), relances abandonnées. {_tail(running)}")
        delay = min(2.0**running.restarts * 0.5, 15.0)
        self._say(f"{name} : arrêt inattendu ({ending}), relance dans {delay:.1f} s.")
        running.restart_at = time.monotonic() + delay

    def _restart_when_due(self, running: _Running) -> None:
        if running.restart_at is None or time.monotonic() < running.restart_at:
            return
        again = _launch(running.child, running.log)
        running.process, running.since, running.restart_at = again.process, again.since, None
        running.log_start = again.log_start
        running.restarts += 1
        self._say(f"{_opening(running.child)} : c'est relancé.")

    def _wait_or_kill(self, running: _Running, deadline: float) -> None:
        while not _has_ended(running.process) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS / 5)
        if not _has_ended(running.process):
            self._say(f"{_opening(running.child)} : arrêt forcé.")
        _reap(running.process)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Ctrl-C and SIGTERM end the watch; before and after, they mean what they meant."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True


def _launch(child: Child, log: Path) -> _Running:
    parent = os.getpid()
    start = log.stat().st_size
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - arguments come from our own code, no shell
            list(child.arguments),
            env={**os.environ, **child.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: _die_with(parent),  # noqa: PLW1509 - two system calls, no lock can be taken there
        )
    return _Running(child, process, log, start, time.monotonic())


def _die_with(parent: int) -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the line above took effect
        os._exit(1)


def _open_log(folder: Path, name: str) -> Path:
    """Append to the log of last time, put aside first when it has grown big."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    if log.is_file() and log.stat().st_size > _LOG_LIMIT:
        log.replace(folder / f"{name}.log.1")
    log.touch(mode=0o600)
    return log


def _is_ready(running: _Running) -> bool:
    child = running.child
    if child.ready is not None and not child.ready():
        return False
    return child.ready_line is None or child.ready_line.encode() in _output(running)


def _output(running: _Running) -> bytes:
    """What the child wrote since it was last started."""
    with running.log.open("rb") as file:
        file.seek(running.log_start)
        return file.read()


def _tail(running: _Running) -> str:
    lines = _output(running).decode(errors="replace").strip().splitlines()[-15:]
    return "\n".join([f"Journal : {running.log}", *lines])


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Without reaping it: until `_reap`, its pid, and so its group, can be nobody else's."""
    return process.returncode is not None or leases.process(process.pid) is None


def _reap(process: subprocess.Popen[bytes]) -> str:
    """Kill what is left of its group, and say how it ended."""
    if process.returncode is None:
        _signal_group(process, signal.SIGKILL)
    code = process.wait()
    return f"code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _opening(child: Child) -> str:
    return child.title[:1].upper() + child.title[1:]


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
