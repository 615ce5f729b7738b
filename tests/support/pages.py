"""What a person does on a screen, for the tests in a browser and for the pictures of README."""

from playwright.sync_api import Locator, Page

HIS_DOSE = "1 comprimé"


def decide_every_line(page: Page) -> None:
    """Follow the letter where nothing is filled in; give the dose where the answer of the GP asks for another one."""
    for row in page.locator(".decide-row").all():
        if _is_checked(row, ""):
            row.get_by_label("Suivre la lettre").check()
        elif _is_checked(row, "change"):
            row.get_by_label("Nouvelle dose").fill(HIS_DOSE)
    page.get_by_role("button", name="Enregistrer mes décisions").click()
    page.get_by_text("Décidée", exact=True).wait_for()


def _is_checked(row: Locator, verdict: str) -> bool:
    return row.locator(f"input[type=radio][value='{verdict}']:checked").count() == 1
