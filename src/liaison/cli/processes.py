"""The processes of an installation: the screens, the jobs, the mailboxes, the HL7 messages."""

import asyncio
import signal
from importlib import import_module
from pathlib import Path

import typer

from liaison.cli.setting_up import say_json, set_up
from liaison.runtime.limits import allow_open_files
from liaison.runtime.memory import stay_for_many_files
from liaison.runtime.signals import run_until_signal

WORKER_PATIENCE_SECONDS = 20.0
READING = ("liaison.apps.intake.pipeline", "liaison.apps.filing.together")
WATCHER_OPEN_FILES = 16384
"""One connection for each mailbox: more than the thousand or so that systems give at first."""


def serve(*, host: str, port: int, workers: int) -> None:
    """The screens, until SIGTERM or SIGINT."""
    set_up("web")
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "liaison.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=8,
        log_access=False,
        websockets=False,
    ).serve()


def worker(*, concurrency: int) -> None:
    """The jobs, until SIGTERM or SIGINT; a job begun is finished."""
    set_up()
    be_ready()
    run_jobs(concurrency=concurrency, wait=True)


def be_ready() -> None:
    """Have all that reading takes before there is a message: the modules of its jobs, the process that reads PDFs."""
    from liaison import reading_process

    for module in READING:
        import_module(module)
    reading_process.be_ready()
    stay_for_many_files()


def run_jobs(*, concurrency: int, wait: bool) -> None:
    """Run the jobs of the queue, for ever (``wait``) or until none is left."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    if not isinstance(app.connector, DjangoConnector):
        raise TypeError("the jobs' application is Django's")
    with app.replace_connector(app.connector.get_worker_connector()) as jobs:
        typer.echo("worker ready")
        jobs.run_worker(
            concurrency=concurrency,
            wait=wait,
            listen_notify=wait,
            shutdown_graceful_timeout=WORKER_PATIENCE_SECONDS,
            delete_jobs="never",
        )


def watch() -> None:
    """The mailboxes, until SIGTERM or SIGINT."""
    allow_open_files(WATCHER_OPEN_FILES)
    set_up()
    from liaison.apps.intake.watch import watch as watch_mailboxes

    typer.echo("watch ready")
    run_until_signal(watch_mailboxes)


def mllp(*, finess: str, host: str, port: int, tls_files: tuple[Path, Path, Path] | None, outside: list[str]) -> int:
    """The HL7 messages of one site's software, until SIGTERM or SIGINT; 2 when there is no such site or certificate.

    ``tls_files`` are our certificate, its key, and the authority of the sender's. ``outside`` are more words for the
    hospital as the place of an A02.
    """
    set_up()
    from liaison.apps.organisations.models import Site
    from liaison.connectors.hl7_mllp import Tls
    from liaison.connectors.hl7_mllp import serve as serve_mllp
    from liaison.core.hl7v2.adt import PLACES_OUTSIDE

    site = Site.objects.filter(finess=finess).first()
    if site is None:
        typer.echo("Aucun établissement n'a ce FINESS.", err=True)
        return 2

    async def listen(of: Site) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await serve_mllp(
            of,
            host=host,
            port=port,
            stop=stop,
            ready=lambda on: typer.echo(f"mllp ready {on}"),
            tls=Tls(*tls_files) if tls_files else None,
            outside=PLACES_OUTSIDE | set(outside),
        )

    try:
        asyncio.run(listen(site))
    except OSError as error:
        typer.echo(
            f"L'écoute est impossible (port ou certificats) : {error.strerror or type(error).__name__}.", err=True
        )
        return 2
    return 0


def drain(*, as_json: bool) -> int:
    """Poll each mailbox once and run every waiting job; 1 when a mailbox could not be reached."""
    set_up()
    be_ready()
    from liaison.apps.intake.poll import poll
    from liaison.apps.mailboxes.models import Mailbox

    taken = {mailbox.address: poll(mailbox) for mailbox in Mailbox.objects.filter(active=True)}
    run_jobs(concurrency=1, wait=False)
    failing = list(Mailbox.objects.filter(active=True, failing_since__isnull=False).values_list("address", flat=True))
    if as_json:
        say_json({"taken": taken, "failing": failing})
    else:
        for address, count in taken.items():
            typer.echo(f"{address} : {count} nouveaux messages" + (" — injoignable" if address in failing else ""))
    return 1 if failing else 0
