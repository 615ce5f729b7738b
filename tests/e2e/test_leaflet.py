"""The leaflet on the screens: a secretary files and sends on, a GP answers by mail, a coordinating doctor decides."""

import imaplib
import json
import re
import smtplib
import ssl
import time
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect

from liaison.core.identity.traits import strict_name
from liaison.demo.scenario.values import STEPS
from liaison.demo.world.values import Doctor, Resident, demo_password
from tests.e2e.conftest import Demo, sign_in
from tests.support.pages import decide_every_line

pytestmark = [pytest.mark.e2e]

ANSWERS = {"validates", "changes_a_line"}


def letter_waiting(page: Page, demo: Demo, behaviours: set[str]) -> tuple[str, Resident, Doctor]:
    """A letter of certain identity in the inbox whose GP answers so: its address, whom it is about, the GP."""
    for _ in range(60):
        page.goto(f"{demo.url}/")
        for row in page.locator("tbody tr", has_text="identité certaine").filter(has_text="Lettre de liaison").all():
            text = row.inner_text()
            resident = next(one for one in demo.world.residents_of(demo.world.home) if _is_about(one, text))
            gp = demo.world.doctor(resident.gp)
            if gp.behaviour in behaviours:
                link = row.locator("a[href*='/documents/']").first.get_attribute("href") or ""
                return demo.url + link, resident, gp
        page.wait_for_timeout(1000)
    raise AssertionError("no such letter came")


def _is_about(resident: Resident, text: str) -> bool:
    born = f"{resident.birth_date:%d/%m/%Y}"
    return strict_name(resident.birth_family) in text and strict_name(resident.birth_given) in text and born in text


def file_and_send(page: Page, document: str) -> None:
    """Open, file in one act, send on to the care team, and stay on the page of the sending."""
    page.goto(document)
    expect(page.get_by_text("Règle 1.")).to_be_visible()
    page.get_by_role("button", name=re.compile("Intégrer au dossier")).click()
    page.get_by_role("link", name="Transmettre").first.click()
    page.get_by_role("button", name="Transmettre", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Lettre de liaison")


def reload_until(page: Page, text: str, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while page.get_by_text(text).count() == 0:
        assert time.monotonic() < deadline, f"« {text} » never came on {page.url}"
        page.wait_for_timeout(500)
        page.reload()


def test_a_secretary_files_and_sends_on_and_a_coordinating_doctor_decides(page: Page, demo: Demo) -> None:
    sign_in(page, demo, "claire.petit")
    document, resident, gp = letter_waiting(page, demo, ANSWERS)
    file_and_send(page, document)
    sent = page.url
    for state in ("Remis", "Lu", "Répondu"):
        reload_until(page, state)
    expect(page.get_by_text(gp.family).first).to_be_visible()
    page.get_by_role("button", name="Se déconnecter").click()

    sign_in(page, demo, "elisabeth.martin")
    page.goto(sent)
    page.get_by_role("link", name="Décider selon cette réponse").first.click()
    decide_every_line(page)
    expect(page.get_by_text("Décidée", exact=True)).to_be_visible()
    expect(page.get_by_text("Dr Élisabeth Martin").first).to_be_visible()

    page.goto(sent)
    page.get_by_role("link", name="Dossier").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(resident.used_given or resident.birth_given)
    expect(page.get_by_role("heading", name=re.compile("Séjour")).first).to_be_visible()
    page.get_by_role("link", name="Journal").click()
    for act in ("Document intégré au dossier", "Traitement décidé"):
        expect(page.get_by_text(re.compile(act)).first).to_be_visible()


def test_a_third_party_mail_program_reads_a_doctors_mailbox_and_its_reply_lands_in_the_exchange(
    page: Page, demo: Demo
) -> None:
    sign_in(page, demo, "martine.hubert")
    document, _, gp = letter_waiting(page, demo, {"silent", "asks", "visits"})
    file_and_send(page, document)
    sent = page.url
    reload_until(page, "Remis")
    answer_with_stdlib(demo, gp)
    page.goto(sent)
    reload_until(page, "Réponse écrite à la main dans un autre logiciel")


def answer_with_stdlib(demo: Demo, gp: Doctor) -> None:
    """What Thunderbird or mutt would do, with nothing of ours: IMAP with STARTTLS, a reply, SMTP with STARTTLS."""
    ports = demo.config.ports[demo.world.operator_of(gp.address).key]
    context = ssl.create_default_context(cafile=str(demo.config.authority.certificate))
    password = demo_password(gp.address)
    with imaplib.IMAP4("127.0.0.1", ports.imap) as mailbox:
        mailbox.starttls(context)
        mailbox.login(gp.address, password)
        mailbox.select("INBOX")
        newest = mailbox.search(None, "ALL")[1][0].split()[-1]
        received = message_from_bytes(mailbox.fetch(newest, "(RFC822)")[1][0][1], policy=policy.default)
    reply = EmailMessage()
    reply["From"], reply["To"] = gp.address, received["From"]
    reply["Subject"] = f"Re: {received['Subject']}"
    reply["Message-ID"] = f"<a-la-main-{time.time_ns()}@poste.invalid>"
    reply["In-Reply-To"] = reply["References"] = received["Message-ID"]
    reply.set_content("Réponse écrite à la main dans un autre logiciel : d'accord pour tout.\n")
    with smtplib.SMTP("127.0.0.1", ports.smtp, timeout=20) as client:
        client.starttls(context=context)
        client.login(gp.address, password)
        client.send_message(reply)


def test_the_scenario_runs_beside_the_demo_and_proves_every_step(demo: Demo) -> None:
    played = demo.command("scenario", "--json")
    timeline = json.loads(played.stdout.splitlines()[-1])
    assert (played.returncode, timeline["ok"]) == (0, True), played.stdout + played.stderr
    assert [step["name"] for step in timeline["steps"]] == list(STEPS)
    assert all(step["evidence"] for step in timeline["steps"])


def test_the_journal_of_the_demo_is_sound(demo: Demo) -> None:
    checked = demo.command("audit", "verify", "--json")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert all(chain["sound"] for chain in json.loads(checked.stdout).values())
