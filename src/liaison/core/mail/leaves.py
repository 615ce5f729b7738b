"""Every leaf of a message: MIME parts, messages inside, members of archives, each decoded and typed by its bytes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from liaison.core.mail.beginning import upright
from liaison.core.mail.encoding import is_charset
from liaison.core.mail.mime import Part, PartBudget, walk
from liaison.core.mail.tnef import open_tnef
from liaison.core.mail.values import Leaf
from liaison.core.media import TNEF, ZIP, media_type
from liaison.core.notices import Notice, Unreadable
from liaison.core.xdm.archive import InflateBudget, open_archive, with_nested
from liaison.core.xdm.values import Member

MAX_NESTED_MESSAGES = 5
MESSAGES = frozenset({"message/rfc822", "message/global"})

UNKNOWN_CHARSET = Notice("charset_unknown", "Le jeu de caractères annoncé est inconnu : le texte a été lu au mieux.")
NESTED_TOO_DEEP = Notice("messages_too_deep", "Trop de messages emboîtés : celui-ci est gardé sans être ouvert.")


@dataclass(frozen=True, slots=True)
class Budgets:
    """The caps shared by all that one message holds."""

    parts: PartBudget = field(default_factory=PartBudget)
    inflate: InflateBudget = field(default_factory=InflateBudget)


@dataclass(frozen=True, slots=True)
class TypedLeaf:
    """A leaf with the charset its sender gave, for who reads it as text."""

    leaf: Leaf
    charset: str = ""


def read_leaves(raw: bytes, *, opened: bool) -> tuple[TypedLeaf, ...]:
    """The leaves in the order of the bytes. A container (message, zip) is a leaf too, followed by what it holds.

    With ``opened`` false the containers stay shut: what a report carries back is ours already.
    """
    return tuple(_leaves(raw, "", Budgets(), 0, opened=opened))


def _leaves(raw: bytes, prefix: str, budgets: Budgets, depth: int, *, opened: bool) -> Iterator[TypedLeaf]:
    for part in walk(raw, prefix, budgets.parts):
        found = _leaf(part)
        inside = _inside(found.leaf, budgets, depth) if opened else ()
        if isinstance(inside, Notice):
            yield replace(found, leaf=replace(found.leaf, notices=(*found.leaf.notices, inside)))
            continue
        yield found
        yield from inside


def _leaf(part: Part) -> TypedLeaf:
    content, notices = part.decoded()
    headers = part.headers
    charset = headers.parameter("content-type", "charset")
    declared = headers.content_type or "text/plain"
    leaf = Leaf(
        path=part.path,
        name=headers.parameter("content-disposition", "filename") or headers.parameter("content-type", "name"),
        declared_type=declared,
        media_type=declared if declared.startswith("message/") else media_type(content, declared),
        content=content,
        disposition=headers.raw("content-disposition").partition(";")[0].strip().lower(),
        notices=(*part.notices, *notices, *_charset_notices(declared, charset)),
    )
    return TypedLeaf(leaf, charset)


def _charset_notices(declared: str, charset: str) -> tuple[Notice, ...]:
    wrong = charset and declared.startswith("text/") and not is_charset(charset)
    return (UNKNOWN_CHARSET,) if wrong else ()


def _inside(leaf: Leaf, budgets: Budgets, depth: int) -> Iterable[TypedLeaf] | Notice:
    """What a container holds, or why it was not opened."""
    if _is_message(leaf):
        if depth >= MAX_NESTED_MESSAGES:
            return NESTED_TOO_DEEP
        return _leaves(upright(leaf.content), f"{leaf.path}>", budgets, depth + 1, opened=True)
    if leaf.media_type == ZIP:
        opened = open_archive(leaf.content, budget=budgets.inflate)
        return opened.notice if isinstance(opened, Unreadable) else _member_leaves(leaf, opened[0], budgets, depth)
    return _inside_tnef(leaf, budgets, depth) if leaf.media_type == TNEF else ()


def _inside_tnef(leaf: Leaf, budgets: Budgets, depth: int) -> Iterable[TypedLeaf] | Notice:
    if depth >= MAX_NESTED_MESSAGES:
        return NESTED_TOO_DEEP
    opened = open_tnef(leaf.content)
    if isinstance(opened, Unreadable):
        return opened.notice
    return _member_leaves(leaf, with_nested(opened, budgets.inflate), budgets, depth + 1)


def _is_message(leaf: Leaf) -> bool:
    return leaf.declared_type in MESSAGES or (
        leaf.name.lower().endswith(".eml") and leaf.media_type in {"text/plain", "application/octet-stream"}
    )


def _member_leaves(archive: Leaf, members: Iterable[Member], budgets: Budgets, depth: int) -> Iterator[TypedLeaf]:
    """The members, zips in them opened already; a message among them, Outlook's form included, is opened here."""
    for member in members:
        leaf = _member_leaf(archive, member)
        inside = _inside(leaf, budgets, depth) if _is_message(leaf) or leaf.media_type == TNEF else ()
        if isinstance(inside, Notice):
            yield TypedLeaf(replace(leaf, notices=(*leaf.notices, inside)))
            continue
        yield TypedLeaf(leaf)
        yield from inside


def _member_leaf(archive: Leaf, member: Member) -> Leaf:
    return Leaf(
        path=f"{archive.path}!{member.name}",
        name=member.name.rpartition("!")[2].rstrip("/").rpartition("/")[2] or member.name,
        declared_type="",
        media_type=media_type(member.content),
        content=member.content,
        notices=member.notices,
    )
