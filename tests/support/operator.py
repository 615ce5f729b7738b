"""A running demo operator, for tests that want real SMTP and IMAP servers: a process of its own, on free ports."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from liaison.demo.operator.config import OperatorConfig

PORTS = ("smtp_port", "smtps_port", "imap_port", "imaps_port", "transport_port")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def on_free_ports(config: OperatorConfig) -> OperatorConfig:
    """The same operator, every port opened, on free ones."""
    return replace(config, **{name: free_port() for name in PORTS})


def start_operator(config: OperatorConfig) -> subprocess.Popen[str]:
    """Start the process and wait for its ready line; its log goes to ``operator.log`` in its home."""
    config.home.mkdir(parents=True, exist_ok=True)
    path = config.home / "config.json"
    config.save(path)
    with (config.home / "operator.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "liaison.demo.operator", str(path)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if line != f"operator {config.name} ready\n":
        process.wait(timeout=10)
        raise RuntimeError((config.home / "operator.log").read_text())
    return process


def stop_operator(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> int:
    process.send_signal(number)
    try:
        return process.wait(timeout=20)
    finally:
        if process.poll() is None:
            process.kill()
        if process.stdout:
            process.stdout.close()


@contextmanager
def running_operator(config: OperatorConfig) -> Iterator[OperatorConfig]:
    """Run the operator as its own process for the length of the block."""
    process = start_operator(config)
    try:
        yield config
    finally:
        stop_operator(process)


def operator_log(config: OperatorConfig) -> str:
    return Path(config.home / "operator.log").read_text()
