"""A Chromium for the end-to-end tests: the machine's if it has one, else one installed now."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright
from tests.support.debian import install, run, say

from liaison.runtime.errors import RuntimeProblem

ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> Path:
    """Its path: CHROMIUM_PATH, or one on PATH, or Playwright's own; installed when there is none that runs."""
    if found := _first_that_runs():
        return found
    say("Installation de Chromium pour les tests de bout en bout (une minute environ)…")
    for attempt in (_install_with_apt, _install_with_playwright):
        attempt()
        if found := _first_that_runs():
            return found
    raise RuntimeProblem(
        "Aucun Chromium utilisable, et son installation a échoué. Installez-le (sous Debian : sudo apt install "
        "chromium ; sous Ubuntu : .venv/bin/playwright install --with-deps chromium), ou donnez CHROMIUM_PATH."
    )


def _first_that_runs() -> Path | None:
    return next((path for path in _candidates() if _runs(path)), None)


def _candidates() -> Iterator[Path]:
    if chosen := os.environ.get("CHROMIUM_PATH"):
        yield Path(chosen)
    for name in ON_PATH:
        if found := shutil.which(name):
            yield Path(found)
    with sync_playwright() as playwright:
        yield Path(playwright.chromium.executable_path)


def _runs(path: Path) -> bool:
    """Asking its version loads every library it needs; Ubuntu's package without snap is a script that fails here."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _install_with_apt() -> None:
    install("chromium", "fonts-dejavu-core")


def _install_with_playwright() -> None:
    with_libraries = ["--with-deps"] if os.geteuid() == 0 else []
    run(str(Path(sys.executable).with_name("playwright")), "install", *with_libraries, "chromium")
