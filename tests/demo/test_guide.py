"""The page that says what the demo shows says what the demo does."""

from pathlib import Path

from liaison.demo.guide import letters, movements, table
from liaison.demo.hospital.rounds import opening, sequels
from liaison.demo.world import build_world

PAGE = Path(__file__).resolve().parents[2] / "docs" / "demonstration.md"
WORLD = build_world()


def test_the_page_holds_the_table_of_the_letters_and_of_the_movements() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert table(letters(WORLD)) in page
    assert table(movements(WORLD)) in page


def test_every_message_of_the_opening_has_its_row() -> None:
    assert len(list(letters(WORLD))) == len(opening(WORLD)) + len(sequels(WORLD))
