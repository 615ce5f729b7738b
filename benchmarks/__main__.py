"""``bin/bench``: what performance and robustness are measured by. One line of ``BENCHES`` for each."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a bench: a number unless ``choices`` or ``switch``; ``several`` takes a list of them."""

    default: Any
    text: str
    choices: tuple[str, ...] = ()
    switch: bool = False
    several: bool = False
    least: int = 1


@dataclass(frozen=True, slots=True)
class Bench:
    """``module`` has ``measure``, which takes the options by name, and ``table``; ``sound`` may judge the result."""

    module: str
    text: str
    options: Mapping[str, Option]
    sound: str = ""


BENCHES = {
    "read": Bench(
        "benchmarks.read",
        "lire un corpus fabriqué : messages par seconde, étape par étape",
        {
            "messages": Option(100, "taille du corpus"),
            "rounds": Option(3, "passages sur le corpus"),
            "pdf": Option(
                "small",
                "PDF joint : une page, la même dont une ligne déborde, ou la lettre entière en PDF/A",
                choices=("small", "overflowing", "letter"),
            ),
        },
    ),
    "intake": Bench(
        "benchmarks.intake",
        "relever une vraie boîte, à côté de mbsync, getmail6 et offlineimap3",
        {
            "messages": Option(2000, "taille du corpus"),
            "mailboxes": Option(4, "boîtes où il est réparti"),
            "residents": Option(1000, "résidents connus"),
            "workers": Option([1, 2], "nombres de processus", several=True),
            "scale": Option(None, "le coût d'un message selon ce qui est déjà dans la base, rien d'autre", switch=True),
            "drain": Option(0, "vider une boîte de N petits messages malgré un arrêt, rien d'autre", least=0),
        },
        sound="is_sound",
    ),
    "mailboxes": Bench(
        "benchmarks.mailboxes",
        "surveiller des milliers de boîtes d'un vrai Dovecot",
        {"mailboxes": Option(2000, "boîtes"), "watchers": Option(2, "processus qui les relèvent")},
    ),
    "faults": Bench(
        "benchmarks.faults.run",
        "tuer, couper, remplir pendant le travail, et vérifier du dehors",
        {
            "injections": Option(100, "pannes ; 0 : autant que la durée en laisse", least=0),
            "seed": Option(1, "graine du hasard", least=0),
            "minutes": Option(0, "durée des pannes, sans limite si 0", least=0),
            "peers": Option("demo", "serveurs de messagerie", choices=("demo", "dovecot-postfix")),
            "worlds": Option(0, "processus, un par cœur si 0", least=0),
            "resume": Option(None, "reprendre où la même commande s'est arrêtée", switch=True),
            "no_bugs": Option(None, "sans les défauts semés", switch=True),
        },
        sound="is_sound",
    ),
    "identity": Bench(
        "benchmarks.identity",
        "retrouver un résident malgré les erreurs : justesse et temps",
        {
            "residents": Option(1_000_000, "résidents"),
            "queries": Option(380, "questions"),
            "rounds": Option(3, "fois par question"),
            "alone": Option(None, "sans les autres façons de chercher", switch=True),
        },
    ),
    "search": Bench(
        "benchmarks.search",
        "chercher parmi un million de lettres fabriquées, au travers des murs",
        {"documents": Option(1_000_000, "lettres"), "rounds": Option(5, "passages sur les recherches")},
    ),
    "directory": Bench(
        "benchmarks.directory",
        "importer l'annuaire national et y chercher",
        {"lines": Option(535_000, "lignes de l'extraction"), "searches": Option(200, "recherches par sorte")},
    ),
    "medication": Bench(
        "benchmarks.medication",
        "lire les traitements de lettres fabriquées, en clair et en PDF",
        {
            "letters": Option(108, "lettres de chaque corpus"),
            "seed": Option(0, "autre tirage des mêmes formes", least=0),
            "without_edsnlp": Option(None, "sans le pipeline d'edsnlp, long à charger", switch=True),
        },
    ),
    "facts": Bench(
        "benchmarks.facts.run",
        "lire le séjour, les allergies, les suites de lettres fabriquées, en clair et en PDF",
        {
            "letters": Option(110, "lettres de chaque corpus"),
            "seed": Option(0, "autre tirage des mêmes formes", least=0),
        },
    ),
    "fuzz": Bench(
        "benchmarks.fuzz",
        "chercher avec atheris une entrée qui fait tomber un lecteur",
        {"seconds": Option(60, "durée par lecteur"), "target": Option("", "un seul lecteur", choices=("*",))},
        sound="is_sound",
    ),
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Mesures et épreuves de Liaison.")
    commands = parser.add_subparsers(dest="bench", required=True, metavar="COMMANDE")
    for name, bench in BENCHES.items():
        _add(commands.add_parser(name, help=bench.text), bench)
    chosen = vars(parser.parse_args(arguments))
    bench, as_json = BENCHES[chosen.pop("bench")], chosen.pop("json")
    module = import_module(bench.module)
    measured = module.measure(**chosen)
    print(json.dumps(measured, ensure_ascii=False, indent=1) if as_json else module.table(measured))
    return 0 if not bench.sound or getattr(module, bench.sound)(measured) else 1


def _add(parser: argparse.ArgumentParser, bench: Bench) -> None:
    for name, option in bench.options.items():
        _add_option(parser, "--" + name.replace("_", "-"), option)
    parser.add_argument("--json", action="store_true", help="les chiffres, pour un programme")


def _add_option(parser: argparse.ArgumentParser, flag: str, option: Option) -> None:
    text = f"{option.text} ({option.default})" if option.default else option.text
    if option.switch:
        parser.add_argument(flag, action="store_true", help=text)
    elif option.choices:
        parser.add_argument(flag, choices=_all_of(option.choices), default=option.default, help=text)
    else:
        number = _at_least(option.least)
        nargs = "+" if option.several else None
        parser.add_argument(flag, type=number, nargs=nargs, default=option.default, metavar="N", help=text)


def _all_of(choices: tuple[str, ...]) -> tuple[str, ...]:
    if choices != ("*",):
        return choices
    from benchmarks.fuzz import TARGETS

    return tuple(TARGETS)


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if int(text) < least:
            raise argparse.ArgumentTypeError(f"un nombre d'au moins {least}")
        return int(text)

    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
