"""The command line. Each command says in French what it cannot do, and exits with 2 then."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from liaison.runtime.errors import RuntimeProblem

app = typer.Typer(
    name="liaison",
    help="Liaison : les retours d'hospitalisation en EHPAD, de la messagerie au dossier.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
audit = typer.Typer(help="Le journal infalsifiable.", no_args_is_help=True)
app.add_typer(audit, name="audit")
taking_over = typer.Typer(help="Reprendre des données d'un autre logiciel.", no_args_is_help=True)
app.add_typer(taking_over, name="import")

Json = Annotated[bool, typer.Option("--json", help="Une sortie pour les programmes.")]
Reset = Annotated[bool, typer.Option("--reset", help="Efface la démonstration et recommence.")]


def main() -> None:
    """The entry point: a refusal of the machine is a sentence and exit code 2, not a traceback."""
    try:
        app()
    except RuntimeProblem as problem:
        typer.echo(str(problem), err=True)
        sys.exit(2)


@app.command()
def demo(
    headless: Annotated[bool, typer.Option(help="N'ouvre pas de navigateur.")] = False,
    reset: Reset = False,
    port: Annotated[int, typer.Option(help="Port des écrans.")] = 8000,
    free_ports: Annotated[bool, typer.Option(help="Prend des ports libres pour la messagerie.")] = False,
    answer_after: Annotated[float, typer.Option(help="Secondes qu'un médecin met à répondre.")] = 20.0,
) -> None:
    """Le monde du dépliant, en marche : opérateurs, hôpitaux, EHPAD, médecins."""
    from liaison.demo.run import run

    run(headless=headless, reset=reset, port=port, free_ports=free_ports, answer_after=answer_after)


@app.command()
def scenario(json: Json = False, reset: Reset = False) -> None:
    """Joue une fois tout le chemin, de la signature à la décision, et en montre les preuves."""
    from liaison.demo.scenario import run

    raise typer.Exit(run(as_json=json, reset=reset))


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port d'écoute.")] = 8000,
    host: Annotated[str, typer.Option(help="Adresse d'écoute.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="Nombre de processus.")] = 1,
) -> None:
    """Sert les écrans."""
    from liaison.cli import processes

    processes.serve(host=host, port=port, workers=workers)


@app.command()
def worker(concurrency: Annotated[int, typer.Option(help="Tâches en même temps.")] = 4) -> None:
    """Exécute les tâches : lecture, rapprochement, envois, balayages."""
    from liaison.cli import processes

    processes.worker(concurrency=concurrency)


@app.command()
def watch() -> None:
    """Relève les boîtes au fil de l'eau (IDLE, sinon à intervalle)."""
    from liaison.cli import processes

    processes.watch()


@app.command()
def mllp(
    site: Annotated[str, typer.Option(help="FINESS de l'établissement dont le logiciel envoie.")],
    port: Annotated[int, typer.Option(help="Port d'écoute.")] = 2575,
    host: Annotated[
        str, typer.Option(help="Adresse d'écoute : MLLP n'authentifie pas, sans TLS, gardez la boucle locale.")
    ] = ("127.0.0.1"),
    certificate: Annotated[Path | None, typer.Option(help="Notre certificat (PEM), pour TLS mutuel.")] = None,
    key: Annotated[Path | None, typer.Option(help="Sa clé privée (PEM).")] = None,
    authority: Annotated[Path | None, typer.Option(help="L'autorité du certificat de l'émetteur (PEM).")] = None,
    outside: Annotated[
        list[str] | None, typer.Option(help="Lieu d'un A02 qui veut dire l'hôpital (répétable).")
    ] = None,
) -> None:
    """Reçoit les messages HL7 (ADT, IHE PAM) du logiciel de l'établissement ; en TLS mutuel avec les trois fichiers."""
    from liaison.cli import processes

    files = [file for file in (certificate, key, authority) if file]
    if files and (certificate is None or key is None or authority is None):
        typer.echo("TLS demande les trois fichiers : --certificate, --key et --authority.", err=True)
        raise typer.Exit(2)
    tls = (certificate, key, authority) if certificate and key and authority else None
    raise typer.Exit(processes.mllp(finess=site, host=host, port=port, tls_files=tls, outside=outside or []))


@app.command()
def drain(json: Json = False) -> None:
    """Relève chaque boîte une fois et lit tout ce qui attend."""
    from liaison.cli import processes

    raise typer.Exit(processes.drain(as_json=json))


@app.command()
def status(json: Json = False) -> None:
    """Dit où en sont les boîtes, la lecture et les envois."""
    from liaison.cli import operating

    raise typer.Exit(operating.status(as_json=json))


@app.command()
def selfcheck(
    mailbox: Annotated[str, typer.Option(help="Une seule boîte, par son adresse ; sinon une par établissement.")] = "",
    patience: Annotated[float, typer.Option(help="Secondes d'attente du retour.")] = 120.0,
    json: Json = False,
) -> None:
    """Fait faire un tour à un message d'essai (envoi, retour, lecture) ; 1 quand il ne revient pas."""
    from liaison.cli import operating

    raise typer.Exit(operating.selfcheck(address=mailbox, patience=patience, as_json=json))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="Le fichier à écrire.")],
    key: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="Clé de 32 octets (openssl rand -base64 32).")],
    keys: Annotated[bool, typer.Option(help="Y mettre aussi la clé des pièces.")] = True,
    json: Json = False,
) -> None:
    """Sauvegarde la base et les pièces dans un fichier chiffré, puis le relit en entier."""
    from liaison.cli import operating

    raise typer.Exit(operating.backup(file, key=key, with_keys=keys, as_json=json))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FICHIER", exists=True, dir_okay=False, help="Une sauvegarde.")],
    key: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="La clé avec laquelle elle a été faite.")],
    json: Json = False,
) -> None:
    """Restaure une sauvegarde dans une installation vide (LIAISON_HOME, DATABASE_URL)."""
    from liaison.cli import operating

    raise typer.Exit(operating.restore(file, key=key, as_json=json))


@app.command()
def purge(
    mailbox: Annotated[str, typer.Argument(metavar="ADRESSE", help="La boîte.")],
    days: Annotated[
        int | None, typer.Option(help="Jours au bout desquels un message relevé, lu et sauvegardé est effacé.")
    ] = None,
    json: Json = False,
) -> None:
    """Règle l'effacement chez l'opérateur des messages sauvegardés ; sans --days, rien n'est effacé (le défaut)."""
    from liaison.cli import operating

    raise typer.Exit(operating.purge(address=mailbox, days=days, as_json=json))


@app.command()
def reread(
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Seulement les messages reçus depuis ce jour.")
    ] = None,
    json: Json = False,
) -> None:
    """Relit les lettres lues par un lecteur plus ancien ; propose ce qui diffère, sans toucher à rien de décidé."""
    from liaison.cli import rereading

    raise typer.Exit(rereading.reread(since=since.date() if since else None, as_json=json))


@app.command()
def inspect(
    files: Annotated[list[str], typer.Argument(metavar="FICHIER...", help="Message .eml, IHE_XDM.ZIP, CDA ou PDF.")],
    json: Json = False,
    trust: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Dossier des autorités (PEM) dont on reconnaît les signatures."
        ),
    ] = None,
) -> None:
    """Lit des fichiers et dit tout ce qu'ils contiennent, sans rien garder."""
    from liaison.cli import documents

    raise typer.Exit(documents.inspect(files, as_json=json, trust=trust))


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FICHIER...", help="Message .eml, IHE_XDM.ZIP, CDA ou PDF.")],
    json: Json = False,
    schematron: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Dossier des schématrons de l'ANS, appliqués en plus."),
    ] = None,
) -> None:
    """Vérifie des fichiers contre les règles CDA, XDM et MSSanté ; 1 quand l'un d'eux porte une erreur."""
    from liaison.cli import documents

    raise typer.Exit(documents.check(files, as_json=json, schematron=schematron))


@taking_over.command("residents")
def import_residents(
    file: Annotated[Path, typer.Argument(metavar="FICHIER.csv", exists=True, dir_okay=False, help="Un fichier CSV.")],
    site: Annotated[str, typer.Option(help="FINESS de l'établissement.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Dit ce qui serait fait, sans rien écrire.")] = False,
    json: Json = False,
) -> None:
    """Ajoute ou met à jour des résidents : tout le fichier, ou rien ; 1 quand une ligne ne peut pas être prise."""
    from liaison.cli import imports

    raise typer.Exit(imports.import_residents(file, finess=site, dry_run=dry_run, as_json=json))


@taking_over.command("treatments")
def import_treatments(
    file: Annotated[Path, typer.Argument(metavar="FICHIER.csv", exists=True, dir_okay=False, help="Un fichier CSV.")],
    site: Annotated[str, typer.Option(help="FINESS de l'établissement.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Le fichier est tout le traitement des résidents qu'il nomme.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Dit ce qui serait fait, sans rien écrire.")] = False,
    json: Json = False,
) -> None:
    """Reprend les traitements en cours : tout le fichier, ou rien ; 1 quand une ligne ne peut pas être prise."""
    from liaison.cli import imports

    raise typer.Exit(imports.import_treatments(file, finess=site, replace=replace, dry_run=dry_run, as_json=json))


@taking_over.command("directory")
def import_directory(
    file: Annotated[Path, typer.Argument(metavar="FICHIER", exists=True, dir_okay=False, help="Zip ou texte.")],
    smaller: Annotated[bool, typer.Option("--smaller", help="Accepte une copie bien plus petite.")] = False,
    json: Json = False,
) -> None:
    """Met en service une extraction nationale de l'annuaire MSSanté ; 1 quand elle est refusée."""
    from liaison.cli import directory

    raise typer.Exit(directory.import_directory(file, smaller=smaller, as_json=json))


@taking_over.command("allow-list")
def import_allow_list(
    file: Annotated[Path, typer.Argument(metavar="FICHIER.xml", exists=True, dir_okay=False, help="La liste (XML).")],
    smaller: Annotated[bool, typer.Option("--smaller", help="Accepte une liste bien plus petite.")] = False,
    json: Json = False,
) -> None:
    """Met en service la liste blanche des domaines MSSanté ; 1 quand elle est refusée."""
    from liaison.cli import directory

    raise typer.Exit(directory.import_allow_list(file, smaller=smaller, as_json=json))


@taking_over.command("annuaire-sante")
def update_directory(json: Json = False) -> None:
    """Demande à l'API Annuaire Santé ce qui a changé ; 1 quand elle ne répond pas, 2 sans clé."""
    from liaison.cli import directory

    raise typer.Exit(directory.update_directory(as_json=json))


@audit.command("verify")
def audit_verify(
    json: Json = False,
    heads: Annotated[Path | None, typer.Option(help="Têtes de chaîne gardées ailleurs (JSON).")] = None,
) -> None:
    """Vérifie chaque chaîne du journal, maillon par maillon."""
    from liaison.cli import operating

    raise typer.Exit(operating.verify_audit(as_json=json, heads=heads))
