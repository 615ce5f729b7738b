"""The folders of one account as pymap wants them: a pymap backend over the database.

pymap's own dict backend forgets everything at exit and its maildir backend rewrites line ends, so this one is ours. It
keeps nothing of a message in memory; what it holds for each folder is what sessions need to hear of changes: a counter
of changes, the UIDs each touched, and an event.
"""

from collections.abc import AsyncIterable, Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pymap.backend.mailbox import MailboxDataInterface, MailboxSetInterface
from pymap.bytes import Writeable
from pymap.concurrent import Event
from pymap.context import subsystem
from pymap.flags import FlagOp
from pymap.interfaces.message import CachedMessage
from pymap.listtree import ListTree
from pymap.mailbox import MailboxSnapshot
from pymap.message import BaseLoadedMessage, BaseMessage
from pymap.mime import MessageContent
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement, ObjectId
from pymap.parsing.specials.flag import Flag, Recent, Seen, Wildcard, get_system_flags
from pymap.selected import SelectedMailbox, SelectedSet

from liaison.demo.operator.mailstore import FolderRow, MailStore, MessageRow

INBOX = "INBOX"
DELIMITER = "/"


class LoadedMessage(BaseLoadedMessage):
    """A message with its bytes. They are parsed only when a part is asked for; asked whole, they leave untouched."""

    def __init__(self, message: BaseMessage, requirement: FetchRequirement, raw: bytes) -> None:
        super().__init__(message, requirement, None)
        self._raw = raw

    @cached_property
    def _parsed(self) -> MessageContent:
        return MessageContent.parse(self._raw)

    @property
    def content(self) -> MessageContent:
        return self._parsed

    def __bytes__(self) -> bytes:
        return self._raw

    def get_body(self, section: Any = None, binary: bool = False) -> Writeable:
        if section or binary:
            return super().get_body(section, binary)
        return Writeable.wrap(self._raw)

    def get_size(self, section: Any = None) -> int:
        return super().get_size(section) if section else len(self._raw)


class Message(BaseMessage):
    """One message of a folder, without its bytes."""

    def __init__(self, store: MailStore, row: MessageRow, *, expunged: bool = False) -> None:
        flags = [Flag(flag) for flag in row.flags]
        email_id = ObjectId(b"M%d" % row.content)
        super().__init__(row.uid, row.received, flags, expunged=expunged, email_id=email_id)
        self._store = store
        self.row = row

    async def load_content(self, requirement: FetchRequirement) -> LoadedMessage:
        if self.expunged or requirement.has_none(FetchRequirement.CONTENT):
            return LoadedMessage(self, requirement, b"")
        raw = self._store.database.content(self.row.content)
        return LoadedMessage(self, requirement, raw)


class Snapshot(MailboxSnapshot):
    @property
    def flags(self) -> frozenset[Flag]:
        """``\\*`` says that keywords may be made; it belongs to PERMANENTFLAGS alone (RFC 3501 §7.1)."""
        return super().flags - {Wildcard}


class Folder(MailboxDataInterface[Message]):
    """One folder, shared by all its sessions."""

    def __init__(self, store: MailStore, row: FolderRow) -> None:
        self.id = row.id
        self._store = store
        self._uid_validity = row.uid_validity
        self._selected_set = SelectedSet()
        self._event = subsystem.get().new_event()
        self._changes = 0
        self._changed: dict[int, int] = {}
        self._expunged: dict[int, int] = {}

    @property
    def mailbox_id(self) -> ObjectId:
        return ObjectId(b"F%d" % self.id)

    @property
    def readonly(self) -> bool:
        return False

    @property
    def uid_validity(self) -> int:
        return self._uid_validity

    @property
    def permanent_flags(self) -> frozenset[Flag]:
        return (get_system_flags() - {Recent}) | {Wildcard}

    @property
    def selected_set(self) -> SelectedSet:
        return self._selected_set

    def note_changed(self, uids: Iterable[int]) -> None:
        """Tell every session of messages that came or whose flags changed."""
        self._note(self._changed, uids)

    def note_expunged(self, uids: Iterable[int]) -> None:
        self._note(self._expunged, uids)

    def _note(self, kept: dict[int, int], uids: Iterable[int]) -> None:
        self._changes += 1
        kept.update(dict.fromkeys(uids, self._changes))
        self._event.set()

    async def update_selected(self, selected: SelectedMailbox, *, wait_on: Event | None = None) -> SelectedMailbox:
        seen = selected.mod_sequence
        if wait_on is not None and seen == self._changes:
            await wait_on.or_event(self._event).wait()
        selected.mod_sequence = self._changes
        selected.add_updates(self._messages_since(seen), self._expunged_since(seen))
        return selected

    def _messages_since(self, seen: int | None) -> list[Message]:
        if seen is None:
            return self._all_messages()
        rows = [self._store.message(self.id, uid) for uid, when in self._changed.items() if when > seen]
        return [Message(self._store, row) for row in rows if row is not None]

    def _expunged_since(self, seen: int | None) -> list[int]:
        return [] if seen is None else [uid for uid, when in self._expunged.items() if when > seen]

    def _all_messages(self) -> list[Message]:
        return [Message(self._store, row) for row in self._store.messages(self.id)]

    async def append(self, append_msg: AppendMessage, *, recent: bool = False) -> Message:
        received = append_msg.when or datetime.now(UTC)
        flags = _texts(append_msg.flag_set)
        uid = self._store.append(self.id, append_msg.literal, received, flags, recent=recent)
        self.note_changed([uid])
        return self._existing(uid)

    def _existing(self, uid: int) -> Message:
        row = self._store.message(self.id, uid)
        if row is None:
            raise IndexError(uid)
        return Message(self._store, row)

    async def copy(self, uid: int, destination: "Folder", *, recent: bool = False) -> int | None:
        new_uid = self._store.copy(self.id, uid, destination.id, recent=recent)
        if new_uid is not None:
            destination.note_changed([new_uid])
        return new_uid

    async def move(self, uid: int, destination: "Folder", *, recent: bool = False) -> int | None:
        new_uid = self._store.move(self.id, uid, destination.id, recent=recent)
        if new_uid is not None:
            self.note_expunged([uid])
            destination.note_changed([new_uid])
        return new_uid

    async def get(self, uid: int, cached_msg: CachedMessage) -> Message:
        row = self._store.message(self.id, uid)
        if row is not None:
            return Message(self._store, row)
        if not isinstance(cached_msg, Message):
            raise IndexError(uid)
        return Message(self._store, cached_msg.row, expunged=True)

    async def update(self, uid: int, cached_msg: CachedMessage, flag_set: frozenset[Flag], mode: FlagOp) -> Message:
        message = await self.get(uid, cached_msg)
        flags = mode.apply(message.permanent_flags, flag_set)
        if message.expunged or flags == message.permanent_flags:
            return message
        self._store.set_flags(self.id, uid, _texts(flags))
        self.note_changed([uid])
        return self._existing(uid)

    async def delete(self, uids: Iterable[int]) -> None:
        gone = frozenset(uids)
        if gone:
            self._store.delete(self.id, gone)
            self.note_expunged(gone)

    async def claim_recent(self, selected: SelectedMailbox) -> None:
        for uid in self._store.claim_recent(self.id):
            selected.session_flags.add_recent(uid)

    async def cleanup(self) -> None:
        """Nothing to do: the database keeps house at each deletion."""

    async def messages(self) -> AsyncIterable[Message]:
        for message in self._all_messages():
            yield message

    async def snapshot(self) -> MailboxSnapshot:
        messages = self._all_messages()
        unseen = [number for number, message in enumerate(messages, 1) if Seen not in message.permanent_flags]
        return Snapshot(
            self.mailbox_id,
            self.readonly,
            self.uid_validity,
            self.permanent_flags,
            self.session_flags,
            len(messages),
            sum(message.row.recent for message in messages),
            len(unseen),
            unseen[0] if unseen else None,
            self._store.next_uid(self.id),
        )


def _texts(flags: Iterable[Flag]) -> list[str]:
    return [str(flag) for flag in flags if flag not in (Recent, Wildcard)]


class Folders(MailboxSetInterface[Folder]):
    """All the folders of one account."""

    def __init__(self, store: MailStore, owner: str) -> None:
        self._store = store
        self._owner = owner
        self._open: dict[int, Folder] = {}
        store.open_account(owner)

    @property
    def delimiter(self) -> str:
        return DELIMITER

    def folder(self, name: str) -> Folder:
        """The folder of that name, the same object for every session; KeyError when there is none."""
        row = self._store.folder(self._owner, _canonical(name))
        if row is None:
            raise KeyError(name)
        if row.id not in self._open:
            self._open[row.id] = Folder(self._store, row)
        return self._open[row.id]

    async def get_mailbox(self, name: str) -> Folder:
        return self.folder(name)

    async def set_subscribed(self, name: str, subscribed: bool) -> None:
        self._store.subscribe(self._owner, _canonical(name), subscribed=subscribed)

    async def list_subscribed(self) -> ListTree:
        return self._tree(row.name for row in self._store.folders(self._owner) if row.subscribed)

    async def list_mailboxes(self) -> ListTree:
        return self._tree(row.name for row in self._store.folders(self._owner))

    def _tree(self, names: Iterable[str]) -> ListTree:
        return ListTree(DELIMITER).update(INBOX, *names)

    async def add_mailbox(self, name: str) -> ObjectId:
        canonical = _canonical(name)
        if self._store.folder(self._owner, canonical):
            raise ValueError(name)
        self._store.create(self._owner, canonical)
        return self.folder(canonical).mailbox_id

    async def delete_mailbox(self, name: str) -> None:
        folder = self.folder(name)
        if _canonical(name) == INBOX:
            raise KeyError(name)
        self._store.drop(folder.id)
        self._open.pop(folder.id, None)

    async def rename_mailbox(self, before: str, after: str) -> None:
        """Rename a folder and those under it; renaming INBOX leaves a new empty one behind (RFC 3501 §6.3.5)."""
        tree = await self.list_mailboxes()
        if tree.get(_canonical(before)) is None:
            raise KeyError(before)
        if tree.get(after) is not None:
            raise ValueError(after)
        with self._store.database.transaction():
            for old, new in tree.get_renames(_canonical(before), after):
                self._store.rename(self.folder(old).id, new)
            self._store.open_account(self._owner)


def _canonical(name: str) -> str:
    return INBOX if name.upper() == INBOX else name
