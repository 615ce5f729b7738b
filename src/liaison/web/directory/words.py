"""Addresses and their standing in words, for the screens."""

from dataclasses import dataclass

from liaison.apps.directory.models import ProfessionalAddress
from liaison.apps.exchanges.addressing import Addressing, Option
from liaison.core.directory.choice import ASKS_A_PERSON, Rule, Standing

STANDINGS = {
    Standing.LISTED: ("dans l'annuaire", "ok"),
    Standing.UNLISTED: ("absente de l'annuaire, déclarée par une personne", ""),
    Standing.UNVERIFIED: ("non vérifiée : aucune copie de l'annuaire ici", ""),
    Standing.VANISHED: ("disparue de l'annuaire : à vérifier", "bad"),
    Standing.CHANGED: ("appartient maintenant à quelqu'un d'autre : à vérifier", "bad"),
    Standing.CONFIRMED: ("confirmée par une personne", "warn"),
    Standing.UNTRUSTED: ("hors de l'espace de confiance MSSanté : rien n'y part", "bad"),
}
RULES = {
    Rule.REPLIED: "il a répondu de cette adresse",
    Rule.PREFERRED: "adresse préférée",
    Rule.DEMATERIALISED: "accepte la dématérialisation",
    Rule.DELIVERED: "le dernier message y est arrivé",
    Rule.ONLY: "première adresse connue",
}
CHOSEN_BY = {**{str(rule): words for rule, words in RULES.items()}, "named": "choisie par la personne qui envoie"}


@dataclass(frozen=True, slots=True)
class AddressLine:
    """One address on a screen; ``why`` says why the rule chooses it, and is empty for the others."""

    row: ProfessionalAddress
    standing: str
    tone: str
    asks: bool
    usable: bool
    why: str


def address_lines(addressing: Addressing) -> list[AddressLine]:
    """The addresses of a professional, the one the rule chooses first."""
    lines = [_line(addressing, option) for option in addressing.options]
    return sorted(lines, key=lambda line: not line.why)


def _line(addressing: Addressing, option: Option) -> AddressLine:
    standing = option.known.standing
    words, tone = STANDINGS[standing]
    chosen = addressing.choice is not None and addressing.choice.address.email == option.row.email
    return AddressLine(
        row=option.row,
        standing=words,
        tone=tone,
        asks=standing in ASKS_A_PERSON,
        usable=standing not in {*ASKS_A_PERSON, Standing.UNTRUSTED},
        why=RULES[addressing.choice.rule] if chosen and addressing.choice else "",
    )
