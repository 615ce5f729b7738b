"""The table Tesseract writes, as placed words; what is no word is left out."""

from liaison.core.pdf.recognised import words_of_table
from liaison.core.pdf.values import Word

HEADER = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"


def row(level: int, conf: str, text: str, left: str = "100") -> str:
    return f"{level}\t1\t1\t1\t1\t1\t{left}\t200\t50\t20\t{conf}\t{text}"


def test_words_are_placed_in_points() -> None:
    table = "\n".join([HEADER, row(5, "96.1", "KARDEGIC")])
    assert words_of_table(table, 2, 0.5) == (Word("KARDEGIC", 2, 50.0, 100.0, 75.0, 110.0),)


def test_lines_doubtful_words_and_broken_rows_are_left_out() -> None:
    table = "\n".join(
        [HEADER, row(4, "-1", ""), row(5, "12", "KARDEGIC"), row(5, "96", "x", left="?"), row(5, "96", " "), "5\t1"]
    )
    assert words_of_table(table, 0, 1.0) == ()
