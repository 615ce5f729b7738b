"""Taking over what another software holds: residents and their treatments, from CSV files."""

from dataclasses import asdict
from pathlib import Path

import typer

from liaison.cli.setting_up import say_json, set_up


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
            typer.echo(f"Ligne {problem.line} : {problem.message}")
        what = "Importé" if report.done else "Rien n'est écrit"
        counts = f"ajouts {report.added}, changements {report.changed}, inchangés {report.unchanged}"
        typer.echo(f"{what} — lignes {report.lines}, {counts}, anomalies {len(report.problems)}")
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
            typer.echo(f"Ligne {problem.line} : {problem.message}")
        what = "Importé" if report.done else "Rien n'est écrit"
        counts = f"ajouts {report.added}, fins {report.ended}, inchangées {report.unchanged}"
        typer.echo(
            f"{what} — {report.residents} résidents, lignes {report.lines}, {counts}, anomalies {len(report.problems)}"
        )
    return 1 if report.problems else 0
