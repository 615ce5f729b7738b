"""The commands of those who look after an installation: the test message, the backup, the restoration."""

from dataclasses import asdict
from pathlib import Path

import typer

from liaison.commands import say_json, set_up
from liaison.runtime.backup_file import read_key
from liaison.runtime.errors import RuntimeProblem
from liaison.runtime.paths import Home


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
    from liaison.restoring import restore as restore_into

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
