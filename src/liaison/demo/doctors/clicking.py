"""A doctor who answers by the link of the message: asks for his code, reads it in his mailbox, fills the page."""

import logging
import re
from collections.abc import Callable

import httpx2

from liaison.demo.world.dice import Dice

log = logging.getLogger(__name__)

LINK = re.compile(r"https?://[\w.:\[\]-]+/reponse/[\w-]+/")
CODE_SUBJECT = re.compile(r"\s*(\d{6}) : ")
COPY_SUBJECT = re.compile(r"\s*Réponse de ")
TIMEOUT = 20.0
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
_LINE = re.compile(r'name="ligne-(\d+)-choix"')
_DONE = "Votre réponse est transmise"


def link_in(body: str) -> str:
    """The address of his answering page; empty when the message holds none."""
    found = LINK.search(body)
    return found.group() if found else ""


def answer_by_page(link: str, read_code: Callable[[], str], dice: Dice) -> bool:
    """Whether the page took his answer. ``read_code`` waits for the code in his mailbox; empty when none comes."""
    with httpx2.Client(timeout=TIMEOUT, follow_redirects=True) as browser:
        try:
            _post(browser, link, f"{link}code/", {})
            code = read_code()
            page = _post(browser, link, f"{link}ouvrir/", {"code": code}) if code else ""
            if not _LINE.search(page) and "Envoyer ma réponse" not in page:
                return False
            return _DONE in _post(browser, link, link, _choices(page, dice))
        except httpx2.HTTPError as error:
            log.warning("doctor's page unreachable (%s)", type(error).__name__)
            return False


def _post(browser: httpx2.Client, page: str, to: str, fields: dict[str, str]) -> str:
    """As a form of the page would be sent."""
    token = _TOKEN.search(browser.get(page).text)
    return browser.post(to, data={**fields, "csrfmiddlewaretoken": token[1] if token else ""}).text


def _choices(page: str, dice: Dice) -> dict[str, str]:
    numbers = sorted({int(number) for number in _LINE.findall(page)})
    if not numbers:
        return {"question": "Bien reçu. Pouvez-vous me faxer le dernier bilan ?"}
    number = dice.pick(numbers)
    return dice.pick(
        (
            {"tout": "1"},
            {"tout": "1", "visite": "jeudi en fin d'après-midi"},
            {"tout": "1", f"ligne-{number}-choix": "change", f"ligne-{number}-dose": "1/2 comprimé"},
            {"tout": "1", f"ligne-{number}-choix": "ask", f"ligne-{number}-remarque": "à revoir ensemble"},
        )
    )
