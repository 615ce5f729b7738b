"""One life of the worker: the mail is taken, read, filed by a person, sent on; as the product's own code does it.

A life is a forked process, which may die at a named step, or bear a seeded bug. ``later`` lives come after the clock
moved on, as the sweeps wait for minutes.
"""

import resource
import signal
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from asgiref.sync import async_to_sync
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from benchmarks.faults import bugs, disk, software
from liaison.apps.directory.models import Professional
from liaison.apps.exchanges import jobs as exchange_jobs
from liaison.apps.exchanges.actions import do_confirm_delivery, do_resend, do_send
from liaison.apps.exchanges.doubts import do_confirm_arrival, do_give_again, doubts_of
from liaison.apps.exchanges.models import Recipient
from liaison.apps.filing import jobs as filing_jobs
from liaison.apps.filing.actions import do_file
from liaison.apps.intake import jobs as intake_jobs
from liaison.apps.intake.models import Document
from liaison.apps.intake.poll import poll
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.operations import jobs as operations_jobs
from liaison.apps.organisations.models import Site, User
from liaison.apps.residents.models import Resident
from liaison.runtime import failpoints

TRACER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Life:
    """``fail_at`` is « step#pass »; ``largest_file`` in bytes.

    ``taking_over`` begins with what the dead left. ``arrived`` are the Message-IDs the others have, for the person who
    looks at the doubts; nobody looks when it is None.
    """

    fail_at: str = ""
    bug: str = ""
    later: timedelta = timedelta(0)
    taking_over: bool = False
    arrived: Collection[str] | None = None
    largest_file: int = 0
    traced: bool = False


@dataclass(frozen=True, slots=True)
class Ends:
    """What a life holds of the harness: the pipe where it tells what was flushed and refused, the port of its door,
    and the pipe that ends when the home's software has said all.
    """

    told: int
    door: int
    said: int


def live(life: Life, ends: Ends) -> int:
    """In the forked process. 0 when the day went to its end."""
    if life.later:
        timezone.now = lambda: datetime.now(UTC) + life.later
    bugs.seed(life.bug)
    disk.tell(ends.told)
    if life.traced:
        _await_the_tracer()
    if life.largest_file:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (life.largest_file, resource.RLIM_INFINITY))
    failpoints.armed = failpoints.armed_by(life.fail_at)
    if life.taking_over:
        take_over()
    software.hear(Site.objects.get(), ends.door, ends.said)
    work()
    if life.arrived is not None:
        look_at_doubts(life.arrived)
        poll(_mailbox())
        run_queue()
    return 0


def work() -> None:
    """A day: what came in is kept, read, filed, and sent to the doctor."""
    poll(_mailbox())
    run_queue()
    file_and_send()
    run_queue()


def _mailbox() -> Mailbox:
    return Mailbox.objects.select_related("operator", "site").get()


def run_queue() -> None:
    """The jobs that wait, until none is left, by the product's worker."""
    with app.replace_connector(_connector()) as worker:
        worker.run_worker(concurrency=1, wait=False, listen_notify=False, delete_jobs="never")


def _connector() -> PsycopgConnector:
    """As procrastinate makes it for Django, but with one connection to begin with: a life is short."""
    return PsycopgConnector(kwargs=connector_params("default"), min_size=1, max_size=4)


def file_and_send() -> None:
    """The secretary files every letter and sends it on, once."""
    secretary, resident = User.objects.get(), Resident.objects.get()
    for document in Document.objects.filter(state__in=["to_match", "proposed"]).order_by("pk"):
        do_file(document, resident=resident, user=secretary)
    for document in Document.objects.filter(state="filed").exclude(transmissions__isnull=False).order_by("pk"):
        professionals = [Professional.objects.get()]
        do_send(document, user=secretary, mailbox=Mailbox.objects.get(), professionals=professionals)


def take_over() -> None:
    """What the product does by itself as time passes: stalled jobs given back, delays over, every sweep."""
    operations_jobs.STALLED_AFTER_SECONDS = 0
    with app.replace_connector(_connector()) as worker:
        context: Any = SimpleNamespace(app=worker)
        async_to_sync(_in_worker(worker, lambda: operations_jobs.take_over_stalled_jobs.func(context, 0)))()
    _end_every_delay()
    sweeps: tuple[Callable[..., Any], ...] = (
        intake_jobs.sweep_unread_messages.func,
        filing_jobs.sweep_unproposed_documents.func,
        exchange_jobs.sweep_sendings.func,
    )
    for sweep in sweeps:
        sweep(0)


def _in_worker(worker: Any, act: Callable[[], Any]) -> Callable[[], Any]:
    async def run() -> None:
        async with worker.open_async():
            await act()

    return run


def look_at_doubts(arrived: Collection[str]) -> None:
    """The secretary asks the doctor, or the hospital, whether a doubtful message arrived."""
    secretary = User.objects.get()
    for mail in doubts_of(secretary):
        if mail.message_id in arrived:
            do_confirm_arrival(mail, user=secretary)
        else:
            do_give_again(mail, user=secretary)
    for recipient in Recipient.objects.filter(state=Recipient.State.IN_DOUBT).order_by("pk"):
        if recipient.message_id in arrived:
            do_confirm_delivery(recipient, user=secretary)
        else:
            do_resend(recipient, user=secretary)
    _end_every_delay()


def _end_every_delay() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")


def _await_the_tracer() -> None:
    deadline = time.monotonic() + TRACER_SECONDS
    while "TracerPid:\t0" in Path("/proc/self/status").read_text() and time.monotonic() < deadline:
        time.sleep(0.005)
