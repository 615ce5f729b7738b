"""Thousands of mailboxes on a real Dovecot, watched by several processes: first round, idle cost, delay, takeover."""

import os
import random
import signal
import smtplib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.dovecot import Dovecot, running_dovecot

from benchmarks import machine
from liaison.demo.pki import ensure_authority
from liaison.runtime.environment import product_environment
from liaison.runtime.limits import allow_open_files
from liaison.runtime.paths import Home

DOMAIN = "parc.mssante.test"
PATIENCE_SECONDS = 600.0
SETTLED_SECONDS = 70.0
"""The first turn of IDLE has ended everywhere by then."""
IDLE_SECONDS = 60.0
DELIVERED = 100
INOTIFY = "fs.inotify.max_user_instances"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def measure(mailboxes: int, watchers: int) -> dict[str, Any]:
    """Seconds, MB and shares of a core; the watchers are processes of the product, as ``liaison watch`` runs them."""
    allow_open_files(65536)
    with tempfile.TemporaryDirectory(prefix="liaison-bench-") as folder:
        os.environ |= {**product_environment(Home(Path(folder)).create()), "LIAISON_ACCEPT_TEST_INS": "true"}
        import django

        django.setup()
        addresses = [f"bal{number:05d}@{DOMAIN}" for number in range(mailboxes)]
        authority = ensure_authority(Path(folder) / "pki")
        with running_dovecot(authority, dict.fromkeys(addresses, "banc")) as server:
            _declare(server, addresses)
            with _watching(watchers) as processes:
                asked = {"mailboxes": mailboxes, "watchers": watchers, INOTIFY: _inotify_instances()}
                return asked | {"machine": machine.describe()} | _rounds(server, addresses, processes)


def _inotify_instances() -> int | None:
    """How many inotify instances an account of this system may have: a Dovecot takes one for each IDLE."""
    told = Path("/proc/sys/fs/inotify/max_user_instances")
    return int(told.read_text()) if told.exists() else None


def _rounds(server: Dovecot, addresses: list[str], processes: list[subprocess.Popen[bytes]]) -> dict[str, Any]:
    from liaison.apps.mailboxes.models import Mailbox

    first = _until(lambda: not Mailbox.objects.filter(polled_at=None).exists())
    time.sleep(SETTLED_SECONDS)
    watchers = [one.pid for one in processes]
    before = _spent(watchers), _spent(_database_processes())
    time.sleep(IDLE_SECONDS)
    idle, idle_database = (
        (after - former) / IDLE_SECONDS
        for after, former in zip((_spent(watchers), _spent(_database_processes())), before, strict=True)
    )
    delays = _deliver(server, addresses)
    memory = [_resident_megabytes(one.pid) for one in processes]
    shared = _shares()
    return {
        "first_round_seconds": round(first, 1),
        "idle_cores": round(idle, 3),
        "idle_database_cores": round(idle_database, 3),
        "resident_megabytes": [round(one) for one in memory],
        "delivery_to_ledger_seconds": delays,
        "mailboxes_by_watcher": shared,
        "takeover_seconds": round(_takeover(processes), 1) if len(processes) > 1 else None,
    }


def _deliver(server: Dovecot, addresses: list[str]) -> dict[str, float]:
    from liaison.apps.intake.models import RawMessage

    draw = random.Random(7)  # noqa: S311 (a corpus, no secret)
    given: dict[str, float] = {}
    with smtplib.LMTP(server.host, server.lmtp_port, timeout=30) as client:
        for number, address in enumerate(draw.sample(addresses, min(DELIVERED, len(addresses)))):
            raw = f"Message-ID: <{number}@{DOMAIN}>\r\nSubject: essai\r\n\r\nBonjour\r\n"
            given[address] = time.time()
            client.sendmail(f"banc@{DOMAIN}", [address], raw)
            time.sleep(0.05)
    _until(lambda: RawMessage.objects.count() == len(given))
    kept = RawMessage.objects.values_list("mailbox__address", "fetched_at")
    delays = sorted(at.timestamp() - given[address] for address, at in kept)
    return {
        "messages": len(delays),
        "median": round(statistics.median(delays), 2),
        "p95": round(delays[int(len(delays) * 0.95)], 2),
        "worst": round(delays[-1], 2),
    }


def _takeover(processes: list[subprocess.Popen[bytes]]) -> float:
    """Kill one watcher without a word: how long until its mailboxes are held by the living."""
    from liaison.apps.mailboxes.models import Mailbox

    before = {one["watcher"] for one in Mailbox.objects.values("watcher")}
    processes[0].send_signal(signal.SIGKILL)

    def all_held_by_the_living() -> bool:
        holders = Mailbox.objects.exclude(watcher=None).filter(watched_until__gt=datetime.now(UTC))
        living = set(holders.values_list("watcher", flat=True))
        return len(living) == len(before) - 1 and holders.count() == Mailbox.objects.count()

    return _until(all_held_by_the_living)


def _shares() -> list[int]:
    from django.db.models import Count

    from liaison.apps.mailboxes.models import Mailbox

    counted = Mailbox.objects.order_by().values("watcher").annotate(held=Count("pk"))
    return sorted(one["held"] for one in counted)


def _declare(server: Dovecot, addresses: list[str]) -> None:
    from liaison.apps.mailboxes.actions import do_add_operator, do_open_mailbox
    from liaison.apps.mailboxes.connection import Credentials
    from liaison.apps.mailboxes.models import Mailbox, Operator
    from liaison.apps.operations.setup import migrate
    from liaison.apps.organisations.actions import do_add_site

    migrate()
    operator = do_add_operator(
        name="Dovecot",
        host=server.host,
        imap_port=server.imap_port,
        smtp_port=1,
        security=Operator.Security.STARTTLS,
        authority_file=str(server.authority.certificate),
    )
    site = do_add_site(group_name="Groupe", name="Résidence du banc", city="Reims", finess="510000001")
    for address in addresses:
        do_open_mailbox(
            site=site,
            operator=operator,
            kind=Mailbox.Kind.ORGANISATIONAL,
            label="BAL",
            credentials=Credentials(address, "banc"),
            holders=[],
        )


@contextmanager
def _watching(number: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    processes = [subprocess.Popen([sys.executable, "-m", "liaison", "watch"]) for _ in range(number)]
    try:
        yield processes
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(timeout=120)


def _until(holds: Callable[[], bool]) -> float:
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > PATIENCE_SECONDS:
            raise TimeoutError("waited in vain")
        time.sleep(0.2)
    return time.monotonic() - begun


def _spent(processes: list[int]) -> float:
    return sum(_processor_seconds(pid) for pid in processes if Path(f"/proc/{pid}").exists())


def _database_processes() -> list[int]:
    """The server's processes: the children of the parent of the backend that answers us."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    postmaster = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1]
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text()
    return [int(postmaster), *map(int, children.split())]


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _resident_megabytes(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1e6


def table(measured: dict[str, Any]) -> str:
    """What was measured, a line each."""
    delay = measured["delivery_to_ledger_seconds"]
    lines = [
        f"| mailboxes, watchers | {measured['mailboxes']:,}, {measured['watchers']} |",
        "|---|---|",
        f"| {INOTIFY} | {measured[INOTIFY]} |",
        f"| every mailbox reached once | {measured['first_round_seconds']} s |",
        f"| quiet cost of the watchers | {measured['idle_cores']} of a core |",
        f"| quiet cost of the database | {measured['idle_database_cores']} of a core |",
        f"| resident memory of each | {', '.join(map(str, measured['resident_megabytes']))} MB |",
        f"| delivery to ledger, {delay['messages']} messages | median {delay['median']} s, p95 {delay['p95']} s |",
        f"| mailboxes held by each | {', '.join(map(str, measured['mailboxes_by_watcher']))} |",
        f"| takeover of a killed watcher's part | {measured['takeover_seconds']} s |",
        "",
        f"{measured['machine']}",
    ]
    return "\n".join(lines)
