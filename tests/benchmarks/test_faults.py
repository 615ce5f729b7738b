"""The worker killed at every step it names, its servers cut, its disk full: nothing lost, nothing done twice unseen."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from benchmarks.faults.disk import Flushes
from benchmarks.faults.run import Records, spells
from benchmarks.faults.steps import steps
from tests.support import dovecot as dovecots
from tests.support import postfix as postfixes

CLONE = Path(__file__).resolve().parents[2]
MORE = 36
"""With the named steps, as many as fit in two minutes on two processors that do nothing else."""
OURS = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "LIAISON_")


def test_every_durable_step_names_itself() -> None:
    assert {step.partition(":")[0] for step in steps()} >= {
        "adt", "answer", "blob", "deliver", "file", "poll", "propose", "read", "receive", "send"
    }  # fmt: skip


def faults(*options: str) -> dict[str, Any]:
    """What the command measured."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "-m", "benchmarks", "faults", "--no-bugs", "--json", "--seed", "7", *options]
    done = subprocess.run(command, cwd=CLONE, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr[-4000:]
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


@pytest.mark.xdist_group("faults")
def test_killed_at_every_step_cut_everywhere_and_full_nothing_is_lost_nor_done_twice() -> None:
    measured = faults("--injections", str(len(steps()) + MORE))
    assert measured["problems"] == []
    assert measured["never_struck"] == []
    assert measured["injections"] == len(steps()) + MORE


@pytest.mark.xdist_group("faults")
@pytest.mark.skipif(
    not (dovecots.is_installed() and postfixes.is_installed()),
    reason="Dovecot or Postfix is not installed and could not be (needs root on Debian)",
)
def test_the_same_holds_before_dovecot_and_postfix() -> None:
    measured = faults("--injections", "12", "--worlds", "1", "--peers", "dovecot-postfix")
    assert measured["problems"] == []
    assert sum(measured["struck"].values()) >= 10


def test_a_run_is_taken_up_again_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    first = Records(path, resume=False)
    first.keep({"numbers": [0, 1, 2], "faults": ["kill"] * 3})
    again = Records(path, resume=True)
    assert again.numbers == {0, 1, 2}
    assert list(spells(8, again)) == [[3, 4, 5, 6, 7]]
    assert Records(path, resume=False).numbers == set()


def test_a_power_cut_takes_what_was_not_flushed(tmp_path: Path) -> None:
    folder = tmp_path / "blobs"
    folder.mkdir()
    files = {name: folder / name for name in ("whole", "unnamed", "empty")}
    for path in files.values():
        path.write_bytes(b"contenu")
    inodes = {name: path.stat().st_ino for name, path in files.items()}
    told = [
        {"inode": inodes["whole"]},
        {"inode": inodes["unnamed"]},
        {"folder": str(folder), "names": {name: inodes[name] for name in ("whole", "empty")}},
    ]
    flushes = Flushes()
    flushes.hear("".join(json.dumps(flush) + "\n" for flush in told).encode() + b'{"inode": cut')
    assert flushes.cut_power(folder) == 2
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"whole": b"contenu", "empty": b""}
