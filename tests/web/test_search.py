"""The screen that looks everywhere: posted, live, escaped, and within what the person may see."""

from django.urls import reverse

from liaison.apps.audit.models import Entry
from tests.web.conftest import House, Visitor, make_house, visitor


def test_a_search_shows_the_letter_with_its_words_marked(house: House, secretary: Visitor) -> None:
    document = house.letter(with_pdf=False)
    page = secretary.post(reverse("search"), {"texte": "amlodipines"}).content.decode()
    assert "<html" in page
    assert reverse("document", args=[document.uuid]) in page
    assert "<mark>AMLODIPINE</mark>" in page
    assert f", {house.resident.birth_family.upper()} " in page


def test_as_one_types_only_the_live_part_comes(house: House, secretary: Visitor) -> None:
    found = secretary.post(reverse("search"), {"texte": "lef"}, headers={"HX-Request": "true"}).content.decode()
    assert found.startswith('<div id="trouves"')
    assert reverse("resident", args=[house.resident.uuid]) in found


def test_no_word_looked_for_is_ever_in_an_address(house: House, secretary: Visitor) -> None:
    house.letter(with_pdf=False)
    page = secretary.get(reverse("search"), {"texte": "amlodipine"}).content.decode()
    assert "<mark>" not in page
    assert 'method="post"' in page


def test_what_a_document_says_is_never_markup(house: House, secretary: Visitor) -> None:
    document = house.letter(with_pdf=False)
    document.text = "amlodipine 5 < 10 & <script>alert(1)</script>"
    document.save()
    page = secretary.post(reverse("search"), {"texte": "amlodipine"}).content.decode()
    assert "<mark>amlodipine</mark> 5 &lt; 10 &amp;" in page
    assert "<script>alert" not in page


def test_nothing_of_another_house_is_shown(house: House) -> None:
    document = house.filed_letter(with_pdf=False)
    page = visitor(make_house().secretary).post(reverse("search"), {"texte": "amlodipine"}).content.decode()
    assert str(document.uuid) not in page
    assert "Rien de ce que vous pouvez voir" in page


def test_the_navigation_leads_to_it(secretary: Visitor) -> None:
    assert f'href="{reverse("search")}"' in secretary.get(reverse("inbox")).content.decode()


def test_a_search_enters_the_journal_of_the_house_without_its_words(house: House, secretary: Visitor) -> None:
    house.letter(with_pdf=False)
    secretary.post(reverse("search"), {"texte": "amlodipine"})
    entry = Entry.objects.get(action="searched")
    assert (entry.user, entry.site) == (house.secretary, house.site)
    assert "amlodipine" not in str(entry.details).lower()


def test_an_empty_screen_says_what_it_is_for(secretary: Visitor) -> None:
    page = secretary.get(reverse("search")).content.decode()
    assert "pendant que vous écrivez" in page
    assert not Entry.objects.filter(action="searched").exists()


def test_a_misspelt_name_is_shown_as_near(house: House, secretary: Visitor) -> None:
    page = secretary.post(reverse("search"), {"texte": "lefebvre"}).content.decode()
    assert "1 nom proche" in page
    assert reverse("resident", args=[house.resident.uuid]) in page
