"""What a document is beside those already held: a first one, a copy, a newer or an older version, a cancellation.

Sources: SC.CDA/INT.18 of the Ségur reference for health software (id, setId and versionNumber); errors 900 and 901 of
the ANS guide « Transmission au LPS d'un document CDA provenant d'un courriel MSSanté ».
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from liaison.core.xdm.values import RequestedAction

Kind = Literal["first", "duplicate", "conflict", "replaces", "obsolete", "cancels", "not_the_last", "other_author"]


@dataclass(frozen=True, slots=True)
class Version:
    """A document as the rules see it. ``writers`` are the identifiers of its authors and of their organisations."""

    key: str
    document_id: str
    set_id: str
    number: int
    sha256: str
    writers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A document that comes in: itself, the identifiers it says it replaces (RPLC), and what its sender asks."""

    version: Version
    replaces: tuple[str, ...] = ()
    action: RequestedAction = "create"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a person is told, and the ANS code the sender may be answered (empty for none)."""

    sentence: str
    error_code: str = ""


@dataclass(frozen=True, slots=True)
class VersionDecision:
    """``held`` is the key of the document concerned, None when none is held."""

    kind: Kind
    held: str | None = None


RULES: MappingProxyType[Kind, Rule] = MappingProxyType(
    {
        "first": Rule("Aucune autre version de ce document n'est connue ici."),
        "duplicate": Rule("Ce document est la copie d'un document déjà reçu."),
        "conflict": Rule(
            "Un document reçu auparavant porte le même identifiant avec un autre contenu : une personne doit comparer."
        ),
        "replaces": Rule("Ce document est une nouvelle version : l'intégrer remplace celle qui est détenue."),
        "obsolete": Rule("Une version plus récente, ou de même numéro, de ce document est déjà détenue."),
        "cancels": Rule("L'expéditeur demande d'annuler un document reçu auparavant : une personne accepte ou refuse."),
        "not_the_last": Rule(
            "L'expéditeur veut remplacer ou annuler une version qui n'est pas la dernière détenue ici.", "900"
        ),
        "other_author": Rule(
            "L'expéditeur n'est ni l'auteur ni l'établissement du document qu'il veut remplacer ou annuler.", "901"
        ),
    }
)


def rule_of(kind: str) -> Rule | None:
    """The rule of a kind as it was written down; None for a document that no rule has looked at."""
    return next((rule for known, rule in RULES.items() if known == kind), None)


def decide_version(arrival: Arrival, held: Sequence[Version]) -> VersionDecision:
    """``held`` are the documents of the same site that share the id or the set of the arrival, or that it replaces."""
    if arrival.action == "cancel":
        return _cancellation(arrival, held)
    same = [each for each in held if _is_same(each, arrival.version)]
    if same:
        return _copy(arrival.version, same)
    known = _comparable(arrival.version, held)
    last = _last(known, arrival.version.set_id)
    if last is not None and arrival.version.number <= last.number and not _strangers(last, arrival.version):
        return VersionDecision("obsolete", last.key)
    return _replacement(arrival, known, last)


def _comparable(new: Version, held: Sequence[Version]) -> Sequence[Version]:
    """The versions of the same writers; without any, those it could claim to replace.

    A version that somebody else numbers higher never makes its author's own obsolete.
    """
    own = [each for each in held if each.writers & new.writers]
    return own or [each for each in held if each.number <= new.number or not _strangers(each, new)]


def _strangers(one: Version, other: Version) -> bool:
    """Whether both say who wrote them, and nobody wrote both."""
    return bool(one.writers and other.writers) and not one.writers & other.writers


def _is_same(held: Version, new: Version) -> bool:
    """The same id and version; without an id, only the same bytes are the same document."""
    if not new.document_id:
        return not held.document_id and held.sha256 == new.sha256
    return (held.document_id, held.number) == (new.document_id, new.number)


def _copy(new: Version, same: Sequence[Version]) -> VersionDecision:
    identical = next((each for each in same if each.sha256 == new.sha256), None)
    return VersionDecision("duplicate", identical.key) if identical else VersionDecision("conflict", same[0].key)


def _replacement(arrival: Arrival, held: Sequence[Version], last: Version | None) -> VersionDecision:
    target = last or _named(held, arrival.replaces)
    if target is None:
        unknown = bool(arrival.replaces) or arrival.action == "replace"
        return VersionDecision("not_the_last" if unknown else "first")
    return _allowed("replaces", arrival.version, target, held)


def _cancellation(arrival: Arrival, held: Sequence[Version]) -> VersionDecision:
    named = _named(held, (arrival.version.document_id, *arrival.replaces))
    target = named or _last(held, arrival.version.set_id)
    return VersionDecision("not_the_last") if target is None else _allowed("cancels", arrival.version, target, held)


def _allowed(kind: Kind, new: Version, target: Version, held: Sequence[Version]) -> VersionDecision:
    """Only the last version held, and only by its author or the author's organisation."""
    last = _last(held, target.set_id)
    if last is not None and last.number > target.number:
        return VersionDecision("not_the_last", last.key)
    if not new.writers & target.writers:
        return VersionDecision("other_author", target.key)
    return VersionDecision(kind, target.key)


def _named(held: Sequence[Version], ids: Sequence[str]) -> Version | None:
    found = (each for each in held if each.document_id and each.document_id in ids)
    return max(found, key=lambda each: each.number, default=None)


def _last(held: Sequence[Version], set_id: str) -> Version | None:
    """The highest version of a set; the first received of those that bear the same number."""
    found = (each for each in held if set_id and each.set_id == set_id)
    return max(found, key=lambda each: each.number, default=None)
