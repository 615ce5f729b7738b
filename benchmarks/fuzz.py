"""The long run of the fuzz targets: coverage-guided by atheris, from seeds of our own writers, one process a target.

The corpus grows in ``var/fuzz/TARGET/corpus`` from one run to the next; whatever makes a reader fall, hang for 20 s or
take 1 GB is kept in ``var/fuzz/TARGET/found``. To make it a test, copy it into ``tests/fuzz/crashes/TARGET``.
"""

import hashlib
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.fuzz.targets import TARGETS as READERS

TARGETS = tuple(READERS)
FOLDER = Path("var/fuzz")
HANG_SECONDS = 20
MEMORY_MB = 1024
_STATISTIC = re.compile(r"^stat::(\w+):\s+(\d+)", re.MULTILINE)
_COVERAGE = re.compile(r"\bcov: (\d+)")


def measure(seconds: int, target: str = "") -> list[dict[str, Any]]:
    """Run each target, or the one named, for so many seconds."""
    return [run(one, seconds) for one in ((target,) if target else TARGETS)]


def is_sound(results: list[dict[str, Any]]) -> bool:
    return not any(result["crashes"] for result in results)


def run(target: str, seconds: int) -> dict[str, Any]:
    """The counts of one run; ``crashes`` holds the files it kept."""
    if find_spec("atheris") is None:
        raise SystemExit("atheris n'existe pas pour cette machine (Linux x86-64, Python 3.11 à 3.13).")
    _say(f"{target} : {seconds} s…")
    corpus, found = _folder(target, "corpus"), _folder(target, "found")
    for seed in READERS[target].seeds():
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    known = set(found.iterdir())
    done = subprocess.run(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-m", "benchmarks.fuzz_one", target, str(corpus), *_options(seconds, found)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    told = {name: int(value) for name, value in _STATISTIC.findall(done.stderr)}
    if not told and not set(found.iterdir()) - known:
        raise SystemExit(f"atheris n'a pas pu tourner :\n{done.stderr[-2000:]}")
    return {
        "target": target,
        "seconds": seconds,
        "runs": told.get("number_of_executed_units", 0),
        "runs_per_second": told.get("average_exec_per_sec", 0),
        "slowest_seconds": told.get("slowest_unit_time_sec", 0),
        "peak_mb": told.get("peak_rss_mb", 0),
        "coverage": max(map(int, _COVERAGE.findall(done.stderr)), default=0),
        "crashes": sorted(str(path) for path in set(found.iterdir()) - known),
    }


def _options(seconds: int, found: Path) -> list[str]:
    return [
        f"-max_total_time={seconds}",
        f"-timeout={HANG_SECONDS}",
        f"-rss_limit_mb={MEMORY_MB}",
        f"-artifact_prefix={found}/",
        "-max_len=65536",
        "-print_final_stats=1",
    ]


def _folder(target: str, name: str) -> Path:
    folder = FOLDER / target / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def table(results: list[dict[str, Any]]) -> str:
    """The same counts for a person."""
    lines = [f"{'lecteur':10} {'lectures':>10} {'par s':>7} {'bords':>6} {'plus lente':>10} {'mémoire':>8}  trouvé"]
    for each in results:
        kept = ", ".join(each["crashes"]) or "rien"
        lines.append(
            f"{each['target']:10} {each['runs']:10} {each['runs_per_second']:7} {each['coverage']:6} "
            f"{each['slowest_seconds']:8} s {each['peak_mb']:5} Mo  {kept}"
        )
    return "\n".join(lines)


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
