"""The narrative block (CDA R2 4.3.5) as safe HTML and as text: what is kept, and what never passes."""

import re

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.core.cda.makers import a_section, readable

from liaison.core.cda.narrative import PICTURE
from liaison.core.cda.read import read_cda

TAG = re.compile(r"</?([a-z]+)[^<>]*>")
ALLOWED = frozenset(
    {"p", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "ul", "ol", "li"}
    | {"span", "strong", "em", "u", "small", "sub", "sup", "br"}
)
KNOWN = ("paragraph", "content", "table", "tbody", "tr", "td", "th", "list", "item", "br", "caption", "sup", "linkHtml")
STRANGE = ("script", "iframe", "img", "style", "a", "renderMultiMedia", "footnote")
NAMES = st.sampled_from(KNOWN + STRANGE)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=12)


def html_of(text: str) -> str:
    return readable(read_cda(a_section("A", text))).sections[0].html


def text_of(text: str) -> str:
    return readable(read_cda(a_section("A", text))).sections[0].text


@st.composite
def narratives(draw: st.DrawFn, depth: int = 3) -> etree._Element:
    element = etree.Element(draw(NAMES))
    element.text, element.tail = draw(TEXT), draw(TEXT)
    for name in draw(st.sets(st.sampled_from(["onclick", "href", "colspan", "styleCode", "style", "src", "rowspan"]))):
        element.set(name, draw(st.one_of(TEXT, st.sampled_from(["2", "javascript:alert(1)", '"><script>', "Bold"]))))
    for _ in range(draw(st.integers(0, 2)) if depth else 0):
        element.append(draw(narratives(depth=depth - 1)))
    return element


@given(narratives())
def test_no_narrative_leaves_the_whitelist(narrative: etree._Element) -> None:
    html = html_of(etree.tostring(narrative, encoding="unicode"))
    assert set(TAG.findall(html)) <= ALLOWED
    assert all(re.fullmatch(r"""( (colspan|rowspan)="\d+")*( scope="col")?/?""", rest) for rest in attributes(html))
    assert "<" not in TAG.sub("", html)


def attributes(html: str) -> list[str]:
    return re.findall(r"</?[a-z]+([^<>]*)>", html)


@given(narratives())
def test_every_narrative_gives_well_formed_html_with_all_its_words(narrative: etree._Element) -> None:
    page = etree.fromstring(f"<div>{html_of(etree.tostring(narrative, encoding='unicode'))}</div>")
    assert signs_of(page).replace(signs(PICTURE), "") == signs_of(narrative) + signs(narrative.tail or "")


def signs_of(element: etree._Element) -> str:
    return signs("".join(element.itertext()))


def signs(text: str) -> str:
    return "".join(text.split())


def test_words_put_in_a_line_break_are_kept() -> None:
    assert html_of("Avant<br>20 mg</br>après") == "Avant<br/>20 mgaprès"
    assert text_of("Avant<br>20 mg</br>après") == "Avant\n20 mgaprès"


@given(st.text(st.sampled_from("aé. \t\n\xa0\xad\u2009\u2028\u3000"), max_size=12))
def test_every_kind_of_blank_becomes_one_blank(words: str) -> None:
    assert text_of(f"<paragraph>{words}</paragraph>") == " ".join(words.split())


def test_a_script_leaves_only_its_text() -> None:
    assert html_of("<script>alert(1)</script>&lt;img onerror=x>") == "alert(1)&lt;img onerror=x&gt;"


def test_a_link_keeps_its_words_and_loses_its_address() -> None:
    assert html_of('<linkHtml href="https://a.example/t?id=1">Voir</linkHtml>') == "<span>Voir</span>"


def test_a_picture_is_announced_and_not_fetched() -> None:
    text = '<renderMultiMedia referencedObject="IMG1"><caption>Radio</caption></renderMultiMedia>'
    assert html_of(text) == "<span>[image du document]</span><caption>Radio</caption>"


def test_a_table_keeps_its_heads_and_merged_cells() -> None:
    body = "<tbody><tr><td>Na</td></tr></tbody>"
    html = html_of(f'<table><thead><tr><th colspan="2">Bilan</th></tr></thead>{body}</table>')
    head = '<thead><tr><th colspan="2" scope="col">Bilan</th></tr></thead>'
    assert html == f"<table>{head}{body}</table>"


def test_absurd_spans_are_bounded() -> None:
    assert html_of('<table><tr><td colspan="999999" rowspan="-3">a</td></tr></table>').count('colspan="100"') == 1


def test_styles_and_lists_keep_their_meaning() -> None:
    text = '<list listType="ordered"><item><content styleCode="Bold">Un</content></item></list>H<sub>2</sub>O'
    assert html_of(text) == "<ol><li><strong>Un</strong></li></ol>H<sub>2</sub>O"


def test_text_has_one_line_for_each_row_with_its_cells_apart() -> None:
    text = "<table><tr><th>Dose</th><th>Voie</th></tr><tr><td>1<br/>cp</td><td/></tr></table><paragraph>Fin</paragraph>"
    assert text_of(text) == "Dose | Voie\n1 cp |\nFin"


def test_letters_in_an_exponent_stay_with_their_word() -> None:
    assert text_of("H<sub>2</sub>O à 10<sup>9</sup>/L") == "H2O à 109/L"


def test_a_table_inside_a_cell_stays_on_the_line_of_its_row() -> None:
    inner = "<table><tr><td>matin</td><td>1</td></tr><tr><td>soir</td><td>2</td></tr></table>"
    text = f"<table><tr><th>Nom</th><th>Dose</th></tr><tr><td>Aspirine</td><td>{inner}</td></tr></table>"
    assert text_of(text) == "Nom | Dose\nAspirine | matin | 1 soir | 2"


def test_the_heads_of_a_table_are_not_those_of_the_table_inside_it() -> None:
    inner = "<table><thead><tr><th>Heure</th></tr></thead></table>"
    html = html_of(f"<table><tbody><tr><th>Nom</th><td>{inner}</td></tr></tbody></table>")
    assert html.count('scope="col"') == 1
    assert '<th scope="col">Heure</th>' in html


def test_deep_nesting_is_read_to_its_end() -> None:
    assert text_of("<content>" * 200 + "fond" + "</content>" * 200) == "fond"
