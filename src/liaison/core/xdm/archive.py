"""Zip archives under caps counted on the inflating stream, never on what the archive says of itself.

Nothing is hidden: a refused member stays as a member, empty, with its notice. Names are labels, never paths.
"""

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from liaison.core.media import is_zip
from liaison.core.notices import Notice, Unreadable
from liaison.core.xdm.values import Member

MAX_MEMBERS = 500
MAX_DEPTH = 3
MAX_MEMBER_BYTES = 50_000_000
MAX_TOTAL_BYTES = 100_000_000
MAX_RATIO = 100
RATIO_APPLIES_FROM = 1_000_000
_CHUNK = 65_536
_MAX_DIRECTORY_RECORDS = 10 * MAX_MEMBERS
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"[A-Za-z]:")
_DAMAGES = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, struct.error)

ZIP_UNREADABLE = Notice("zip_unreadable", "L'archive zip est abîmée ou incomplète : elle n'a pas pu être ouverte.")
ZIP_CROWDED = Notice("zip_too_many_members", "L'archive zip contient trop de fichiers : elle n'a pas été ouverte.")
ZIP_TOO_DEEP = Notice("zip_too_deep", "Cette archive est emboîtée trop profondément : elle n'a pas été ouverte.")
TOO_MANY = Notice("member_over_count", "L'archive contient trop de fichiers : celui-ci n'a pas été ouvert.")
TOO_LARGE = Notice("member_too_large", "Ce fichier de l'archive est trop gros une fois décompressé : il a été refusé.")
TOTAL_TOO_LARGE = Notice("zip_too_large", "L'archive est trop grosse une fois décompressée : ce fichier a été refusé.")
TOO_DENSE = Notice("member_ratio", "Ce fichier se décompresse démesurément (bombe zip) : il a été refusé.")
ENCRYPTED = Notice("member_encrypted", "Ce fichier de l'archive est chiffré : il n'a pas pu être lu.")
SYMLINK = Notice("member_symlink", "Ce fichier de l'archive est un lien vers un autre : il a été refusé.")
TRAVERSAL = Notice("member_traversal", "Le nom de ce fichier cherche à sortir de l'archive : il a été refusé.")
UNKNOWN_METHOD = Notice("member_unknown_method", "Ce fichier est compressé d'une façon inconnue : il n'a pas été lu.")
DAMAGED = Notice("member_damaged", "Ce fichier de l'archive est abîmé : il n'a pas pu être lu.")
DUPLICATED = Notice("member_duplicated", "L'archive contient deux fichiers du même nom.")


class InflateBudget:
    """What may still be inflated, in members and in bytes. One budget serves a whole message, nested zips included."""

    def __init__(self, members: int = MAX_MEMBERS, total_bytes: int = MAX_TOTAL_BYTES) -> None:
        self.members = members
        self.bytes = total_bytes


class _RefusedError(Exception):
    def __init__(self, notice: Notice) -> None:
        self.notice = notice


def open_archive(
    data: bytes, *, budget: InflateBudget | None = None, depth: int = 0
) -> tuple[tuple[Member, ...], tuple[Notice, ...]] | Unreadable:
    """The members of a zip in its own order, a nested zip followed by its members as ``inner.zip!name``.

    ``Unreadable`` when there is no zip to open; the notices of the archive are beside the members, theirs on them.
    """
    budget = budget or InflateBudget()
    if depth >= MAX_DEPTH:
        return Unreadable(ZIP_TOO_DEEP)
    if data.count(b"PK\x01\x02") > _MAX_DIRECTORY_RECORDS:
        return Unreadable(ZIP_CROWDED)
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            members = tuple(_read_members(archive, budget, depth))
    except _DAMAGES:
        return Unreadable(ZIP_UNREADABLE)
    repeated = any(DUPLICATED in member.notices for member in members)
    return members, (DUPLICATED,) if repeated else ()


def _read_members(archive: ZipFile, budget: InflateBudget, depth: int) -> Iterator[Member]:
    seen: dict[str, int] = {}
    for info in archive.infolist():
        if info.filename.endswith("/") and not info.file_size:
            continue
        yield from _with_nested(numbered(_read_member(archive, info, budget), seen), budget, depth)


def numbered(member: Member, seen: dict[str, int]) -> Member:
    """The member under a name that none before it bears: ``name#2`` for the second of a name, and said so."""
    number = seen[member.name] = seen.get(member.name, 0) + 1
    if number == 1:
        return member
    while (name := f"{member.name}#{number}") in seen:
        number += 1
    seen[member.name], seen[name] = number, 1
    return Member(name, member.content, (*member.notices, DUPLICATED))


def with_nested(members: Iterable[Member], budget: InflateBudget) -> tuple[Member, ...]:
    """Files that another container held, each zip among them followed by its members."""
    return tuple(inner for member in members for inner in _with_nested(member, budget, 0))


def _with_nested(member: Member, budget: InflateBudget, depth: int) -> Iterator[Member]:
    if not is_zip(member.content):
        yield member
        return
    opened = open_archive(member.content, budget=budget, depth=depth + 1)
    if isinstance(opened, Unreadable):
        yield Member(member.name, member.content, (*member.notices, opened.notice))
        return
    yield member
    for inner in opened[0]:
        yield Member(f"{member.name}!{inner.name}", inner.content, inner.notices)


def _read_member(archive: ZipFile, info: ZipInfo, budget: InflateBudget) -> Member:
    name = member_name(info)
    try:
        _check(info, name, budget)
        return Member(name, _inflate(archive, info, budget))
    except _RefusedError as refused:
        return Member(name, b"", (refused.notice,))
    except _DAMAGES:
        return Member(name, b"", (DAMAGED,))


def _check(info: ZipInfo, name: str, budget: InflateBudget) -> None:
    budget.members -= 1
    refusals = (
        (budget.members < 0, TOO_MANY),
        (_escapes(name), TRAVERSAL),
        (stat.S_ISLNK(info.external_attr >> 16), SYMLINK),
        (bool(info.flag_bits & _ENCRYPTED), ENCRYPTED),
        (info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}, UNKNOWN_METHOD),
    )
    for refused, notice in refusals:
        if refused:
            raise _RefusedError(notice)


def _inflate(archive: ZipFile, info: ZipInfo, budget: InflateBudget) -> bytes:
    pieces, size = [], 0
    with archive.open(info) as stream:
        while piece := stream.read(_CHUNK):
            size += len(piece)
            budget.bytes -= len(piece)
            _check_size(size, info.compress_size, budget)
            pieces.append(piece)
    return b"".join(pieces)


def _check_size(size: int, compressed: int, budget: InflateBudget) -> None:
    if size > MAX_MEMBER_BYTES:
        raise _RefusedError(TOO_LARGE)
    if size > RATIO_APPLIES_FROM and size > MAX_RATIO * max(compressed, 1):
        raise _RefusedError(TOO_DENSE)
    if budget.bytes < 0:
        raise _RefusedError(TOTAL_TOO_LARGE)


def member_name(info: ZipInfo) -> str:
    """The name for people: many tools write UTF-8 without saying so, where the format means code page 437."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME and not name.isascii():
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return _CONTROL.sub("_", name.replace("\\", "/"))


def _escapes(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/") or bool(_DRIVE.match(name))


def build_archive(members: Iterable[tuple[str, bytes]], *, at: datetime) -> bytes:
    """A deflated zip of the members in their order, each dated ``at``: the same members give the same bytes."""
    output = io.BytesIO()
    moment = (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second)
    with ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            info = ZipInfo(name, moment)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return output.getvalue()
