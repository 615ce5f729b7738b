"""The search bench runs small, through the web's door, and finds what is there."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import json, sys
from pathlib import Path
from benchmarks import search
print(json.dumps(search.measure(2000, 1, Path(sys.argv[1]))))
"""
OURS = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "LIAISON_")


def test_every_kind_of_search_is_measured_behind_the_walls(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=Path(__file__).resolve().parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    measured = json.loads(done.stdout)
    group, one = measured["search"]["the group"], measured["search"]["one site"]
    assert group.keys() == one.keys()
    for kind in ("common word", "beginning", "name of a resident"):
        assert min(group[kind]["shown"], one[kind]["shown"]) > 0, kind
    assert one["misspelt name"]["shown"] > 0
    assert group["nothing"]["shown"] == one["nothing"]["shown"] == 0
    assert all(times["median"] <= times["p95"] <= times["worst"] for times in group.values())
