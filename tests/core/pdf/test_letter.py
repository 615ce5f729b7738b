"""Letters in PDF/A-1b, and the letter a level 3 document gives (ECO.2.1.5)."""

import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.cda.makers import LETTER, REPORT, a_section, readable

from liaison.core.cda.build import build_discharge_letter, build_level1
from liaison.core.cda.read import read_cda
from liaison.core.conformance.archival_pdf import pdf_findings
from liaison.core.pdf.letter import Letter, LetterSection, Table, letter_of_document, write_letter
from liaison.core.pdf.text import count_pages, read_pdf, render_page
from liaison.core.pdf.values import PdfText

PLAIN = Letter(
    title="Compte rendu d'hospitalisation",
    sender=("Centre hospitalier de la Vesle", "Service de gériatrie"),
    recipients=("Dr Inès ŒUVRARD",),
    date="2026-03-01",
    place="Reims",
    patient=(("Nom de naissance", "D'ÉTÉ-LEFÈVRE"),),
    sections=(LetterSection("Évolution", ("Première ligne\nseconde ligne", Table(("A", "B"), (("1", "2"),)))),),
    signature=("Dr Zoé HÔTE",),
    reference="Document 1.2.3",
)


def text_of(pdf: bytes) -> str:
    reading = read_pdf(pdf)
    assert isinstance(reading, PdfText), reading
    return reading.text


def squeezed(text: str) -> str:
    """Without blanks or hyphens: where a line breaks is the setter's affair."""
    return re.sub(r"[\s\u00ad-]", "", text)


def letter_with(*blocks: str | Table) -> Letter:
    return Letter("T", (), (), "2026-03-01", (), (LetterSection("", blocks),))


def test_a_letter_says_all_it_was_given() -> None:
    text = text_of(write_letter(PLAIN))
    for words in ("Compte rendu d'hospitalisation", "Service de gériatrie", "Reims, le 1er mars 2026", "ŒUVRARD"):
        assert words in text
    for words in ("D'ÉTÉ-LEFÈVRE", "Première ligne\nseconde ligne", "A B\n1 2", "Dr Zoé HÔTE", "Page 1 sur 1"):
        assert words in text


def test_a_letter_claims_pdf_a_1b_and_embeds_its_fonts() -> None:
    pdf = write_letter(PLAIN)
    assert pdf.startswith(b"%PDF-1.4")
    assert b"<pdfaid:part>1</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf
    assert b"/GTS_PDFA1" in pdf
    assert pdf.count(b"/FontFile") == pdf.count(b"/Type/FontDescriptor") > 0
    assert b"/Encrypt" not in pdf


def test_the_same_letter_is_written_to_the_same_bytes() -> None:
    assert write_letter(PLAIN) == write_letter(PLAIN)


def test_words_are_never_taken_for_markup() -> None:
    trap = '#panic("x") $ x^2 $ *gras* _it_ `code` \\ #sys.inputs // fin <a> @b = T'
    assert squeezed(trap) in squeezed(text_of(write_letter(letter_with(trap, Table((trap,), ((trap,),))))))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=4), st.text(max_size=20), st.text(max_size=20))
def test_any_text_makes_a_letter(words: list[str], title: str, day: str) -> None:
    letter = Letter(title, tuple(words), (), day, ((title, day),), (LetterSection(title, (*words, Table((), ()))),))
    written = write_letter(letter)
    assert (count_pages(written) >= 1, tuple(pdf_findings(written))) == (True, ())


def test_control_characters_are_left_out_and_what_looks_like_one_stays() -> None:
    written = write_letter(letter_with("Sor\x07tie le\\u0007 \\\x08fin"))
    assert "Sortie le\\u0007 \\fin" in text_of(written)
    assert tuple(pdf_findings(write_letter(replace(letter_with("a"), title="CR\x07\x00", sender=("CH\x1f",))))) == ()


def test_rows_of_uneven_length_are_filled() -> None:
    table = Table(("A", "B", "C"), (("1",), ("2", "3", "4")))
    assert "A B C\n1\n2 3 4" in text_of(write_letter(letter_with(table)))


def test_a_long_treatment_list_keeps_its_heads_on_each_page() -> None:
    rows = tuple((f"Médicament {number}", "1 comprimé") for number in range(120))
    reading = read_pdf(write_letter(letter_with(Table(("Nom", "Posologie"), rows))))
    assert isinstance(reading, PdfText)
    assert len(reading.pages) > 2
    assert all("Posologie" in page for page in reading.pages)


def test_a_letter_of_a_document_holds_its_whole_narrative_in_order() -> None:
    document = readable(read_cda(build_discharge_letter(LETTER)))
    text = squeezed(text_of(write_letter(letter_of_document(document))))
    places = [text.index(squeezed(section.title)) for section in document.sections]
    assert places == sorted(places)
    for section in document.sections:
        for words in re.split(r"\n| \| ", section.text):
            assert squeezed(words.strip("| ")) in text


def test_a_letter_of_a_document_states_who_when_and_which_version() -> None:
    letter = letter_of_document(readable(read_cda(build_discharge_letter(LETTER))))
    about = dict(letter.patient)
    assert about["Matricule INS"] == "134025145400192 (identité de test)"
    assert (about["Date de naissance"], about["Séjour"]) == ("11/02/1934", "du 20/02/2026 au 04/03/2026")
    assert letter.signature == (
        "Document signé par",
        "Paul-Émile L'HERMITE",
        "Médecine interne",
        "le 4 mars 2026 à 17 h 05",
    )
    assert letter.reference == "Document 1.2.250.1.999.2.1^L-1, version 2"


def test_merged_cells_keep_the_columns_of_a_narrative_table_in_line() -> None:
    head = '<tr><th colspan="3">Bilan</th></tr><tr><th>Date</th><th>Na</th><th>K</th></tr>'
    rows = '<tr><td rowspan="2">3 mars</td><td>140</td><td>4,1</td></tr><tr><td colspan="2">non fait</td></tr>'
    document = readable(read_cda(a_section("A", f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>")))
    assert letter_of_document(document).sections[0].blocks == (
        "Bilan",
        Table(("Date", "Na", "K"), (("3 mars", "140", "4,1"), ("3 mars", "non fait", ""))),
    )


def test_lists_and_paragraphs_of_a_narrative_become_paragraphs() -> None:
    text = "Avant<list><item>un</item></list><list listType='ordered'><item>deux<br/>trois</item></list>après"
    blocks = letter_of_document(readable(read_cda(a_section("A", text)))).sections[0].blocks
    assert blocks == ("Avant", "• un", "1. deux\ntrois", "après")


def test_a_level_1_document_gives_a_letter_that_points_to_its_file() -> None:
    letter = letter_of_document(readable(read_cda(build_level1(REPORT, b"%PDF-1.4", "application/pdf"))))
    assert letter.sections == (LetterSection("", ("Le contenu de ce document est le fichier qu'il porte.",)),)


def test_a_letter_can_be_seen() -> None:
    picture = render_page(write_letter(PLAIN), 0, width=300)
    assert picture.startswith(b"\x89PNG")


def test_a_dose_is_never_parted_from_its_unit() -> None:
    rows = ((("Paracétamol " * 6).strip(), "500 mg à 1 g par prise", "au plus 4 fois par 24 heures"),)
    lines = text_of(write_letter(letter_with(Table(("Médicament", "Dose", "Fréquence"), rows)))).splitlines()
    assert not any(re.search(r"\d$", line) for line in lines if "Page" not in line and "2026" not in line)
