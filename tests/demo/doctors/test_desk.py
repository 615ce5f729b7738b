"""A doctor's memory outlives his process."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from liaison.demo.doctors.desk import Desk, Letter

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def letter(minutes: int) -> Letter:
    due = NOW + timedelta(minutes=minutes)
    return Letter("home@btprms.mssante.fr", due, b"raw \xe9\r\n", notification=minutes == 1)


def test_what_was_read_and_what_is_to_be_sent_survive_a_restart(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk.json")
    desk.open_folder(42)
    desk.note_read(7, "<a@b>", (letter(1), letter(5)))
    again = Desk(tmp_path / "desk.json")
    assert (again.uid_validity, again.last_uid, again.read) == (42, 7, ["<a@b>"])
    assert again.outbox == [letter(1), letter(5)]


def test_a_letter_sent_is_forgotten_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk.json")
    desk.note_read(7, "<a@b>", (letter(1), letter(5)))
    desk.sent(letter(1))
    assert Desk(tmp_path / "desk.json").outbox == [letter(5)]


def test_only_what_is_due_leaves(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk.json")
    desk.note_read(7, "<a@b>", (letter(5), letter(1)))
    assert desk.due(NOW) == []
    assert desk.due(NOW + timedelta(minutes=1)) == [letter(1)]
    assert desk.next_due() == letter(1).due


def test_another_uidvalidity_begins_the_folder_anew_and_forgets_no_message(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk.json")
    desk.open_folder(42)
    desk.note_read(7, "<a@b>", ())
    desk.open_folder(42)
    assert desk.last_uid == 7
    desk.open_folder(43)
    assert (desk.last_uid, desk.read) == (0, ["<a@b>"])


def test_the_memory_is_closed_to_others(tmp_path: Path) -> None:
    Desk(tmp_path / "desk.json").note_read(7, "<a@b>", ())
    assert (tmp_path / "desk.json").stat().st_mode & 0o077 == 0
