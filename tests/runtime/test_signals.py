"""A signal is noted and heard, wherever it strikes: a handler never waits for a lock."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from liaison.runtime.signals import run_until_signal

STORM = """
import sys, threading
from liaison.runtime.signals import run_until_signal
def work(stop):
    print("ready", flush=True)
    stop.wait()
    print("stopped", flush=True)
run_until_signal(work)
"""


def test_a_storm_of_signals_stops_the_work_once() -> None:
    process = subprocess.Popen([sys.executable, "-c", STORM], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    for _ in range(200):
        if process.poll() is None:
            os.kill(process.pid, signal.SIGINT)
            os.kill(process.pid, signal.SIGTERM)
    assert process.communicate(timeout=10)[0] == "stopped\n"
    assert process.returncode == 0


def test_what_the_work_raises_is_raised() -> None:
    def fails(_stop: threading.Event) -> None:
        raise ValueError("no")

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with pytest.raises(ValueError, match="no"):
            run_until_signal(fails)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_supervisor_hears_a_storm_of_signals() -> None:
    script = """
import tempfile
from pathlib import Path
from liaison.runtime.paths import Home
from liaison.runtime.processes import Child, Supervisor
home = Home(Path(tempfile.mkdtemp())).create()
supervisor = Supervisor(home)
with supervisor.stopping_at_the_end():
    supervisor.start(Child("sleeper", "le dormeur", ["sleep", "60"]))
    print("ready", flush=True)
    supervisor.run()
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    begun = time.monotonic()
    while process.poll() is None and time.monotonic() - begun < 20:
        os.kill(process.pid, signal.SIGTERM)
        time.sleep(0.001)
    assert process.returncode is not None
