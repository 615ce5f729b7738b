"""What the commands do, once the environment of the installation is there."""

import asyncio
import json
import os
import signal
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from liaison.runtime.environment import product_environment
from liaison.runtime.limits import allow_open_files
from liaison.runtime.paths import Home
from liaison.runtime.signals import run_until_signal

WORKER_PATIENCE_SECONDS = 20.0
WATCHER_OPEN_FILES = 16384
"""One connection for each mailbox: more than the thousand or so that systems give at first."""


def set_up(door: str = "command") -> None:
    """Read the settings by this door; the embedded PostgreSQL is started when no other is given."""
    os.environ.update(product_environment(Home.current()))
    os.environ["LIAISON_DOOR"] = door
    import django

    django.setup()


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
    run_jobs(concurrency=concurrency, wait=True)


def run_jobs(*, concurrency: int, wait: bool) -> None:
    """Run the jobs of the queue, for ever (``wait``) or until none is left."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    if not isinstance(app.connector, DjangoConnector):
        raise TypeError("the jobs' application is Django's")
    with app.replace_connector(app.connector.get_worker_connector()) as jobs:
        _say("worker ready")
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

    _say("watch ready")
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
            ready=lambda on: _say(f"mllp ready {on}"),
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
    from liaison.apps.intake.poll import poll
    from liaison.apps.mailboxes.models import Mailbox

    taken = {mailbox.address: poll(mailbox) for mailbox in Mailbox.objects.filter(active=True)}
    run_jobs(concurrency=1, wait=False)
    failing = list(Mailbox.objects.filter(active=True, failing_since__isnull=False).values_list("address", flat=True))
    if as_json:
        say_json({"taken": taken, "failing": failing})
    else:
        for address, count in taken.items():
            _say(f"{address} : {count} nouveaux messages" + (" — injoignable" if address in failing else ""))
    return 1 if failing else 0


def status(*, as_json: bool) -> int:
    """Where things stand; 1 when something waits for a person to look (a failing mailbox, a drift, a doubt)."""
    set_up()
    from liaison.apps.operations.status import current_status

    now = current_status()
    drifting = [one.address for one in now.mailboxes if one.on_server > one.in_ledger]
    failing = [one.address for one in now.mailboxes if one.failing_since]
    if as_json:
        say_json({**asdict(now), "drifting": drifting, "failing": failing})
    else:
        for one in now.mailboxes:
            _say(f"{one.address} : {one.on_server} sur le serveur, {one.in_ledger} au registre {one.failure}")
        _say(f"À lire : {now.unread} ; lectures en échec : {now.failed_readings}")
        for copy in now.copies:
            refused = f" ; dernier fichier refusé : {copy.refusal}" if copy.refusal else ""
            _say(f"{copy.label} : {copy.entries} lignes, publiée le {copy.published_at:%d/%m/%Y %H:%M}{refused}")
        _say(f"Adresses à vérifier : {now.addresses_to_check} ; envois retenus : {now.held}")
        for check in now.self_checks:
            _say(f"Message d'essai de {check.address} : {check.state} {check.detail}".rstrip())
        _say(f"À envoyer : {now.to_send} ; à vérifier : {now.in_doubt} ; en échec : {now.failed_sendings}")
    return 1 if drifting or failing or now.failed_readings or now.in_doubt or now.failed_sendings or now.held else 0


def import_residents(file: Path, *, finess: str, dry_run: bool, as_json: bool) -> int:
    """A CSV of residents taken in whole or not at all; 1 when a line cannot be taken, 2 when the file cannot."""
    set_up()
    from liaison.apps.organisations.models import Site
    from liaison.apps.residents.imports import do_import_residents
    from liaison.core.notices import Unreadable
    from liaison.core.roster import read_roster

    site = Site.objects.filter(finess=finess).first()
    roster = read_roster(file.read_bytes())
    if site is None or isinstance(roster, Unreadable):
        sentence = roster.notice.message if isinstance(roster, Unreadable) else "Aucun établissement n'a ce FINESS."
        typer.echo(sentence, err=True)
        return 2
    report = do_import_residents(site, roster, dry_run=dry_run)
    if as_json:
        say_json(asdict(report))
    else:
        for problem in report.problems:
            _say(f"Ligne {problem.line} : {problem.message}")
        what = "Importé" if report.done else "Rien n'est écrit"
        counts = f"ajouts {report.added}, changements {report.changed}, inchangés {report.unchanged}"
        _say(f"{what} — lignes {report.lines}, {counts}, anomalies {len(report.problems)}")
    return 1 if report.problems else 0


def import_treatments(file: Path, *, finess: str, replace: bool, dry_run: bool, as_json: bool) -> int:
    """A CSV of what residents take, in whole or not at all; 1 when a line cannot be taken, 2 when the file cannot."""
    set_up()
    from liaison.apps.organisations.models import Site
    from liaison.apps.treatments.imports import do_import_treatments
    from liaison.core.notices import Unreadable
    from liaison.core.treatment_list import read_treatment_list

    site = Site.objects.filter(finess=finess).first()
    listed = read_treatment_list(file.read_bytes())
    if site is None or isinstance(listed, Unreadable):
        sentence = listed.notice.message if isinstance(listed, Unreadable) else "Aucun établissement n'a ce FINESS."
        typer.echo(sentence, err=True)
        return 2
    report = do_import_treatments(site, listed, replace=replace, dry_run=dry_run)
    if as_json:
        say_json(asdict(report))
    else:
        for problem in report.problems:
            _say(f"Ligne {problem.line} : {problem.message}")
        what = "Importé" if report.done else "Rien n'est écrit"
        counts = f"ajouts {report.added}, fins {report.ended}, inchangées {report.unchanged}"
        _say(
            f"{what} — {report.residents} résidents, lignes {report.lines}, {counts}, anomalies {len(report.problems)}"
        )
    return 1 if report.problems else 0


def verify_audit(*, as_json: bool, heads: Path | None) -> int:
    """Every chain of the journal; 1 when one is broken."""
    set_up()
    from liaison.apps.audit.verification import verify_chains

    known = json.loads(heads.read_text(encoding="utf-8")) if heads else None
    reports = verify_chains(known)
    if as_json:
        say_json({name: {**asdict(report), "sound": report.sound} for name, report in reports.items()})
    else:
        for name, report in reports.items():
            verdict = "intacte" if report.sound else "ROMPUE"
            _say(f"Chaîne {name} : {report.count} entrées, {verdict}, tête {report.head[:12] or '—'}")
    return 0 if all(report.sound for report in reports.values()) else 1


def _say(line: str) -> None:
    typer.echo(line)


def say_json(value: dict[str, Any]) -> None:
    """One JSON object on the standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))
