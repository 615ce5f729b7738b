"""The steps named in the code, read from the code: a new one is killed at as soon as it is written."""

import re
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "liaison"


@cache
def steps() -> tuple[str, ...]:
    """Every step, in the order of the files."""
    found = [
        step
        for path in sorted(SOURCE.rglob("*.py"))
        for step in re.findall(r'\breach\("([^"]+)"\)', path.read_text(encoding="utf-8"))
    ]
    return tuple(dict.fromkeys(found))
