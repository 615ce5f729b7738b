"""``bin/bench``: what performance and robustness are measured by."""

import argparse
import json
import sys
from collections.abc import Callable

from benchmarks import directory, fuzz, identity, intake, medication, read


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Mesures et épreuves de Liaison.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMANDE")
    _add_read(commands)
    _add_intake(commands)
    _add_fuzz(commands)
    _add_directory(commands)
    _add_identity(commands)
    _add_search(commands)
    _add_faults(commands)
    _add_medication(commands)
    options = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


def _add_read(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("read", help="lire un corpus fabriqué : messages par seconde, étape par étape")
    parser.add_argument("--messages", type=_positive, default=100, metavar="N", help="taille du corpus (100)")
    parser.add_argument("--rounds", type=_positive, default=3, metavar="N", help="passages sur le corpus (3)")
    parser.add_argument("--json", action="store_true", help="les chiffres, pour un programme")
    parser.add_argument(
        "--pdf",
        choices=("small", "letter"),
        default="small",
        help="PDF joint : une page de texte (small), ou la lettre entière en PDF/A, cinq pages et ses polices (letter)",
    )
    parser.set_defaults(run=_read)


def _add_fuzz(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("fuzz", help="chercher avec atheris une entrée qui fait tomber un lecteur")
    parser.add_argument("--seconds", type=_positive, default=60, metavar="N", help="durée par lecteur (60)")
    parser.add_argument("--target", choices=fuzz.TARGETS, help="un seul lecteur")
    parser.add_argument("--json", action="store_true", help="les chiffres, pour un programme")
    parser.set_defaults(run=_fuzz)


def _add_medication(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("medication", help="lire les traitements de lettres fabriquées, en clair et en PDF")
    parser.add_argument("--letters", type=_positive, default=108, metavar="N", help="lettres de chaque corpus (108)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="autre tirage des mêmes formes (0)")
    parser.add_argument("--without-edsnlp", action="store_true", help="sans le pipeline d'edsnlp, long à charger")
    parser.add_argument("--json", action="store_true", help="les chiffres, pour un programme")
    parser.set_defaults(run=_medication)


def _medication(options: argparse.Namespace) -> int:
    measured = medication.measure(options.letters, options.seed, with_edsnlp=not options.without_edsnlp)
    print(json.dumps(measured, ensure_ascii=False, indent=1) if options.json else medication.table(measured))
    return 0


def _add_directory(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("directory", help="importer l'annuaire national et y chercher")
    parser.add_argument("--lines", type=_positive, default=535_000, metavar="N", help="lignes de l'extraction (535000)")
    parser.add_argument("--searches", type=_positive, default=200, metavar="N", help="recherches par sorte (200)")
    parser.add_argument("--json", action="store_true", help="les chiffres, pour un programme")
    parser.set_defaults(run=_directory)


def _add_search(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("search", help="chercher parmi un million de lettres fabriquées, au travers des murs")
    parser.add_argument("--documents", type=_positive, default=1_000_000, metavar="N", help="lettres (1 000 000)")
    parser.add_argument("--rounds", type=_positive, default=5, metavar="N", help="passages sur les recherches (5)")
    parser.add_argument("--json", action="store_true", help="les chiffres, pour un programme")
    parser.set_defaults(run=_search)


def _add_faults(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("faults", help="tuer, couper, remplir pendant le travail, et vérifier du dehors")
    parser.add_argument("--injections", type=_positive, default=100, metavar="N", help="pannes (100)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="graine du hasard (1)")
    parser.add_argument("--no-bugs", action="store_true", help="sans les défauts semés")
    parser.add_argument("--json", action="store_true", help="les chiffres, pour un programme")
    parser.set_defaults(run=_faults)


def _add_identity(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("identity", help="retrouver un résident malgré les erreurs : justesse et temps")
    parser.add_argument("--residents", type=_positive, default=1_000_000, metavar="N", help="résidents (1000000)")
    parser.add_argument("--queries", type=_positive, default=380, metavar="N", help="questions (380)")
    parser.add_argument("--rounds", type=_positive, default=3, metavar="N", help="fois par question (3)")
    parser.add_argument("--alone", action="store_true", help="sans les autres façons de chercher")
    parser.add_argument("--json", action="store_true", help="les chiffres, pour un programme")
    parser.set_defaults(run=_identity)


def _identity(options: argparse.Namespace) -> int:
    measured = identity.measure(options.residents, options.queries, options.rounds, peers=not options.alone)
    print(json.dumps(measured, ensure_ascii=False, indent=1) if options.json else identity.table(measured))
    return 0


def _add_intake(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("intake", help="relever une vraie boîte, à côté de mbsync, getmail6 et offlineimap3")
    parser.add_argument("--messages", type=_positive, default=2000, metavar="N", help="taille du corpus (2000)")
    parser.add_argument("--mailboxes", type=_positive, default=4, metavar="N", help="boîtes où il est réparti (4)")
    parser.add_argument("--residents", type=_positive, default=1000, metavar="N", help="résidents connus (1000)")
    parser.add_argument(
        "--workers", type=_positive, nargs="+", default=[1, 2], metavar="N", help="nombres de processus (1 2)"
    )
    parser.add_argument("--json", action="store_true", help="les chiffres, pour un programme")
    parser.set_defaults(run=_intake)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("un nombre d'au moins 1")
    return number


def _read(options: argparse.Namespace) -> int:
    measured = read.measure(options.messages, options.rounds, options.pdf)
    print(json.dumps(measured, ensure_ascii=False, indent=1) if options.json else read.table(measured))
    return 0


def _intake(options: argparse.Namespace) -> int:
    measured = intake.measure(options.messages, options.workers, options.mailboxes, options.residents)
    print(json.dumps(measured, ensure_ascii=False, indent=1) if options.json else intake.table(measured))
    return 0


def _fuzz(options: argparse.Namespace) -> int:
    targets = (options.target,) if options.target else fuzz.TARGETS
    results = [fuzz.run(target, options.seconds) for target in targets]
    print(json.dumps(results, ensure_ascii=False, indent=1) if options.json else fuzz.table(results))
    return 1 if any(result["crashes"] for result in results) else 0


def _directory(options: argparse.Namespace) -> int:
    measured = directory.measure(options.lines, options.searches)
    print(json.dumps(measured, ensure_ascii=False, indent=1) if options.json else directory.table(measured))
    return 0


def _search(options: argparse.Namespace) -> int:
    from benchmarks import search

    measured = search.measure(options.documents, options.rounds)
    print(json.dumps(measured, ensure_ascii=False, indent=1) if options.json else search.table(measured))
    return 0


def _faults(options: argparse.Namespace) -> int:
    from benchmarks.faults import run

    measured = run.measure(
        options.injections, options.seed, with_bugs=not options.no_bugs, say=lambda line: print(line, file=sys.stderr)
    )
    print(json.dumps(measured, ensure_ascii=False, indent=1) if options.json else run.table(measured))
    return 0 if run.is_sound(measured) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
