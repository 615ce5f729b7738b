"""What the opening of the demo shows, letter by letter and movement by movement: the table of docs/demonstration.md."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from liaison.core.identity.traits import strict_name
from liaison.demo.actors import PARIS
from liaison.demo.hospital.rounds import Planned, opening, sequels
from liaison.demo.identity_cases import corrected, hospital_patient, typed_twice
from liaison.demo.software.diary import TYPED_TWICE, opening_movements
from liaison.demo.world import World
from liaison.demo.world.values import Resident

SOME_DAY = datetime(2026, 11, 22, 12, tzinfo=PARIS)

IDENTITIES = {
    "certain": ("Règle 1 : identité certaine", "Intégrer en un geste"),
    "trait_differs": ("Règle 2 : un trait diffère (904)", "Comparer, puis intégrer ou renvoyer"),
    "incomplete_ins": ("Règle 3 : INS incomplète (905)", "Comparer, puis intégrer ou renvoyer"),
    "no_ins": ("Règle 4 : pas d'INS (903)", "Choisir parmi les candidats"),
    "unknown": ("Règle 5 : inconnu ici (902)", "Renvoyer à l'expéditeur"),
}
FLAWS = {
    "unreadable_zip": ("Archive abîmée", "Le message reste, l'anomalie est dite"),
    "not_xml": ("Archive dont le document n'est pas du XML", "Le PDF joint se lit"),
    "no_attachment": ("Message sans pièce", "Le lire, le marquer comme traité"),
    "empty": ("Message vide", "Le marquer comme traité"),
    "pdf_alone": ("PDF seul, sans archive", "Chercher le résident, intégrer"),
    "unknown_domain": ("Domaine hors de la liste blanche", "Vérifier d'où il vient"),
}
TWISTS = {
    ("copied", 0): ("Lettre ordinaire", "Intégrer"),
    ("copied", 1): ("La même, reçue deux fois", "Rien à faire : doublon montré, jamais intégré"),
    ("corrected", 0): ("Lettre ordinaire, version 1", "L'intégrer, la transmettre"),
    ("corrected", 1): ("Sa version 2", "L'intégrer : la version 1 est barrée, ses destinataires sont listés"),
    ("overtaken", 0): ("Version 2 arrivée la première", "Intégrer"),
    ("overtaken", 1): ("Sa version 1, en retard", "Rien à faire : obsolète"),
    ("cancelled", 0): ("Lettre ordinaire", "Intégrer"),
    ("cancelled", 1): ("Son annulation par l'hôpital", "Accepter ou refuser"),
    ("orphan", 0): ("Remplace une lettre jamais reçue (900)", "Intégrer, ou renvoyer"),
    ("usurped", 0): ("Lettre ordinaire", "Intégrer"),
    ("usurped", 1): ("Remplacée par un autre hôpital (901)", "Renvoyer à l'expéditeur"),
    ("two_patients", 0): ("Deux patients dans une archive", "Chacun se rattache à part, jamais seul"),
    ("not_medical", 0): ("Invitation, sans patient", "L'écarter"),
    ("lacking", 0): ("Lettre incomplète au regard du décret", "Demander ce qui manque"),
}
MOVEMENTS = {
    "A21": "Part à l'hôpital (A21) : « Retours attendus »",
    "A22": "Revient, aucune lettre reçue (A22) : « Lettre manquante »",
    "A01": "Entre à la résidence (A01) : nouveau résident",
    "A08": "Change de chambre (A08)",
    "A28": "Saisi une seconde fois (A28)",
    "A40": "Les deux dossiers fusionnés (A40)",
    "A04": "Entre pour quelques semaines (A04)",
    "A02": "Change de place pour l'hôpital (A02) : « Retours attendus »",
    "A31": "Prénom utilisé mis à jour (A31)",
    "Z99": "Prénom utilisé corrigé avec un mouvement (Z99)",
    "A11": "Entrée annulée (A11) : n'est plus là",
    "A03": "Sort définitivement (A03)",
    "A13": "Sortie annulée (A13) : est de nouveau là",
    "A12": "Changement de place annulé (A12) : n'est plus attendu",
    "A52": "Départ annulé (A52) : n'est plus attendu",
    "A53": "Retour annulé (A53) : de nouveau attendu",
}


@dataclass(frozen=True, slots=True)
class Row:
    who: str
    shows: str
    act: str


def letters(world: World) -> Iterator[Row]:
    """One row for each message of the hospitals' opening and of its sequels, in their order."""
    for planned in (*opening(world), *sequels(world)):
        shows, act = _words(world, planned)
        yield Row(_name(world, planned), shows, act)


def movements(world: World) -> Iterator[Row]:
    """One row for each message of the home's software."""
    for movement in opening_movements(world, SOME_DAY):
        who = _person(movement.resident)
        yield Row(
            who, MOVEMENTS[movement.event], "Sous l'identifiant d'attente" if movement.local_id == TYPED_TWICE else ""
        )


def _words(world: World, planned: Planned) -> tuple[str, str]:
    if planned.twist:
        return TWISTS[planned.twist, planned.step]
    if planned.flaw:
        return FLAWS[planned.flaw]
    if planned.recipient and planned.resident.site == world.home.key:
        return f"Arrivée à {world.sites[1].name}, qui nous la remet", "Intégrer en un geste"
    return _about(world, planned.resident) or _ordinary(world, planned)


def _about(world: World, resident: Resident) -> tuple[str, str] | None:
    """What a resident's own record brings about."""
    if resident.site != world.home.key:
        return f"Résident de {world.site(resident.site).name} : pas d'ici", "Remettre à l'autre établissement"
    if resident == typed_twice(world):
        return "Règle 7 : deux dossiers de la même personne", "Choisir, puis fusionner les dossiers"
    if resident == corrected(world):
        return "Règle 12 : identité antérieure, corrigée depuis (904)", "Comparer, puis intégrer"
    if resident.ins_status != "QUAL":
        return "Règle 6 : identité locale non qualifiée", "Comparer, puis intégrer"
    return None


def _ordinary(world: World, planned: Planned) -> tuple[str, str]:
    shows, act = IDENTITIES[planned.case]
    kind = "Compte rendu en PDF (niveau 1)" if planned.kind == "CRH" else "Lettre structurée (niveau 3)"
    twin = " ; sa jumelle est là aussi" if planned.resident == world.residents[0] else ""
    return f"{kind}. {shows}{twin}", act


def _name(world: World, planned: Planned) -> str:
    if planned.twist == "not_medical" or planned.flaw in {"empty", "no_attachment"}:
        return "—"
    if planned.case == "unknown":
        claimed = hospital_patient(world, planned.resident, world.hospitals[0], case="unknown", number=planned.number)
        return f"{claimed.birth_family} {claimed.birth_given}"
    return _person(planned.resident)


def _person(resident: Resident) -> str:
    """As the subject of a message names him."""
    return f"{strict_name(resident.birth_family)} {strict_name(resident.birth_given)}"


def table(rows: Iterator[Row]) -> str:
    """In Markdown."""
    lines = [f"| {row.who} | {row.shows} | {row.act} |" for row in rows]
    return "\n".join(["| Qui | Ce que le message montre | Ce qu'on en fait |", "| --- | --- | --- |", *lines])
