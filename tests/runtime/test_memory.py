"""A process that reads file after file keeps what one leaves free for the next, and gives what is large back."""

import platform
import subprocess
import sys

import pytest

SETTLED = "from liaison.runtime.memory import stay_for_many_files; stay_for_many_files()"
BLOCKS = """
import resource
def use(size, count):
    blocks = [bytearray(size) for _ in range(count)]
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
"""
MEGABYTE = 1024 * 1024

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what is kept is said to the GNU C library")


def told(*lines: str) -> int:
    """The number that these lines print, in a process of their own."""
    program = "\n".join((SETTLED, BLOCKS, *lines))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_what_a_file_leaves_free_serves_the_next_without_asking_the_system() -> None:
    pages = 16 * MEGABYTE // 4096
    faults = told(f"use({MEGABYTE}, 16)", "before = faults()", f"use({MEGABYTE}, 16)", "print(faults() - before)")
    assert faults < pages / 10


def test_a_very_large_file_leaves_nothing_behind() -> None:
    left = told("before = resident()", f"use({25 * MEGABYTE}, 4)", "print(resident() - before)")
    assert left < 10 * MEGABYTE
