"""What bin/test runs once the environment is there: the checks of the house, then the tests.

With arguments, they go to pytest and the checks are skipped: `bin/test tests/core -k xdm`. `--external` runs them on
Debian's PostgreSQL instead of the embedded one (all those of the apps when none is named); without any argument, all
those of the apps run on both.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.support.browser import chromium
from tests.support.debian import can_install, install, say
from tests.support.environment import EXTERNAL, environment_for_tests
from tests.support.external_postgres import external_url, programs

from liaison.runtime.errors import RuntimeProblem

CLONE = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent
OF_THE_APPS = "tests/apps"
MAIL_SERVERS = {"dovecot": "dovecot-imapd dovecot-lmtpd", "postfix": "postfix"}
CHECKS = (
    ("ruff : règles d'écriture", ["ruff", "check", "."]),
    ("ruff : mise en forme", ["ruff", "format", "--check", "."]),
    ("import-linter : étages de la maison", ["lint-imports"]),
    ("mypy : types stricts", ["mypy"]),
)


def main(arguments: list[str]) -> int:
    """0 when all passed; else the code of the first step that failed, or 2 when the machine is not ready."""
    if "--external" in arguments:
        arguments = [each for each in arguments if each != "--external"] or [OF_THE_APPS, *whole_suite()]
        os.environ[EXTERNAL] = "yes"
    try:
        environment = {**os.environ, **environment_for_tests(), "CHROMIUM_PATH": str(chromium())}
        ready_mail_servers()
    except RuntimeProblem as problem:
        say(str(problem))
        return 2
    for title, command in [] if arguments else CHECKS:
        if code := step(title, command, environment):
            return code
    code = step("pytest : tests", ["pytest", *(arguments or whole_suite())], environment)
    return code if code or arguments else on_the_other_server(environment)


def on_the_other_server(environment: dict[str, str]) -> int:
    """The tests of what stands on the server once more, on Debian's PostgreSQL, where it is or can be installed."""
    if programs() is None:
        say("Le PostgreSQL de Debian ne peut pas être installé ici : les tests sur un serveur extérieur sont passés.")
        return 0
    other = {**environment, "DATABASE_URL": external_url()}
    return step("pytest : sur un serveur extérieur", ["pytest", OF_THE_APPS, *whole_suite()], other)


def ready_mail_servers() -> None:
    """The servers operators run, for the tests of the wire; those tests say so where they cannot be had."""
    programs = f"{os.environ.get('PATH', '')}:/usr/sbin"
    lacking = [names for program, names in MAIL_SERVERS.items() if shutil.which(program, path=programs) is None]
    if lacking and can_install():
        say("Installation de Dovecot et de Postfix pour les tests de la messagerie…")
        install(*" ".join(lacking).split())


def whole_suite() -> list[str]:
    """One file stays on one worker, so that the servers a file starts are started once; the longest files go first.

    One worker more than there are processors: a test that waits for a server leaves its processor to another.
    """
    workers = 1 + min(4, len(os.sched_getaffinity(0)))
    return ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]


def step(title: str, command: list[str], environment: dict[str, str]) -> int:
    say(f"▶ {title}")
    begun = time.monotonic()
    program, *rest = command
    code = subprocess.run([PROGRAMS / program, *rest], cwd=CLONE, env=environment, check=False).returncode
    if code:
        say(f"✗ {title} : échec (code {code}) après {time.monotonic() - begun:.1f} s")
    return code


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
