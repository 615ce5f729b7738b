"""What a drain costs: its clock, and the processor time of a contender's processes and of its PostgreSQL."""

import os
import sys
from pathlib import Path

from benchmarks.intake_contenders import Contender

_TICK = os.sysconf("SC_CLK_TCK")


def take(contender: Contender, messages: int) -> None:
    """Drain the mailbox it is prepared for, and note what that took."""
    spent = _spent(contender)
    contender.clocks.append(contender.drain(messages))
    contender.cpu.append(_spent(contender) - spent)
    contender.drained.append(messages)


def idle(contender: Contender) -> float:
    """The processor seconds of its start and end alone: a drain of the empty mailbox it is prepared for, not noted."""
    spent = _spent(contender)
    contender.drain(0)
    return _spent(contender) - spent


def _spent(contender: Contender) -> float:
    """The CPU seconds of our own ended children, and of the servers with all theirs, ended or not."""
    own = os.times()
    return own.children_user + own.children_system + sum(_of_tree(pid) for pid in contender.servers())


def _of_tree(pid: int) -> float:
    """Nothing of a process that has just ended: its parent counts it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(field) for field in stat[11:15]) / _TICK + sum(_of_tree(int(child)) for child in children)


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
