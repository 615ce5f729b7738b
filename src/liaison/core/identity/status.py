"""The statuses of an identity and what each one asks of it (RNIV, EXI SI 07 to 09).

PROV: neither the INSi service called nor a document of identity seen; RECUP: the service alone; VALI: the document
alone; QUAL: both. DOUT (doubtful) and FICT (fictive) go with PROV alone, never together, and never with an INS.
"""

from collections.abc import Callable
from dataclasses import dataclass

from liaison.core.identity.ins import is_valid_ins
from liaison.core.identity.traits import InsStatus, LocalIdentity, strict_code, strict_date, strict_name
from liaison.core.notices import Notice
from liaison.core.people import INS_ROOTS

DOUBTFUL, FICTIVE = "DOUT", "FICT"

PROOFS = {
    "cni": "Carte nationale d'identité",
    "passport": "Passeport",
    "residence_permit": "Titre de séjour",
    "birth_record": "Extrait d'acte de naissance, avec une pièce portant une photo",
    "family_book": "Livret de famille, avec une pièce portant une photo",
}
"""The documents of identity with a high level of trust (RNIV 1; the last two as an EHPAD may admit with)."""

_FACTS: dict[InsStatus, tuple[bool, bool]] = {
    "PROV": (False, False),
    "RECUP": (True, False),
    "VALI": (False, True),
    "QUAL": (True, True),
}
_STATUS_OF: dict[tuple[bool, bool], InsStatus] = {facts: status for status, facts in _FACTS.items()}


def status_after(held: InsStatus, *, traits_changed: bool, insi_called: bool, document_seen: bool) -> InsStatus:
    """The status once a person says what was checked now. What was checked before counts for the same traits only."""
    called_before, seen_before = (False, False) if traits_changed else _FACTS[held]
    return _STATUS_OF[insi_called or called_before, document_seen or seen_before]


@dataclass(frozen=True, slots=True)
class _Requirement:
    holds: Callable[[LocalIdentity], bool]
    notice: Notice


def status_faults(identity: LocalIdentity) -> tuple[Notice, ...]:
    """Why an identity cannot be held so; empty when it can."""
    return tuple(each.notice for each in _REQUIREMENTS if not each.holds(identity))


def _has_ins(identity: LocalIdentity) -> bool:
    return bool(strict_code(identity.ins))


def _from_insi(identity: LocalIdentity) -> bool:
    return _FACTS[identity.ins_status][0]


def _has_every_trait(identity: LocalIdentity) -> bool:
    names = strict_name(identity.birth_family) and strict_name(identity.birth_given)
    return bool(names and strict_date(identity.birth_date) and identity.sex in {"M", "F"} and identity.birth_place)


_REQUIREMENTS = (
    _Requirement(
        lambda of: not _from_insi(of) or (_has_ins(of) and of.ins_oid in INS_ROOTS),
        Notice("status_needs_ins", "Une identité récupérée ou qualifiée porte un matricule INS et sa nature (OID)."),
    ),
    _Requirement(
        lambda of: not _has_ins(of) or is_valid_ins(strict_code(of.ins)),
        Notice("status_wrong_ins", "Le matricule INS est faux (forme ou clé)."),
    ),
    _Requirement(
        lambda of: not _from_insi(of) or _has_every_trait(of),
        Notice("status_needs_traits", "Une identité récupérée ou qualifiée porte les cinq traits stricts."),
    ),
    _Requirement(
        lambda of: not of.attributes & {DOUBTFUL, FICTIVE} or of.ins_status == "PROV",
        Notice("status_of_doubt", "Une identité douteuse ou fictive est provisoire."),
    ),
    _Requirement(
        lambda of: not of.attributes >= {DOUBTFUL, FICTIVE},
        Notice("status_two_doubts", "Une identité est douteuse ou fictive, pas les deux."),
    ),
    _Requirement(
        lambda of: not (of.attributes & {DOUBTFUL, FICTIVE} and _has_ins(of)),
        Notice("status_doubt_with_ins", "Une identité douteuse ou fictive ne porte pas de matricule INS."),
    ),
)
