"""What every template keeps to: nothing inline (CSP), a token and labels in every form, French words."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from liaison.web.journal.words import ACTIONS
from tests.web.conftest import House, Visitor, visitor
from tests.web.test_walls import POSTED, addresses

TEMPLATES = sorted((settings.PACKAGE / "web" / "templates").rglob("*.html"))
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE)
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
WITHOUT_LABEL = {"hidden", "submit"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_inline_script_or_style(template: Path) -> None:
    assert INLINE.findall(template.read_text()) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_posts_bears_its_token(template: Path) -> None:
    posting = [form for form in FORM.findall(template.read_text()) if 'method="post"' in form]
    assert [form[:80] for form in posting if "{% csrf_token %}" not in form] == []


class Page(HTMLParser):
    """The fields, labels, ids, landmarks and buttons of a page as it is rendered."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: list[dict[str, str]] = []
        self.labelled: set[str] = set()
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "label":
            self.labelled.add(attributes.get("for", ""))
        if tag in {"input", "select", "textarea"} and attributes.get("type") not in WITHOUT_LABEL:
            self.fields.append(attributes)


def screens(house: House) -> dict[str, str]:
    """Every screen that is a whole page, as a doctor who holds the mailbox sees it."""
    asked = {name: arguments for name, arguments in addresses(house).items() if name not in POSTED}
    asked |= {"inbox": [], "residents": [], "follow-up": [], "returns": [], "search": []}
    browser = visitor(house.doctor)
    responses = {name: browser.get(reverse(name, args=arguments)) for name, arguments in asked.items()}
    return {
        name: response.content.decode()
        for name, response in responses.items()
        if response.headers["Content-Type"].startswith("text/html") and response.status_code == 200
    }


@pytest.fixture
def pages(house: House) -> dict[str, Page]:
    return {name: Page(html) for name, html in screens(house).items()}


def test_every_screen_labels_its_fields_and_keeps_its_ids_unique(pages: dict[str, Page]) -> None:
    assert len(pages) >= 13
    for name, page in pages.items():
        unlabelled = [field for field in page.fields if field.get("id", "") not in page.labelled]
        assert unlabelled == [], name
        assert len(page.ids) == len(set(page.ids)), name


def test_every_screen_has_its_landmarks_and_one_title(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        assert {"header", "nav", "main", "footer"} <= set(page.tags), name
        assert page.tags.count("h1") == 1, name
        assert "contenu" in page.ids, name


def test_no_screen_shows_an_empty_variable_or_a_code_of_ours(house: House) -> None:
    codes = ("None", "{{", "{%", "in_doubt", "to_match", "not_mentioned", "validate_all", "XDM/1.0/DDM")
    for name, html in screens(house).items():
        shown = re.sub(r"<[^>]+>", " ", html)
        assert [code for code in codes if code in shown] == [], name


def test_no_address_of_any_screen_holds_a_name_or_a_matricule(house: House) -> None:
    resident = house.resident
    secrets = (resident.birth_family, "LEFEVRE", resident.birth_given, resident.ins, resident.birth_date)
    for name, html in screens(house).items():
        links = " ".join(re.findall(r'(?:href|action|src|hx-get|hx-post)="([^"]*)"', html))
        assert [secret for secret in secrets if secret in links] == [], name


def test_every_screen_is_private_and_never_cached(house: House) -> None:
    response = visitor(house.secretary).get("/")
    assert response.headers["Cache-Control"] == "private, no-store"
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy


def test_every_act_of_the_product_has_its_french_words() -> None:
    """An act shown under its code is not hidden, but it is not finished either."""
    written: set[str] = set()
    for path in (settings.PACKAGE / "apps").rglob("*.py"):
        written |= set(re.findall(r'\brecord\(\s*"([a-z_]+)"', path.read_text()))
    assert {"document_filed", "line_decided"} <= written
    assert written - set(ACTIONS) == set()


def test_the_pages_of_error_are_in_french(house: House) -> None:
    missing = visitor(house.secretary).get("/rien/")
    assert missing.status_code == 404
    assert "Page introuvable" in missing.content.decode()


@pytest.mark.django_db
def test_a_wrong_password_is_refused_in_french_and_ten_lock_the_door() -> None:
    browser = Visitor()
    form = {"username": "inconnu", "password": "faux"}
    assert "Identifiant ou mot de passe inconnu" in browser.post("/connexion/", form).content.decode()
    for _ in range(9):
        locked = browser.post("/connexion/", form)
    assert locked.status_code == 429
    assert "Connexion suspendue" in locked.content.decode()


@pytest.mark.django_db
def test_the_probe_answers_without_signing_in() -> None:
    response = Visitor().get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
