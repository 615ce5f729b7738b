"""Those who look after the demo try it, save it and restore it elsewhere, by the commands and in a browser."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from liaison.demo.world.values import demo_password
from tests.e2e.conftest import Demo, environment

WIDTHS = {"poste": 1280, "telephone": 390}
PICTURES = os.environ.get("LIAISON_PICTURES", "")


def test_a_test_message_goes_round_each_site_of_the_living_demo(demo: Demo, browser: Browser) -> None:
    done = demo.command("selfcheck", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    assert checks
    assert all(check["state"] == "passed" and set(check["seconds"]) == {"send", "receive", "read"} for check in checks)
    for name, width in WIDTHS.items():
        page = browser.new_context(viewport={"width": width, "height": 900}, locale="fr-FR").new_page()
        page.goto(f"{demo.url}/connexion/")
        page.get_by_label("Identifiant").fill("claire.petit")
        page.get_by_label("Mot de passe").fill(demo_password("claire.petit"))
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Exploitation").first.click()
        assert page.get_by_text("Revenu").first.is_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"exploitation-{name}.png", full_page=True)


@pytest.mark.usefixtures("browser")
def test_the_living_demo_is_saved_and_restored_on_another_machine(demo: Demo, tmp_path: Path) -> None:
    key, saved, other = tmp_path / "cle", tmp_path / "demo.liaison", tmp_path / "autre"
    key.write_text(base64.b64encode(os.urandom(32)).decode())
    backup = demo.command("backup", str(saved), "--key", str(key), "--json")
    assert backup.returncode == 0, backup.stdout + backup.stderr
    command = [sys.executable, "-m", "liaison", "restore", str(saved), "--key", str(key), "--json"]
    done = subprocess.run(command, env=environment(other), capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["blobs"] == json.loads(backup.stdout)["blobs"] > 0
