"""What a doctor remembers between two starts: how far he has read, what he answered, what he has still to send."""

import json
import os
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to go, at ``due`` or later. A notification (MDN) goes from the null path.

    With a ``link`` there is no message: he answers on that page.
    """

    recipient: str
    due: datetime
    raw: bytes
    notification: bool = False
    link: str = ""


class Desk:
    """One doctor's memory, in one JSON file that is either whole or not there.

    A message read and what it makes the doctor send are written in one go, so that a restart neither forgets nor
    answers twice. The one open window, between the server's answer and ``sent``, sends the same Message-ID again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        values = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.uid_validity: int = values.get("uid_validity", 0)
        self.last_uid: int = values.get("last_uid", 0)
        self.read: list[str] = values.get("read", [])
        self.outbox: list[Letter] = [_letter(each) for each in values.get("outbox", [])]

    def open_folder(self, uid_validity: int) -> None:
        """Under another UIDVALIDITY the UIDs begin anew (RFC 9051 §2.3.1.1); what was read stays known by its id."""
        if uid_validity != self.uid_validity:
            self.uid_validity, self.last_uid = uid_validity, 0

    def note_read(self, uid: int, message_id: str, letters: tuple[Letter, ...]) -> None:
        """The message is read, and these are to be sent."""
        self.last_uid = uid
        self.read += [message_id] if message_id else []
        self.outbox += letters
        self._save()

    def due(self, now: datetime) -> list[Letter]:
        """What should leave by now."""
        return [letter for letter in self.outbox if letter.due <= now]

    def next_due(self) -> datetime | None:
        return min((letter.due for letter in self.outbox), default=None)

    def sent(self, letter: Letter) -> None:
        self.outbox.remove(letter)
        self._save()

    def _save(self) -> None:
        values = {
            "uid_validity": self.uid_validity,
            "last_uid": self.last_uid,
            "read": self.read,
            "outbox": [_values(letter) for letter in self.outbox],
        }
        partial = self._path.with_name(f"{self._path.name}.partial")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(values, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path)


def _values(letter: Letter) -> dict[str, object]:
    return {**asdict(letter), "due": letter.due.isoformat(), "raw": b64encode(letter.raw).decode("ascii")}


def _letter(values: dict[str, str | bool]) -> Letter:
    due, raw = datetime.fromisoformat(str(values["due"])), b64decode(str(values["raw"]))
    return Letter(str(values["recipient"]), due, raw, bool(values["notification"]), str(values.get("link", "")))
