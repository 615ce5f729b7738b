"""Which of a professional's addresses to write to, and what a person must look at before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """What the directory says of an address now."""

    LISTED = "listed"
    UNLISTED = "unlisted"
    """Never seen in the directory: declared by a person (red list, too new)."""
    UNVERIFIED = "unverified"
    """There is no copy of the directory to look into."""
    VANISHED = "vanished"
    CHANGED = "changed"
    """It is somebody else's now."""
    CONFIRMED = "confirmed"
    """Vanished or changed, and a person has said to use it all the same."""
    UNTRUSTED = "untrusted"
    """Its domain is not in the trust circle: nothing is sent there."""


ASKS_A_PERSON = frozenset({Standing.VANISHED, Standing.CHANGED})
USABLE = frozenset({Standing.LISTED, Standing.UNLISTED, Standing.UNVERIFIED, Standing.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Watched:
    """What we know of an address before looking: whose it is, and what became of it in the former copies."""

    national_id: str
    seen_before: bool
    confirmed_for: str = ""
    """The standing a person has confirmed the address in spite of."""


def standing_of(watched: Watched, holders: Sequence[str], *, has_copy: bool, trusted: bool) -> Standing:
    """The standing of an address whose ``holders`` are the national identifiers the copy lists it under.

    An address on several lines (169 in the national extraction) is listed as soon as one of them is its professional's.
    """
    if not trusted:
        return Standing.UNTRUSTED
    if not has_copy:
        return Standing.UNVERIFIED
    found = _in_the_copy(watched, holders)
    return Standing.CONFIRMED if found in ASKS_A_PERSON and watched.confirmed_for == found else found


def _in_the_copy(watched: Watched, holders: Sequence[str]) -> Standing:
    if not holders:
        return Standing.VANISHED if watched.seen_before else Standing.UNLISTED
    if watched.national_id and watched.national_id not in holders:
        return Standing.CHANGED
    return Standing.LISTED


class Rule(StrEnum):
    """Why an address was chosen, in the order the rules are tried."""

    REPLIED = "replied"
    PREFERRED = "preferred"
    DEMATERIALISED = "dematerialised"
    DELIVERED = "delivered"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """One address of a professional, and the history of what we sent there."""

    email: str
    standing: Standing
    preferred: bool = False
    dematerialised: bool = False
    replied_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    address: KnownAddress
    rule: Rule


def choose_address(addresses: Sequence[KnownAddress]) -> Choice | None:
    """The address to write to, and the rule that chose it; None when there is none.

    The one he last replied from, else the preferred one, else one that accepts paperless mail, else the one where the
    last message arrived, else the first. An address that can be used comes before one a person must look at; one
    outside the trust circle is never chosen.
    """
    usable = [address for address in addresses if address.standing in USABLE]
    asking = [address for address in addresses if address.standing in ASKS_A_PERSON]
    return _best(usable) or _best(asking)


def _best(addresses: Sequence[KnownAddress]) -> Choice | None:
    replied = [address for address in addresses if address.replied_at]
    if replied:
        return Choice(max(replied, key=lambda address: _seconds(address.replied_at)), Rule.REPLIED)
    for rule, wanted in ((Rule.PREFERRED, "preferred"), (Rule.DEMATERIALISED, "dematerialised")):
        found = [address for address in addresses if getattr(address, wanted)]
        if found:
            return Choice(_last_delivered(found), rule)
    delivered = [address for address in addresses if address.delivered_at]
    if delivered:
        return Choice(_last_delivered(delivered), Rule.DELIVERED)
    return Choice(addresses[0], Rule.ONLY) if addresses else None


def _last_delivered(addresses: Sequence[KnownAddress]) -> KnownAddress:
    """Among equals, the one that last worked, else the first."""
    return max(addresses, key=lambda address: _seconds(address.delivered_at))


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
