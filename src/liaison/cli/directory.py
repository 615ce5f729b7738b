"""What the commands about the directory do."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from liaison.cli.setting_up import say_json, set_up

if TYPE_CHECKING:
    from liaison.apps.directory.models import Edition


def import_directory(file: Path, *, smaller: bool, as_json: bool) -> int:
    """Put a national extraction in service; 1 when the file is refused, and then the copy in service stays."""
    set_up()
    from liaison.apps.directory import imports
    from liaison.apps.refusals import Refused

    columns = (TextColumn("{task.description}"), TextColumn("{task.fields[lines]} lignes"), TimeElapsedColumn())
    with Progress(*columns, disable=as_json) as bar:
        task = bar.add_task("Lecture", total=1.0, lines=0)

        def told(progress: imports.Progress) -> None:
            bar.update(task, description=progress.step, completed=progress.share, lines=progress.lines)

        try:
            edition = imports.do_import_extraction(file, told=told, smaller=smaller)
        except Refused as refusal:
            return _refused(str(refusal), as_json=as_json)
    return _done(edition, "adresses", as_json=as_json)


def import_allow_list(file: Path, *, smaller: bool, as_json: bool) -> int:
    """Put a list of trusted domains in service; 1 when it is refused, and then the list in service stays."""
    set_up()
    from liaison.apps.directory.trust import do_take_allow_list
    from liaison.apps.refusals import Refused

    published_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    try:
        edition = do_take_allow_list(file.read_bytes(), published_at=published_at, smaller=smaller)
    except Refused as refusal:
        return _refused(str(refusal), as_json=as_json)
    return _done(edition, "domaines", as_json=as_json)


def update_directory(*, as_json: bool) -> int:
    """Ask the Annuaire Santé API what changed; 1 when it cannot be used, 2 when it is not configured."""
    set_up()
    from liaison.connectors.annuaire_sante import DirectoryError, configured
    from liaison.connectors.annuaire_sante import update_directory as update

    api = configured()
    if api is None:
        typer.echo("Donnez la clé de l'API dans LIAISON_ANNUAIRE_SANTE_KEY.", err=True)
        return 2
    try:
        lines = update(api)
    except DirectoryError as unavailable:
        return _refused(str(unavailable), as_json=as_json)
    if as_json:
        say_json({"done": True, "lines": lines})
    else:
        typer.echo(f"Annuaire mis à jour : {lines} adresses.")
    return 0


def _done(edition: "Edition", what: str, *, as_json: bool) -> int:
    if as_json:
        numbers = {"entries": edition.entries, "lines": edition.lines_read, "left_out": edition.left_out}
        say_json({"done": True, "edition": edition.pk, "published_at": edition.published_at, **numbers})
    else:
        left_out = f", {edition.left_out} lignes écartées" if edition.left_out else ""
        typer.echo(f"En service : {edition.entries} {what}{left_out}.")
    return 0


def _refused(sentence: str, *, as_json: bool) -> int:
    if as_json:
        say_json({"done": False, "refusal": sentence})
    else:
        typer.echo(sentence, err=True)
    return 1
