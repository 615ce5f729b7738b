"""The objects a PDF is made of, for the rules that look at them: each dictionary once, wherever it stands."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO

import pikepdf

from liaison.core.notices import Notice, Unreadable

MAX_DICTIONARIES = 500_000
_LOCKED = Unreadable(Notice("pdf_encrypted", "Le PDF est protégé par un mot de passe."))
_BROKEN = Unreadable(Notice("pdf_broken", "Le PDF est abîmé et ne peut pas être lu."))


@dataclass(frozen=True, slots=True)
class Anatomy:
    """``dictionaries`` are those of the file, the dictionaries of its streams included."""

    data: bytes
    pdf: pikepdf.Pdf
    dictionaries: tuple[pikepdf.Object, ...] = field(repr=False)

    @property
    def root(self) -> pikepdf.Object:
        return self.pdf.Root

    def named(self, key: str, *names: str) -> list[pikepdf.Object]:
        """The dictionaries whose key bears one of these names (``/Type``, ``/Font``)."""
        return [each for each in self.dictionaries if name_at(each, key) in names]


@contextmanager
def dissected(data: bytes) -> Iterator[Anatomy | Unreadable]:
    """The anatomy of a PDF while the block lasts, or why there is none."""
    try:
        pdf = pikepdf.open(BytesIO(data), attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PasswordError:
        yield _LOCKED
        return
    except (pikepdf.PdfError, ValueError):
        yield _BROKEN
        return
    with pdf:
        try:
            anatomy = Anatomy(data, pdf, tuple(_dictionaries(pdf)))
        except (pikepdf.PdfError, RecursionError, RuntimeError):  # what qpdf says of an object it cannot read
            yield _BROKEN
            return
        yield anatomy


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Those of each numbered object, and those that stand in them without a number."""
    count = 0
    waiting = [pdf.trailer, *pdf.objects]
    while waiting and count < MAX_DICTIONARIES:
        found = waiting.pop()
        if isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
            count += 1
            yield found
            waiting += [value for _, value in found.items() if _stands_within(value)]
        elif isinstance(found, pikepdf.Array):
            waiting += [value for value in found if _stands_within(value)]


def _stands_within(value: object) -> bool:
    is_container = isinstance(value, pikepdf.Dictionary | pikepdf.Array)
    return is_container and isinstance(value, pikepdf.Object) and not value.is_indirect


def name_at(dictionary: pikepdf.Object | None, key: str) -> str:
    """The name or the text under a key, empty when there is none (``/Font``)."""
    value = None if dictionary is None else dictionary.get(key)
    return str(value) if isinstance(value, pikepdf.Name | pikepdf.String) else ""


def has(dictionary: pikepdf.Object | None, *keys: str) -> bool:
    return dictionary is not None and any(key in dictionary for key in keys)


def is_true(dictionary: pikepdf.Object, key: str) -> bool:
    value: object = dictionary.get(key)
    return value is True
