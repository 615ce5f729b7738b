"""What a drain costs: its clock, and the processor time of a contender's processes and of its PostgreSQL."""

import os
import sys

from benchmarks.intake_contenders import Contender
from benchmarks.machine import cpu_of_tree


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
    """The CPU seconds of our own ended children, and of the servers with all theirs, ended or not.

    Those of the bench's own questions to the servers are not the contender's.
    """
    own = os.times()
    servers = sum(cpu_of_tree(pid) for pid in contender.servers())
    return own.children_user + own.children_system + servers - contender.questions_cpu


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
