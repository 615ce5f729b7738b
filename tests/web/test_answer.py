"""A doctor answers by one click: nothing before the code, his letter and lines after, and the same trace as by mail."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from liaison.apps.audit.models import Entry
from liaison.apps.blobs import store
from liaison.apps.exchanges.links import MOST_TRIES, do_withdraw_link, find_link, url_of
from liaison.apps.exchanges.models import AnswerLink, Note, Recipient, Reply
from liaison.apps.treatments.models import TreatmentLine
from liaison.core.mail.message import read_mail
from liaison.web.answer.opening import OPENINGS
from tests.web.conftest import House, Visitor, see_every_site

pytestmark = pytest.mark.django_db

TOKEN = re.compile(r"/reponse/([\w-]+)/")


class Phone(Visitor):
    """The browser of a doctor: signed in nowhere."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token
        self.path = f"/reponse/{token}/"

    def ask(self) -> str:
        return self.post(f"{self.path}code/").content.decode()

    def open(self, code: str) -> str:
        return self.post(f"{self.path}ouvrir/", {"code": code}, follow=True).content.decode()

    def page(self) -> str:
        return self.get(self.path).content.decode()


@pytest.fixture(autouse=True)
def _reachable(settings: Any) -> None:
    settings.PUBLIC_URL = "https://retours.ehpad.example"


@pytest.fixture
def recipient(house: House) -> Recipient:
    return Recipient.objects.get(transmission=house.sent_letter())


@pytest.fixture
def phone(recipient: Recipient) -> Phone:
    return Phone(token_of(recipient))


def token_of(recipient: Recipient) -> str:
    found = TOKEN.search(read_mail(store.get(recipient.blob)).body)
    assert found
    return found[1]


def codes() -> list[str]:
    """Those mailed, in their order."""
    mails = Note.objects.filter(kind=Note.Kind.CODE).order_by("pk")
    return [read_mail(store.get(mail.blob)).subject[:6] for mail in mails]


def opened(phone: Phone) -> str:
    phone.ask()
    return phone.open(codes()[-1])


def passes(minutes: int) -> None:
    """As if the last code had been sent so much earlier."""
    for link in AnswerLink.objects.exclude(code_sent_at=None):
        earlier = timedelta(minutes=minutes)
        assert link.code_sent_at and link.code_expires_at
        AnswerLink.objects.filter(pk=link.pk).update(
            code_sent_at=link.code_sent_at - earlier, code_expires_at=link.code_expires_at - earlier
        )


def test_the_message_carries_a_link_that_says_nothing_and_is_kept_hashed(recipient: Recipient) -> None:
    token = token_of(recipient)
    assert url_of(token) in read_mail(store.get(recipient.blob)).body
    assert len(token) >= 43
    link = AnswerLink.objects.get(recipient=recipient)
    assert token not in str(link.__dict__)
    assert find_link(token) == link


def test_without_an_address_outside_there_is_no_link(house: House, settings: Any) -> None:
    settings.PUBLIC_URL = ""
    sent = Recipient.objects.get(transmission=house.sent_letter())
    assert "/reponse/" not in read_mail(store.get(sent.blob)).body
    assert not AnswerLink.objects.exists()


def test_the_door_is_the_same_for_a_good_link_and_for_any_other(phone: Phone, house: House) -> None:
    other = Phone("x" * 43)
    masked = [page.replace(each.token, "…") for each in (phone, other) for page in (without_csrf(each.page()),)]
    assert masked[0] == masked[1]
    asked = [without_csrf(each.ask()).replace(each.token, "…") for each in (phone, other)]
    assert asked[0] == asked[1]
    wrong = [without_csrf(each.open("000000")).replace(each.token, "…") for each in (phone, other)]
    assert wrong[0] == wrong[1]
    assert house.resident.birth_family not in "".join((*masked, *asked, *wrong))
    assert len(codes()) == 1


def without_csrf(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_the_code_goes_to_the_very_address_that_was_written_to(phone: Phone, recipient: Recipient) -> None:
    phone.ask()
    mail = Note.objects.get(kind=Note.Kind.CODE)
    assert mail.address == recipient.address
    written = read_mail(store.get(mail.blob))
    assert re.match(r"\d{6} : ", written.subject)
    assert recipient.transmission.resident.birth_family not in written.subject + written.body
    assert codes()[0] not in str(AnswerLink.objects.get().__dict__)


def test_the_right_code_opens_the_letter_and_the_lines_once(phone: Phone, house: House) -> None:
    page = opened(phone)
    assert house.resident.display_name in page
    assert "AMLODIPINE" in page
    assert house.resident.display_name in phone.page()
    stranger = Phone(phone.token)
    assert house.resident.display_name not in stranger.open(codes()[-1])


def test_a_code_dies_after_five_wrong_tries(phone: Phone, house: House) -> None:
    phone.ask()
    good = codes()[-1]
    bad = "999999" if good != "999999" else "888888"
    for _ in range(MOST_TRIES):
        phone.open(bad)
    assert house.resident.display_name not in phone.open(good)


def test_an_old_code_opens_nothing(phone: Phone, house: House) -> None:
    phone.ask()
    passes(11)
    assert house.resident.display_name not in phone.open(codes()[-1])


def test_asking_for_codes_slows_down_and_ends(phone: Phone) -> None:
    phone.ask()
    phone.ask()
    assert len(codes()) == 1
    for sent in (2, 3):
        passes(1)
        phone.ask()
        assert len(codes()) == sent
    passes(1)
    phone.ask()
    assert len(codes()) == 3
    AnswerLink.objects.update(codes_asked=30)
    passes(600)
    phone.ask()
    assert len(codes()) == 3


def test_an_expired_or_withdrawn_link_opens_nothing_more(phone: Phone, house: House) -> None:
    assert house.resident.display_name in opened(phone)
    do_withdraw_link(AnswerLink.objects.get(), user=house.secretary)
    assert house.resident.display_name not in phone.page()
    assert phone.get(f"{phone.path}lettre.pdf").headers["Location"] == phone.path
    AnswerLink.objects.update(withdrawn_at=None, expires_at=timezone.now())
    assert house.resident.display_name not in phone.page()


def test_the_page_stays_open_for_an_hour_only(phone: Phone, house: House) -> None:
    opened(phone)
    session = phone.session
    for opening in session[OPENINGS].values():
        opening["until"] = (timezone.now() - timedelta(seconds=1)).isoformat()
    session.save()
    assert house.resident.display_name not in phone.page()


def test_nothing_is_cached_nor_indexed_nor_referred_to_the_outside(phone: Phone) -> None:
    for response in (phone.get(phone.path), phone.post(f"{phone.path}code/")):
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]
        assert response["Referrer-Policy"] == "same-origin"


def test_only_the_exchange_of_the_link_is_shown(house: House, recipient: Recipient) -> None:
    other = Recipient.objects.get(transmission=house.sent_letter())
    phone, second = Phone(token_of(recipient)), Phone(token_of(other))
    assert house.resident.display_name in opened(phone)
    phone_there = Client()
    phone_there.cookies = phone.cookies
    answer = phone_there.get(second.path).content.decode()
    see_every_site()
    assert house.resident.display_name not in answer


def test_an_answer_line_by_line_is_kept_and_mailed_and_decides_nothing(
    phone: Phone, house: House, recipient: Recipient
) -> None:
    before = list(TreatmentLine.objects.values())
    opened(phone)
    page = phone.post(
        phone.path,
        {
            "ligne-1-choix": "change",
            "ligne-1-dose": "2,5 mg",
            "ligne-1-frequence": "le matin",
            "ligne-2-choix": "ok",
            "visite": "jeudi vers 14 h",
            "question": "La créatinine ?",
        },
        follow=True,
    ).content.decode()
    assert "Votre réponse est transmise" in page
    reply = Reply.objects.get()
    assert (reply.source, reply.matched_by, reply.recipient) == ("page", "page", recipient)
    assert {"change", "ask", "visit"} == set(reply.intents)
    assert [(line["number"], line["action"], line["dose"]) for line in reply.lines][:2] == [
        (1, "change", "2,5 mg"),
        (2, "ok", ""),
    ]
    assert list(TreatmentLine.objects.values()) == before
    copies = Note.objects.filter(kind=Note.Kind.TRACE).order_by("pk")
    assert [copy.address for copy in copies] == [house.mailbox.address, recipient.address]
    traced = read_mail(store.get(copies[0].blob))
    assert traced.in_reply_to == recipient.message_id
    assert "2,5 mg" in traced.body
    assert "jeudi vers 14 h" in traced.body
    recipient.refresh_from_db()
    assert recipient.state == Recipient.State.ANSWERED
    assert Entry.objects.filter(action="reply_attached", details__way="page").exists()


def test_the_mail_of_an_answer_joins_it_when_it_comes_back(phone: Phone, house: House) -> None:
    opened(phone)
    phone.post(phone.path, {"tout": "1"})
    copy = Note.objects.filter(kind=Note.Kind.TRACE, address=house.mailbox.address).get()
    message = house.receive(store.get(copy.blob))
    reply = Reply.objects.get()
    assert reply.message == message
    assert message.handling == message.Handling.DONE
    assert reply.intents == ["validate_all"]


def test_agreeing_to_all_keeps_what_was_chosen_line_by_line(phone: Phone) -> None:
    opened(phone)
    phone.post(phone.path, {"tout": "1", "ligne-1-choix": "stop"})
    reply = Reply.objects.get()
    assert [line["action"] for line in reply.lines][:2] == ["stop", "ok"]
    assert "validate_all" not in reply.intents


def test_an_empty_or_incomplete_answer_is_refused_in_words(phone: Phone) -> None:
    opened(phone)
    assert "Répondez à une ligne au moins" in phone.post(phone.path, {}).content.decode()
    assert "dites la dose" in phone.post(phone.path, {"ligne-1-choix": "change"}).content.decode()
    assert not Reply.objects.exists()
