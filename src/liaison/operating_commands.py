"""The commands of those who look after an installation: the test message, the backup, the restoration."""

import typer

from liaison.commands import say_json, set_up


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
