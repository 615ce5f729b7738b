"""``winmail.dat``: the files Outlook wraps in its own format (TNEF)."""

from tnefparse import TNEF  # type: ignore[attr-defined, unused-ignore]  # the library has no types

from liaison.core.notices import Notice, Unreadable
from liaison.core.xdm.archive import numbered
from liaison.core.xdm.values import Member

TNEF_UNREADABLE = Notice("tnef_unreadable", "Le fichier winmail.dat est abîmé : il n'a pas pu être ouvert.")


def open_tnef(data: bytes) -> tuple[Member, ...] | Unreadable:
    """The files inside a winmail.dat, in order; two of the same name are numbered."""
    try:
        attachments = [(item.long_filename() or item.name, bytes(item.data)) for item in TNEF(data).attachments]
    except Exception:  # noqa: BLE001  # the library raises whatever its struct reads run into, down to bare AssertionError
        return Unreadable(TNEF_UNREADABLE)
    seen: dict[str, int] = {}
    return tuple(
        numbered(Member(str(name or "piece").replace("\x00", ""), content), seen) for name, content in attachments
    )
