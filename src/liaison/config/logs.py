"""How a line of the log is written: an error is told by its kind and its place, never by its words (law 5)."""

import logging
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import TypeAlias

ErrorTold: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class DiscreetFormatter(logging.Formatter):
    """The words of an error may quote a name or a whole row (PostgreSQL does): the traceback goes without them."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another formatter may have kept its own telling there
        return super().format(record)

    def formatException(self, ei: ErrorTold) -> str:  # noqa: N802 (the name logging calls it by)
        return "\n".join(_tell(ei[1]))


def _tell(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield type(error).__qualname__
        for frame in traceback.extract_tb(error.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} {frame.name}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
