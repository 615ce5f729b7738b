"""The rules of the house, checked on the house itself."""

import ast
import re
import statistics
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parents[1]
LONGEST_FUNCTION = 60
LONGEST_FILE = 400
MEDIAN_FUNCTION = 10
# Spelt in two halves so that this file passes its own test.
LEFTOVERS = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")
WORKPLACE = re.compile(r"(?<![\w.])/wo" r"rk/(main|shared|\.library)\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tracked() -> tuple[Path, ...]:
    # Whoever owns the clone: a container often runs as root on a user's checkout.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listing = subprocess.run(command, cwd=CLONE, capture_output=True, text=True, check=True).stdout
    return tuple(path for name in listing.split("\0") if name and (path := CLONE / name).is_file())


def python_files() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and "migrations" not in path.parts]


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, Function))


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content and path.name != "uv.lock":
            yield path, content.decode(errors="replace")


def registry_hosts() -> set[str]:
    """Every host the lock file downloads from; no other file has a reason to know one."""
    return set(re.findall(r'https?://([^/"\s]+)', (CLONE / "uv.lock").read_text()))


def places_of(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(CLONE)}:{number}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_is_over_400_lines() -> None:
    lengths = {path.relative_to(CLONE): len(path.read_text().splitlines()) for path in python_files()}
    assert {path: size for path, size in lengths.items() if size > LONGEST_FILE} == {}


def test_no_function_is_over_60_lines() -> None:
    too_long = [
        f"{path.relative_to(CLONE)}:{function.lineno} {function.name}: {length(function)}"
        for path in python_files()
        for function in functions(path)
        if length(function) > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_the_median_function_is_under_10_lines() -> None:
    source = [path for path in python_files() if path.is_relative_to(CLONE / "src")]
    lengths = [length(function) for path in source for function in functions(path)]
    assert statistics.median(lengths) < MEDIAN_FUNCTION


def test_nothing_is_left_to_be_done_later() -> None:
    assert places_of(LEFTOVERS) == []


def test_no_file_names_the_place_it_was_written_in() -> None:
    assert places_of(WORKPLACE) == []


def test_only_the_lock_file_names_a_registry() -> None:
    hosts = registry_hosts()
    assert hosts
    assert places_of(re.compile("|".join(re.escape(host) for host in hosts))) == []


@pytest.mark.parametrize("name", ["bin/liaison", "bin/test", ".ci/run"])
def test_the_commands_are_executable_and_short(name: str) -> None:
    command = CLONE / name
    assert command.stat().st_mode & 0o111 == 0o111
    assert len(command.read_text().splitlines()) <= 20


def test_the_lock_file_gives_a_hash_for_every_download() -> None:
    lock = tomllib.loads((CLONE / "uv.lock").read_text())
    files = [file for package in lock["package"] for file in [*package.get("wheels", []), package.get("sdist")] if file]
    assert files
    assert [file["url"] for file in files if not file.get("hash", "").startswith("sha256:")] == []
