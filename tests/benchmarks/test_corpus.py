"""The corpus the benchmarks read: always the same, and sound."""

from benchmarks.corpus import PAGE, PdfKind, make_corpus

from liaison.core.pdf.text import read_pdf
from liaison.core.pdf.values import PdfText
from liaison.core.reading import read_message


def test_the_same_seed_gives_the_same_mails() -> None:
    first = [sample.raw for sample in make_corpus(3)]
    assert first == [sample.raw for sample in make_corpus(3)]
    assert len(set(first)) == 3
    assert first[0] != next(make_corpus(1, seed=1)).raw


def test_each_mail_is_one_letter_with_its_package_and_its_pdf() -> None:
    for sample in make_corpus(3):
        reading = read_message(sample.raw)
        (document,) = reading.documents
        assert document.cda is not None
        assert document.entry is not None
        assert document.pdf is not None
        assert reading.mail.notices == reading.notices == ()
        assert 75_000 <= len(sample.cda) <= 105_000
        assert 100_000 <= len(sample.raw) <= 1_100_000


def test_the_words_of_the_page_stay_on_it_but_in_the_kind_that_overflows() -> None:
    assert _rightmost("small") < PAGE[0] < _rightmost("overflowing")


def _rightmost(pdf: PdfKind) -> float:
    read = read_pdf(next(make_corpus(1, pdf=pdf)).pdf, positions=True)
    assert isinstance(read, PdfText)
    return max(word.right for word in read.words)
