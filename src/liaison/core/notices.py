"""What a reader says when something was off: a value for the screen, never an exception."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """One remark on something read.

    ``code`` is a stable snake_case word for programs and tests; ``message`` is a French sentence for a person.
    Neither holds a name, a matricule or any other health data: both may be logged.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The reading of bytes that could not be read at all, and why."""

    notice: Notice
