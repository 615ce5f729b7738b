"""The whole loop: a letter comes, the GP answers on his phone by one click, the home decides and applies."""

import imaplib
import re
import ssl
import time
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from liaison.core.mail.message import read_mail
from liaison.core.mail.values import Mail
from liaison.demo.hospital import compose_sending, send
from liaison.demo.post import machine_account
from liaison.demo.world.values import Doctor, Resident, demo_password
from tests.e2e.conftest import Demo, sign_in

pytestmark = [pytest.mark.e2e]

LINK = re.compile(r"http://[\w.:]+/reponse/[\w-]+/")
CODE = re.compile(r"(\d{6}) : ")
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="fr-FR")  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def nurse_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def someone_whose_gp_announces_a_visit_by_mail(demo: Demo) -> tuple[Resident, Doctor]:
    world = demo.world
    for resident in world.residents_of(world.home):
        gp = world.doctor(resident.gp)
        if resident.ins_status == "QUAL" and not resident.specialists and gp.behaviour == "visits":
            return resident, gp
    raise AssertionError("nobody has such a GP")


def named(resident: Resident) -> re.Pattern[str]:
    return re.compile(re.escape(resident.used_family or resident.birth_family), re.IGNORECASE)


def hospital_sends(demo: Demo, resident: Resident) -> None:
    config = demo.config
    sending = compose_sending(
        demo.world,
        resident,
        kind="LDL",
        now=datetime.now(ZoneInfo("Europe/Paris")),
        authority=config.authority,
        number=777_000 + int(time.time()) % 1000,
    )
    send(sending, machine_account(config, demo.world, sending.sender))


def mails_of(demo: Demo, doctor: Doctor) -> list[Mail]:
    ports = demo.config.ports[demo.world.operator_of(doctor.address).key]
    context = ssl.create_default_context(cafile=str(demo.config.authority.certificate))
    with imaplib.IMAP4("127.0.0.1", ports.imap) as mailbox:
        mailbox.starttls(context)
        mailbox.login(doctor.address, demo_password(doctor.address))
        mailbox.select("INBOX", readonly=True)
        numbers = mailbox.search(None, "ALL")[1][0].split()
        fetched = [mailbox.fetch(number, "(BODY.PEEK[])")[1][0] for number in numbers]
    return [read_mail(bytes(each[1])) for each in fetched if isinstance(each, tuple)]


def wait_in_mailbox(page: Page, demo: Demo, doctor: Doctor, pattern: re.Pattern[str], after: int) -> str:
    """The newest thing of that form in the doctor's mails that came after so many."""
    for _ in range(120):
        for mail in reversed(mails_of(demo, doctor)[after:]):
            found = pattern.search(f"{mail.subject}\n{mail.body}")
            if found:
                return found[found.lastindex or 0]
        page.wait_for_timeout(500)
    raise AssertionError("nothing came into the doctor's mailbox")


def file_and_send(page: Page, demo: Demo, resident: Resident) -> None:
    birth_name = re.compile(re.escape(resident.birth_family), re.IGNORECASE)
    row = page.locator("tbody tr").filter(has_text=birth_name).filter(has_text="Lettre de liaison").first
    for _ in range(60):
        page.goto(f"{demo.url}/")
        if row.count():
            break
        page.wait_for_timeout(1000)
    row.locator("a[href*='/documents/']").first.click()
    page.get_by_role("button", name=re.compile("Intégrer au dossier")).click()
    page.get_by_role("link", name="Transmettre").first.click()
    expect(page.get_by_text("IHE_XDM_FICHE.zip")).to_be_visible()
    page.get_by_role("button", name="Transmettre", exact=True).click()
    page.get_by_role("heading", name=re.compile("Lettre de liaison")).wait_for()


def answer_on_the_phone(phone: Page, demo: Demo, gp: Doctor, resident: Resident, after: int) -> None:
    phone.goto(wait_in_mailbox(phone, demo, gp, LINK, after))
    expect(phone.get_by_text(resident.birth_family)).to_have_count(0)
    phone.get_by_role("button", name="Recevoir mon code").click()
    phone.get_by_label("Code reçu").fill(wait_in_mailbox(phone, demo, gp, CODE, after))
    phone.get_by_role("button", name="Ouvrir").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text(named(resident))
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    first = phone.locator(".answer-lines > li").first
    first.get_by_text("Modifier", exact=True).click()
    first.get_by_label("Dose voulue").fill("1/2 comprimé")
    phone.get_by_label("Je passe voir le résident : quand ?").fill("jeudi en fin d'après-midi")
    phone.get_by_role("button", name="D'accord pour tout").click()
    expect(phone.get_by_text("Votre réponse est transmise")).to_be_visible()


def test_a_gp_answers_by_one_click_and_the_home_decides_and_applies(
    page: Page, phone: Page, nurse_page: Page, demo: Demo
) -> None:
    resident, gp = someone_whose_gp_announces_a_visit_by_mail(demo)
    before = len(mails_of(demo, gp))
    hospital_sends(demo, resident)
    sign_in(page, demo, "claire.petit")
    file_and_send(page, demo, resident)
    sent = page.url
    answer_on_the_phone(phone, demo, gp, resident, before)
    wait_in_mailbox(phone, demo, gp, re.compile(r"(Réponse de Dr [^\n]+)"), before)

    page.goto(sent)
    expect(page.get_by_text("Réponse par la page de réponse")).to_be_visible()
    page.goto(f"{demo.url}/soins/")
    expect(page.get_by_text("jeudi en fin d'après-midi").first).to_be_visible()
    page.get_by_role("button", name="Se déconnecter").click()

    sign_in(page, demo, "elisabeth.martin")
    page.goto(sent)
    page.get_by_role("link", name="Décider selon cette réponse").first.click()  # the newest: that of the page
    expect(page.get_by_label("Nouvelle dose").first).to_have_value("1/2 comprimé")
    page.get_by_role("button", name="Enregistrer mes décisions").click()
    expect(page.get_by_text("Décidée", exact=True)).to_be_visible()

    sign_in(nurse_page, demo, "julie.lambert")
    nurse_page.goto(f"{demo.url}/soins/")
    mine = nurse_page.locator("section").filter(has_text=named(resident)).first
    expect(mine).to_contain_text("1/2 comprimé")
    mine.get_by_role("button", name=re.compile("Pris en compte")).click()
    expect(nurse_page.get_by_text("Fait")).to_be_visible()

    page.get_by_role("link", name="Tout le fil").click()
    for step in ("Lettre", "Suggestion", "Envoi", "Réponse", "Décision", "Application"):
        expect(page.locator(".timeline .badge-state", has_text=step).first).to_be_visible()
