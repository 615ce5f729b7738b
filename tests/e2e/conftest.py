"""The whole demo, started as a user starts it, and a real Chromium in front of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from liaison.demo.config import DemoConfig
from liaison.demo.world import World, build_world
from liaison.demo.world.values import demo_password
from liaison.runtime.ports import free_port
from tests.support.browser import chromium

START_SECONDS = 180
OWN = {"DATABASE_URL", "LIAISON_SECRET_KEY", "LIAISON_BLOB_KEY", "DJANGO_SETTINGS_MODULE", "LIAISON_ACCEPT_TEST_INS"}


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: its address, its world, its folder."""

    url: str
    world: World
    home: Path
    process: subprocess.Popen[str]

    @property
    def config(self) -> DemoConfig:
        return DemoConfig.load(self.home / "demo" / "config.json")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A `liaison` command beside the running demo."""
        return subprocess.run(
            [sys.executable, "-m", "liaison", *arguments],
            env=environment(self.home), capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip


def environment(home: Path) -> dict[str, str]:
    """The machine's, without what the test run said of its own database and secrets."""
    kept = {name: value for name, value in os.environ.items() if name not in OWN}
    return {**kept, "LIAISON_HOME": str(home)}


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Once for all these files, which one worker runs; it stops with them, since its actors never rest."""
    home = tmp_path_factory.mktemp("demo")
    port = free_port()
    options = ["--headless", "--free-ports", "--port", str(port), "--answer-after", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "liaison", "demo", *options],
        env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        wait_until_ready(process)
        yield Demo(f"http://127.0.0.1:{port}", build_world(), home, process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_until_ready(process: subprocess.Popen[str]) -> list[str]:
    """The lines it printed until it said how to stop it."""
    assert process.stdout is not None
    deadline, said = time.monotonic() + START_SECONDS, []
    for line in process.stdout:
        said.append(line)
        if line.startswith("Ctrl-C"):
            return said
        if time.monotonic() > deadline:
            break
    raise AssertionError("the demo did not start:\n" + "".join(said[-30:]))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed after each file: while it lives its event loop runs, and Django refuses the database to other tests."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(chromium()), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def sign_in(page: Page, demo: Demo, username: str) -> None:
    page.goto(f"{demo.url}/connexion/")
    page.get_by_label("Identifiant").fill(username)
    page.get_by_label("Mot de passe").fill(demo_password(username))
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Se déconnecter").or_(page.get_by_role("button", name="Se déconnecter")).wait_for()
