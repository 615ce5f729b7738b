"""The inbox shows every message of my mailboxes, with what to do of it."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from liaison.apps.intake.models import RawMessage
from liaison.core.mail.values import Address, Attachment
from tests.support import factories
from tests.web import letters
from tests.web.conftest import House, Visitor, see_every_site


def test_a_letter_shows_its_sender_its_clean_subject_and_the_act_it_waits_for(house: House, secretary: Visitor) -> None:
    house.letter()
    page = secretary.get("/").content.decode()
    assert "CHU de Reims – Gériatrie" in page
    assert "Lettre de liaison LEFEVRE SUZANNE" in page
    assert "XDM/1.0/DDM" not in page
    assert "À confirmer : identité certaine" in page
    assert "Hors espace de confiance" not in page


def test_the_live_part_is_what_a_reload_shows(house: House, secretary: Visitor) -> None:
    house.letter()
    whole, part = (
        re.sub(r"il y a \d+ s", "à l'instant", secretary.get("/?voir=tous", headers=headers).content.decode())
        for headers in ({}, {"HX-Request": "true"})
    )
    assert part.startswith('<div id="arrivees"')
    assert part.strip() in whole


def test_a_message_with_one_document_opens_it_at_once(house: House, secretary: Visitor) -> None:
    document = house.letter()
    page = secretary.get("/").content.decode()
    assert f'id="message-{document.message.uuid}" href="/documents/{document.uuid}/"' in page
    assert f'href="/messages/{document.message.uuid}/"' in page


def test_a_filter_is_still_there_when_the_person_comes_back(house: House, secretary: Visitor) -> None:
    document = house.letter()
    secretary.get(f"/?voir=tous&bal={house.mailbox.uuid}")
    secretary.get("/?voir=traites", headers={"HX-Request": "true"})
    back_to = f'href="/?bal={house.mailbox.uuid}&amp;voir=tous&amp;ordre=recents"'
    assert back_to in secretary.get(f"/messages/{document.message.uuid}/").content.decode()
    assert back_to in secretary.get(f"/documents/{document.uuid}/").content.decode()
    handled = secretary.post(f"/messages/{document.message.uuid}/traite/")
    assert handled.headers["Location"] == f"/?bal={house.mailbox.uuid}&voir=tous&ordre=recents"


def test_once_a_letter_is_filed_the_next_one_to_do_is_one_click_away(house: House, secretary: Visitor) -> None:
    oldest, middle, newest = (house.letter(with_pdf=False) for _ in range(3))
    secretary.get("/")
    secretary.post(f"/documents/{newest.uuid}/integrer/", {"resident": str(house.resident.uuid)})
    assert _next(secretary, f"/documents/{newest.uuid}/") == f"/documents/{middle.uuid}/"
    assert _next(secretary, f"/documents/{middle.uuid}/") == f"/documents/{oldest.uuid}/"
    assert _next(secretary, f"/documents/{oldest.uuid}/") == f"/documents/{middle.uuid}/"
    secretary.post(f"/messages/{middle.message.uuid}/traite/")
    assert "Plus rien d'autre à traiter" in secretary.get(f"/documents/{oldest.uuid}/").content.decode()


def test_a_message_without_document_comes_next_as_itself(house: House, secretary: Visitor) -> None:
    plain = house.receive(letters.message())
    letter = house.letter(with_pdf=False)
    assert _next(secretary, f"/documents/{letter.uuid}/") == f"/messages/{plain.uuid}/"


def test_only_who_files_is_led_to_the_next_letter(house: House, nurse: Visitor) -> None:
    document = house.filed_letter(with_pdf=False)
    assert 'rel="next"' not in nurse.get(f"/documents/{document.uuid}/").content.decode()


def _next(browser: Visitor, address: str) -> str:
    found = re.search(r'href="([^"]+)" rel="next"', browser.get(address).content.decode())
    return found[1] if found else ""


@pytest.mark.parametrize("rows", [5, 50])
def test_the_number_of_queries_does_not_grow_with_the_rows(house: House, secretary: Visitor, rows: int) -> None:
    house.letter(with_pdf=False)
    with CaptureQueriesContext(connection) as with_one:
        secretary.get("/")
    for _ in range(rows - 1):
        house.letter(with_pdf=False)
    with CaptureQueriesContext(connection) as with_many:
        page = secretary.get("/").content.decode()
    assert page.count('class="row-todo"') == rows
    assert len(with_many) == len(with_one)


def test_an_unknown_sender_domain_is_marked_in_words(house: House, secretary: Visitor) -> None:
    message = house.receive(letters.message(sender=Address("quelquun@exemple.fr")))
    assert "Hors espace de confiance" in secretary.get("/").content.decode()
    assert "son domaine n'est pas dans la liste" in secretary.get(f"/messages/{message.uuid}/").content.decode()


@pytest.mark.parametrize(
    ("attachment", "reason"),
    [
        (Attachment("IHE_XDM.zip", "application/zip", b"PK\x03\x04 not a zip at all"), "L&#x27;archive zip est abîmée"),
        (
            Attachment("lettre.xml", "text/xml", b"<ClinicalDocument xmlns='urn:hl7-org:v3'><oops"),
            "Le document CDA ne peut pas être lu : ce n&#x27;est pas du XML bien formé",
        ),
        (
            Attachment("lettre.xml", "text/xml", b"Erreur 500"),
            "Le document CDA ne peut pas être lu : ce n&#x27;est pas du XML bien formé",
        ),
    ],
    ids=["unreadable zip", "CDA cut short", "CDA that is not XML"],
)
def test_what_cannot_be_read_reaches_the_inbox_with_its_reason(
    house: House, secretary: Visitor, attachment: Attachment, reason: str
) -> None:
    message = house.receive(letters.message(attachments=[attachment]))
    assert f"Anomalie : {reason}" in secretary.get("/").content.decode()
    assert f"Anomalie : {reason}" in secretary.get(f"/messages/{message.uuid}/").content.decode()


def test_a_cda_that_is_not_xml_is_not_called_a_pdf(house: House, secretary: Visitor) -> None:
    house.receive(letters.message(attachments=[Attachment("lettre.xml", "text/xml", b"Erreur 500")]))
    page = secretary.get("/").content.decode()
    assert "Document illisible" in page
    assert "Document PDF" not in page


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (letters.message(), "Message sans pièce jointe"),
        (letters.message(subject="", body=""), "Message vide : ni texte ni pièce jointe"),
        (
            letters.message(attachments=[Attachment("photo.png", "image/png", b"\x89PNG\r\n\x1a\n")]),
            "Aucun document n&#x27;a pu être lu dans ce message",
        ),
    ],
    ids=["no attachment", "empty", "nothing to read"],
)
def test_a_message_without_document_says_why(house: House, secretary: Visitor, raw: bytes, reason: str) -> None:
    message = house.receive(raw)
    assert reason in secretary.get("/").content.decode()
    assert reason in secretary.get(f"/messages/{message.uuid}/").content.decode()


def test_an_empty_message_is_shown_and_its_original_can_be_taken(house: House, secretary: Visitor) -> None:
    message = house.receive(b"")
    assert str(message.uuid) in secretary.get("/").content.decode()
    original = secretary.get(f"/messages/{message.uuid}/original.eml")
    assert original.status_code == 200
    assert original.content == b""


def test_filters_narrow_by_mailbox_and_handling(house: House, secretary: Visitor) -> None:
    other = factories.make_mailbox(house.site, house.secretary)
    first = house.receive(letters.message(subject="Premier"))
    secretary.post(f"/messages/{first.uuid}/traite/")
    factories.receive(other, letters.message(subject="Second"))
    assert "Premier" not in secretary.get("/").content.decode()
    assert "Premier" in secretary.get("/?voir=traites").content.decode()
    narrowed = secretary.get(f"/?voir=tous&bal={house.mailbox.uuid}").content.decode()
    assert "Premier" in narrowed
    assert "1 message<" in narrowed


def test_the_head_line_says_when_the_mailbox_was_polled_and_what_the_ledger_lacks(
    house: House, secretary: Visitor
) -> None:
    house.mailbox.polled_at = timezone.now() - timedelta(minutes=12)
    house.mailbox.uid_validity = 1
    house.mailbox.server_count = 3
    house.mailbox.save()
    house.receive(letters.message())
    page = secretary.get("/").content.decode()
    assert "il y a 12 min" in page
    assert "1 message ici, 3 sur le serveur" in page
    assert "2 à relever" in page


def test_a_failing_mailbox_says_so_in_words(house: House, secretary: Visitor) -> None:
    house.mailbox.failing_since = timezone.now() - timedelta(hours=3)
    house.mailbox.failure = "Connexion refusée"
    house.mailbox.save()
    page = secretary.get("/").content.decode()
    assert "En panne" in page
    assert "Connexion refusée" in page


def test_a_page_that_refreshes_itself_does_not_keep_the_session_alive(secretary: Visitor) -> None:
    assert "sessionid" in secretary.get("/").cookies
    assert "sessionid" not in secretary.get("/", headers={"HX-Request": "true"}).cookies


def test_when_the_session_has_ended_the_live_part_asks_for_a_whole_reload(house: House) -> None:
    del house
    htmx = {"HX-Request": "true"}
    for response in (Visitor().get("/", headers=htmx), Visitor().post("/residents/", {"texte": "x"}, headers=htmx)):
        assert response.headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("query", ["voir=tous", "voir=tous&ordre=a-traiter", "voir=a-traiter", "voir=traites"])
def test_every_message_is_in_one_stretch_and_one_only_in_the_order_asked(
    house: House, secretary: Visitor, query: str
) -> None:
    numbers = many_messages(house, 130)
    seen: list[str] = []
    address = f"/?{query}"
    while address:
        page = secretary.get(address).content.decode()
        shown = re.findall(r'id="message-([0-9a-f-]{36})"', page)
        assert 0 < len(shown) <= 50
        seen += shown
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = html.unescape(following[1]).replace("?", "/?", 1) if following else ""
    see_every_site()
    wanted = RawMessage.objects.filter(pk__in=numbers).order_by("-received_at", "-pk")
    if "voir=a-traiter" in query or "voir=traites" in query:
        wanted = wanted.filter(handling="to_do" if "a-traiter" in query else "done")
    if "ordre" in query:
        wanted = wanted.order_by("-handling", "-received_at", "-pk")
    assert seen == [str(message.uuid) for message in wanted]


def test_a_place_in_the_list_that_cannot_be_read_begins_at_the_newest(house: House, secretary: Visitor) -> None:
    many_messages(house, 60)
    first = secretary.get("/?voir=tous").content.decode()
    for wrong in ("x", "tous.9.z", "done.1.1", "tous." + "9" * 40 + ".1"):
        shown = secretary.get(f"/?voir=tous&apres={wrong}").content.decode()
        assert re.findall(r'id="message-', shown) == re.findall(r'id="message-', first)


def many_messages(house: House, count: int) -> list[int]:
    """Some to do, some done; several of the same second."""
    start = timezone.now() - timedelta(days=3)
    rows = [
        RawMessage(
            site=house.site,
            mailbox=house.mailbox,
            uid_validity=9,
            uid=number,
            blob="0" * 64,
            size=1,
            received_at=start + timedelta(minutes=number // 3),
            fetched_at=start,
            state="read",
            handling="done" if number % 3 else "to_do",
        )
        for number in range(count)
    ]
    return [row.pk for row in RawMessage.objects.bulk_create(rows)]
