"""In what order the test files run, and which of them stay together, when several workers share them."""

from collections import Counter
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

LONGEST = (
    "tests/benchmarks/test_faults.py",
    "tests/e2e/test_leaflet.py",
    "tests/e2e/test_demo_command.py",
    "tests/e2e/test_one_click.py",
    "tests/e2e/test_operating.py",
    "tests/benchmarks/test_search.py",
    "tests/benchmarks/test_intake.py",
    "tests/web/test_pro_sante_connect.py",
    "tests/fuzz/test_quadratic.py",
    "tests/demo/doctors/test_practice.py",
    "tests/apps/test_ready_tables.py",
    "tests/apps/test_backup.py",
    "tests/apps/test_commands.py",
    "tests/demo/hospital/test_rounds.py",
)
"""The files that take longest, the longest first, though they hold few tests."""
TOGETHER = "tests/e2e/"
"""These share one demo: it is started once, and ends with the last of them."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first, then those with most tests: no processor waits for another at the end."""
    sizes = Counter(item.path for item in items)
    ranks = {path: rank(path) for path in sizes}
    items.sort(key=lambda item: (ranks[item.path], -sizes[item.path], item.path))


def rank(path: Path) -> int:
    return next((at for at, name in enumerate(LONGEST) if path.as_posix().endswith(name)), len(LONGEST))


class FileByFile(LoadFileScheduling):
    """A file goes to one worker; those that share a demo go to the same one."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    return FileByFile(config, log) if config.getvalue("dist") == "loadfile" else None
