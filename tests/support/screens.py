"""Pictures of the main screens for README: ``python -m tests.support.screens URL FOLDER`` beside a fresh demo."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from tests.support.browser import chromium
from tests.support.pages import decide_every_line

from liaison.demo.world.values import demo_password

DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 780}
ANSWER_MILLISECONDS = 90_000


def main(url: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=["--no-sandbox"])
        sent = _as_a_secretary(_page(browser, url, "claire.petit"), url, folder)
        _as_a_doctor(_page(browser, url, "elisabeth.martin"), sent, folder)
        phone = _page(browser, url, "claire.petit", PHONE)
        phone.screenshot(path=folder / "telephone.png")
        browser.close()


def _page(browser: Browser, url: str, username: str, size: dict[str, int] | None = None) -> Page:
    page = browser.new_context(viewport=size or DESKTOP, locale="fr-FR").new_page()  # type: ignore[arg-type]
    page.goto(f"{url}/connexion/")
    page.get_by_label("Identifiant").fill(username)
    page.get_by_label("Mot de passe").fill(demo_password(username))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Se déconnecter").wait_for()
    return page


def _as_a_secretary(page: Page, url: str, folder: Path) -> str:
    page.goto(url)
    page.screenshot(path=folder / "arrivees.png")
    row = page.locator("tbody tr", has_text="identité certaine").filter(has_text="Lettre de liaison").last
    row.locator("a[href*='/documents/']").first.click()
    page.get_by_role("button", name="Intégrer au dossier").wait_for()
    page.screenshot(path=folder / "document.png")
    page.get_by_role("button", name="Intégrer au dossier").click()
    page.get_by_role("link", name="Transmettre").first.click()
    page.screenshot(path=folder / "transmettre.png")
    page.get_by_role("button", name="Transmettre", exact=True).click()
    page.get_by_role("link", name="Dossier").wait_for()
    return page.url


def _as_a_doctor(page: Page, sent: str, folder: Path) -> None:
    page.goto(sent)
    waited = 0
    while page.get_by_role("link", name="Décider selon cette réponse").count() == 0 and waited < ANSWER_MILLISECONDS:
        page.wait_for_timeout(1000)
        waited += 1000
        page.reload()
    page.screenshot(path=folder / "suivi.png")
    page.get_by_role("link", name="Décider selon cette réponse").first.click()
    page.locator("#lignes-titre").evaluate("title => title.scrollIntoView({behavior: 'instant'})")
    page.screenshot(path=folder / "decider.png")
    decide_every_line(page)
    page.goto(sent)
    page.get_by_role("link", name="Dossier").click()
    page.screenshot(path=folder / "dossier.png")
    page.get_by_role("link", name="Journal").click()
    page.screenshot(path=folder / "journal.png")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), Path(sys.argv[2]))
