"""Letters kept earlier, read again by a reader that has improved."""

from collections import Counter
from datetime import date

import typer

from liaison.cli.setting_up import say_json, set_up

SAY_EVERY = 100


def reread(*, since: date | None, as_json: bool) -> int:
    """Read again what an older reader read; 1 when a letter could not be read. Stopped, it goes on where it was."""
    set_up()
    from liaison.apps.blobs.store import BlobDamaged
    from liaison.apps.treatments.rereading import do_reread, documents_to_reread

    states: Counter[str] = Counter()
    for number, document in enumerate(documents_to_reread(since), start=1):
        try:
            reread = do_reread(document)
        except (FileNotFoundError, BlobDamaged):
            states["failed"] += 1
        else:
            states[reread.state if reread else "already"] += 1
        if not as_json and number % SAY_EVERY == 0:
            typer.echo(f"{number} relus…", err=True)
    _say(states, as_json=as_json)
    return 1 if states["failed"] else 0


def _say(states: "Counter[str]", *, as_json: bool) -> None:
    said = {name: states[name] for name in ("same", "taken", "proposed", "failed")}
    if as_json:
        say_json({"read": sum(said.values()) - said["failed"], **said})
    else:
        typer.echo(
            f"Relus : {said['same']} sans changement, {said['taken']} mis à jour (pas encore intégrés),"
            f" {said['proposed']} à regarder, {said['failed']} illisibles"
        )
