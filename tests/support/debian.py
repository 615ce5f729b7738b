"""Debian packages the tests use, installed when they lack and the machine allows it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*packages: str) -> None:
    """Its failure is not fatal: what counts is whether the program runs afterwards."""
    if can_install():
        run("apt-get", "update", "-qq")
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages)


def run(*command: str) -> None:
    """Run an installer; what it says is shown when it fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        say(f"{Path(command[0]).name} : échec\n{done.stderr.strip()[-2000:]}")


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
