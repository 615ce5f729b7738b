"""A named step kills the process when it is asked to, and costs nothing when it is not."""

import os
import signal
import subprocess
import sys

import pytest

from liaison.runtime import failpoints

PASSES = """from liaison.runtime.failpoints import reach
for step in 'one', 'two', 'one', 'one':
    reach(step)
    print(step)
"""


def run(at: str) -> tuple[int, str]:
    environment = {**os.environ, "LIAISON_FAIL_AT": at, "PYTHONUNBUFFERED": "1"}
    done = subprocess.run([sys.executable, "-c", PASSES], env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("at", "said"),
    [("one", ""), ("two", "one\n"), ("one#2", "one\ntwo\n"), ("one#3", "one\ntwo\none\n")],
)
def test_the_process_dies_at_the_step_and_pass_that_were_named(at: str, said: str) -> None:
    assert run(at) == (-signal.SIGKILL, said)


@pytest.mark.parametrize("at", ["", "three", "one#4"])
def test_a_step_that_is_not_named_is_passed(at: str) -> None:
    assert run(at) == (0, "one\ntwo\none\none\n")


def test_nothing_is_armed_by_itself() -> None:
    assert failpoints.armed is None
