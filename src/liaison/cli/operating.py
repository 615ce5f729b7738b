"""For those who look after an installation: where it stands, test message, backup, restoration, purge, journal."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from liaison.cli.setting_up import say_json, set_up
from liaison.runtime.backup_file import read_key
from liaison.runtime.errors import RuntimeProblem
from liaison.runtime.paths import Home

if TYPE_CHECKING:
    from liaison.apps.operations.status import Status


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
            polled = f"relevée le {one.polled_at:%d/%m/%Y à %H:%M:%S}" if one.polled_at else "jamais relevée"
            counts = f"{one.on_server} sur le serveur, {one.in_ledger} au registre"
            typer.echo(f"{one.address} : {counts}, {polled} {one.failure}".rstrip())
        typer.echo(f"À lire : {now.unread} ; lectures en échec : {now.failed_readings}")
        for copy in now.copies:
            refused = f" ; dernier fichier refusé : {copy.refusal}" if copy.refusal else ""
            typer.echo(f"{copy.label} : {copy.entries} lignes, publiée le {copy.published_at:%d/%m/%Y %H:%M}{refused}")
        typer.echo(f"Adresses à vérifier : {now.addresses_to_check} ; envois retenus : {now.held}")
        for check in now.self_checks:
            typer.echo(f"Message d'essai de {check.address} : {check.state} {check.detail}".rstrip())
        typer.echo(f"À envoyer : {now.to_send} ; à vérifier : {now.in_doubt} ; en échec : {now.failed_sendings}")
        _say_who_works(now)
    return 1 if drifting or failing or now.failed_readings or now.in_doubt or now.failed_sendings or now.held else 0


def _say_who_works(now: "Status") -> None:
    for queue in now.queues:
        since = f", la plus ancienne depuis le {queue.oldest:%d/%m/%Y %H:%M:%S}" if queue.oldest else ""
        typer.echo(f"File {queue.name} : {queue.waiting} à faire{since} ; {queue.running} en cours")
    typer.echo(f"Processus de travail vivants : {now.workers} ; de relève : {now.watchers}")
    for beat in now.heartbeats:
        lives = "" if beat.lives else " (ne bat plus)"
        typer.echo(f"Relève {beat.name} : {beat.mailboxes} boîtes, battement de {beat.seen_at:%H:%M:%S}{lives}")


def selfcheck(*, address: str, patience: float, as_json: bool) -> int:
    """A test message round, for each site or for one mailbox; 1 when one does not come back, 2 when none is known."""
    set_up()
    from liaison.apps.mailboxes.models import Mailbox
    from liaison.apps.operations.self_check import check_now, mailboxes_to_check

    chosen = list(Mailbox.objects.filter(address=address, active=True)) if address else mailboxes_to_check()
    if not chosen:
        typer.echo("Aucune boîte relevée n'est à essayer.", err=True)
        return 2
    checks = [check_now(mailbox, patience=patience) for mailbox in chosen]
    for check in checks:
        if as_json:
            said = {"mailbox": check.mailbox.address, "state": check.state, "seconds": check.seconds}
            say_json({**said, "detail": check.detail})
        else:
            line = f"{check.mailbox.address} : {check.get_state_display()} {_steps(check.seconds)} {check.detail}"
            typer.echo(line.rstrip())
    return 1 if any(check.state != "passed" for check in checks) else 0


def _steps(seconds: dict[str, float]) -> str:
    names = {"send": "envoi", "receive": "retour", "read": "lecture"}
    return ", ".join(f"{names[step]} {took:.1f} s".replace(".", ",") for step, took in seconds.items())


def backup(file: Path, *, key: Path, with_keys: bool, as_json: bool) -> int:
    """Database and blobs in one sealed file, read again to its end before it counts."""
    sealing = read_key(key)
    if file.exists():
        raise RuntimeProblem(f"{file} existe déjà : une sauvegarde n'en remplace jamais une autre.")
    set_up()
    from liaison.apps.operations.backup import do_backup

    report = do_backup(file, key=sealing, with_keys=with_keys)
    if as_json:
        say_json(asdict(report))
    else:
        typer.echo(f"{report.file} : {report.size} octets, {report.blobs} pièces, relue et vérifiée")
    return 0


def restore(file: Path, *, key: Path, as_json: bool) -> int:
    """An empty installation becomes the one that was saved."""
    from liaison.cli.restoring import restore as restore_into

    restored = restore_into(file, key=read_key(key), home=Home.current())
    set_up()
    from liaison.apps.operations.setup import migrate

    applied = migrate()
    if as_json:
        say_json({**asdict(restored), "migrations": applied})
    else:
        typer.echo(f"Restaurée : la sauvegarde du {restored.made_at}, {restored.blobs} pièces, {applied} migrations")
    return 0


def purge(*, address: str, days: int | None, as_json: bool) -> int:
    """Say after how many days saved messages are erased at the operator; 2 when there is no such mailbox."""
    set_up()
    from liaison.apps.mailboxes.models import Mailbox
    from liaison.apps.operations.purge import do_set_purge
    from liaison.apps.refusals import NotAllowed

    mailbox = Mailbox.objects.filter(address=address).select_related("site").first()
    if mailbox is None:
        typer.echo("Aucune boîte n'a cette adresse.", err=True)
        return 2
    try:
        do_set_purge(mailbox, days=days)
    except NotAllowed as refused:
        typer.echo(str(refused), err=True)
        return 2
    if as_json:
        say_json({"mailbox": address, "purge_after_days": days})
    else:
        after = "rien n'est effacé chez l'opérateur" if days is None else f"effacés chez l'opérateur après {days} jours"
        typer.echo(f"{address} : {after}")
    return 0


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
            typer.echo(f"Chaîne {name} : {report.count} entrées, {verdict}, tête {report.head[:12] or '—'}")
    return 0 if all(report.sound for report in reports.values()) else 1
