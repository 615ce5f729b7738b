"""Which address of a professional a site writes to, and what must be looked at before (core.directory.choice)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from liaison.apps.directory.models import Professional, ProfessionalAddress
from liaison.apps.directory.review import standings_of
from liaison.apps.exchanges.models import Recipient, Reply
from liaison.apps.organisations.models import Site
from liaison.apps.refusals import NotPossible
from liaison.core.directory.choice import ASKS_A_PERSON, Choice, KnownAddress, Standing, choose_address

WORDS = {
    Standing.VANISHED: "n'est plus dans l'annuaire",
    Standing.CHANGED: "est maintenant celle de quelqu'un d'autre",
    Standing.UNTRUSTED: "n'est pas dans l'espace de confiance MSSanté",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One address of a professional, its row and what the rule knows of it."""

    row: ProfessionalAddress
    known: KnownAddress

    @property
    def asks(self) -> bool:
        """Whether a person must look before anything is sent there."""
        return self.known.standing in ASKS_A_PERSON


@dataclass(frozen=True, slots=True)
class Addressing:
    """A professional's addresses, and the one the rule chooses; no choice when there is none to write to."""

    professional: Professional
    options: tuple[Option, ...]
    choice: Choice | None

    @property
    def chosen(self) -> Option | None:
        wanted = self.choice.address.email if self.choice else ""
        return next((option for option in self.options if option.row.email == wanted), None)


def addressings(professionals: Iterable[Professional], site: Site) -> dict[int, Addressing]:
    """The addressing of each professional, by his number, from the history of one site."""
    wanted = list(professionals)
    rows = list(ProfessionalAddress.objects.filter(professional__in=wanted).select_related("professional"))
    standings = standings_of(rows)
    replied, delivered = _replied(wanted, site), _delivered(wanted, site)
    options: dict[int, list[Option]] = {professional.pk: [] for professional in wanted}
    for row in rows:
        history = (row.professional_id, row.email)
        known = KnownAddress(
            row.email,
            standings[row.pk],
            preferred=row.preferred,
            dematerialised=row.dematerialised,
            replied_at=replied.get(history),
            delivered_at=delivered.get(history),
        )
        options[row.professional_id].append(Option(row, known))
    return {
        professional.pk: Addressing(
            professional,
            tuple(options[professional.pk]),
            choose_address([option.known for option in options[professional.pk]]),
        )
        for professional in wanted
    }


def addressing_of(professional: Professional, site: Site) -> Addressing:
    return addressings([professional], site)[professional.pk]


def option_to_use(professional: Professional, site: Site, email: str = "") -> tuple[Option, str]:
    """The address to write to and why: the one a person named, else the rule's. Raises NotPossible, in French."""
    addressing = addressing_of(professional, site)
    named = next((option for option in addressing.options if option.row.email == email.lower()), None)
    if email and named is None:
        raise NotPossible(f"Cette adresse n'est pas connue pour {professional}.")
    option = named or addressing.chosen
    if option is None and not addressing.options:
        raise NotPossible(f"{professional} n'a pas d'adresse MSSanté connue.")
    if option is None or option.known.standing == Standing.UNTRUSTED:
        raise NotPossible(f"L'adresse de {professional} n'est pas dans l'espace de confiance MSSanté.")
    if option.asks:
        raise NotPossible(
            f"L'adresse de {professional} {WORDS[option.known.standing]} : vérifiez-la avec lui, puis confirmez-la."
        )
    chosen = addressing.choice
    return option, "named" if named or chosen is None else str(chosen.rule)


def _replied(professionals: list[Professional], site: Site) -> dict[tuple[int, str], datetime]:
    """When each last wrote to us, by the address he wrote from."""
    replies = Reply.objects.filter(recipient__professional__in=professionals, site=site).exclude(message=None)
    rows = replies.order_by().values_list("recipient__professional", "message__sender").annotate(Max("received_at"))
    return {(number, str(sender).lower()): at for number, sender, at in rows}


def _delivered(professionals: list[Professional], site: Site) -> dict[tuple[int, str], datetime]:
    """When something we sent last arrived at each address."""
    sent = Recipient.objects.filter(professional__in=professionals, transmission__site=site, delivered_at__isnull=False)
    rows = sent.order_by().values_list("professional", "address").annotate(Max("delivered_at"))
    return {(number, address): at for number, address, at in rows if number is not None}
