"""What a process does with the memory it has done with."""

import ctypes
import gc
import sys

MEGABYTE = 1024 * 1024
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
"""The numbers of the options of ``mallopt`` (malloc.h of the GNU C library)."""
_KEPT = {_TRIM_THRESHOLD: 64 * MEGABYTE, _TOP_PAD: 4 * MEGABYTE, _MMAP_THRESHOLD: 4 * MEGABYTE}
OBJECTS_BETWEEN_COLLECTIONS = 50_000


def stay_for_many_files() -> None:
    """Make this process, which has loaded what it needs, one that reads file after file.

    The collector leaves alone what is loaded by now, which stays for good, and comes less often. What one file leaves
    free is kept for the next, up to 64 MB, instead of being given back to the system and taken again page by page: some
    three hundred pages a message, each cleared by the kernel. Blocks of 4 MB and more are still given back at once.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    if sys.platform == "linux":
        _keep_what_is_free()


def _keep_what_is_free() -> None:
    """Of the GNU C library only: musl's, which has no ``mallopt``, is left as it is."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    for option, size in _KEPT.items():
        mallopt(option, size)
