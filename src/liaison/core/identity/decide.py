"""The numbered rule table: which resident a document is about, and how sure that is.

Sources: référentiel socle MSSanté #2 (ECO.2.1.2); RNIV EXI SI 08 (only a qualified INS goes with its matricule);
error codes 902 to 906 of the ANS guide « Transmission au LPS d'un document CDA provenant d'un courriel MSSanté ».
Only rule 1 may file by itself. No rule changes the local identity: a document's traits never overwrite the home's, and
an INS received never qualifies a resident (that prohibition is rule 8 of the table, and no decision bears it).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from liaison.core.identity.candidates import Candidate, rank_candidates
from liaison.core.identity.ins import is_valid_ins
from liaison.core.identity.traits import (
    LocalIdentity,
    TraitComparison,
    compare_traits,
    same_strict_traits,
    strict_code,
)
from liaison.core.notices import Notice
from liaison.core.people import INS_DEMO, INS_ROOTS, INS_TEST, Patient

__all__ = ["RULES", "Candidate", "Decision", "Kind", "Rule", "decide", "rank_candidates"]

Kind = Literal[
    "certain", "trait_differs", "incomplete_ins", "no_ins", "unknown", "not_qualified", "several", "contradiction"
]

_TEST_ROOTS = frozenset({INS_TEST, INS_DEMO})
_ATTRIBUTES_OF_DOUBT = frozenset({"DOUT", "FICT"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: its number, what it decides, the ANS error code to answer (empty for none), and its French sentence."""

    number: int
    kind: Kind
    error_code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What the table says of one document.

    ``resident_key`` is the resident the rule points to: to file with under rule 1, to compare on the screen under any
    other. ``candidates`` is a work list. ``sentence`` holds no personal data. ``evidence`` compares the claim with
    that resident, trait by trait, and is empty when there is none.
    """

    rule: int
    kind: Kind
    resident_key: str | None
    candidates: tuple[Candidate, ...]
    error_code: str
    sentence: str
    evidence: tuple[TraitComparison, ...]


CERTAIN = Rule(1, "certain", "", "INS qualifiée des deux côtés, tous les traits égaux, un seul résident : c'est lui.")
TRAIT_DIFFERS = Rule(
    2,
    "trait_differs",
    "904",
    "Le matricule INS et les traits ne correspondent pas exactement : comparez avant de classer.",
)
INCOMPLETE_INS = Rule(
    3, "incomplete_ins", "905", "Le document porte un matricule INS sans tous ses traits : comparez avant de classer."
)
NO_INS = Rule(4, "no_ins", "903", "Le document ne porte pas d'INS : choisissez le résident parmi les candidats.")
NO_PATIENT = Rule(4, "no_ins", "903", "Le document ne désigne aucun patient : choisissez le résident à la main.")
UNKNOWN = Rule(
    5, "unknown", "902", "Aucun résident ne porte cette INS : autre site, nouvelle entrée, ou renvoi à l'hôpital."
)
NOT_QUALIFIED = Rule(
    6, "not_qualified", "", "L'identité locale n'est pas qualifiée : comparez les deux identités avant de classer."
)
SEVERAL = Rule(
    7,
    "several",
    "",
    "Plusieurs résidents répondent à cette identité : choisissez, et signalez-le à l'identitovigilance.",
)
CONTRADICTION = Rule(
    9, "contradiction", "906", "Les parties du message ne désignent pas la même personne : vérifiez avant de classer."
)
WRONG_KEY = Rule(
    10,
    "contradiction",
    "906",
    "La clé de contrôle du matricule INS est fausse : comparez les identités avant de classer.",
)
TEST_INS = Rule(11, "contradiction", "906", "L'INS du document est une INS de test : elle ne vaut pas hors des essais.")

RULES: tuple[Rule, ...] = (
    CERTAIN,
    TRAIT_DIFFERS,
    INCOMPLETE_INS,
    NO_INS,
    UNKNOWN,
    NOT_QUALIFIED,
    SEVERAL,
    CONTRADICTION,
    WRONG_KEY,
    TEST_INS,
)


@dataclass(frozen=True, slots=True)
class _Case:
    """What the conditions of the table look at. ``matches`` hold the matricule, or all five strict traits."""

    claim: Patient
    matches: tuple[LocalIdentity, ...]
    evidence: tuple[TraitComparison, ...]
    contradicted: bool
    accept_test_ins: bool

    def has(self, verdict: str) -> bool:
        return any(comparison.verdict == verdict for comparison in self.evidence)


_ORDER: tuple[tuple[Callable[[_Case], bool], Rule], ...] = (
    (lambda case: case.contradicted, CONTRADICTION),
    (lambda case: not _claims_ins(case.claim), NO_INS),
    (lambda case: case.claim.ins_oid in _TEST_ROOTS and not case.accept_test_ins, TEST_INS),
    (lambda case: not case.matches, UNKNOWN),
    (lambda case: len(case.matches) > 1, SEVERAL),
    (lambda case: not is_valid_ins(strict_code(case.claim.ins)), WRONG_KEY),
    (lambda case: case.has("differs"), TRAIT_DIFFERS),
    (lambda case: case.has("not_claimed"), INCOMPLETE_INS),
    (lambda case: not _is_qualified(case.matches[0]), NOT_QUALIFIED),
    (lambda case: case.has("not_held"), TRAIT_DIFFERS),
)


def decide(
    claim: Patient | None,
    residents: Sequence[LocalIdentity],
    *,
    contradictions: Sequence[Notice] = (),
    accept_test_ins: bool = False,
) -> Decision:
    """Apply the table to one document; the first rule of ``_ORDER`` that holds decides, rule 1 when none does.

    ``residents`` are all those the document may be about. ``contradictions`` are what the caller found at odds inside
    the message (metadata, CDA, subject). ``accept_test_ins`` is for test platforms only.
    """
    if claim is None:
        return _decision(CONTRADICTION if contradictions else NO_PATIENT, (), ())
    matches = _matches(claim, residents)
    evidence = compare_traits(claim, matches[0]) if len(matches) == 1 else ()
    case = _Case(claim, matches, evidence, bool(contradictions), accept_test_ins)
    rule = next((rule for holds, rule in _ORDER if holds(case)), CERTAIN)
    return _decision(rule, evidence, _candidates(claim, residents, matches), matches)


def _decision(
    rule: Rule,
    evidence: tuple[TraitComparison, ...],
    candidates: tuple[Candidate, ...],
    matches: tuple[LocalIdentity, ...] = (),
) -> Decision:
    points_to = matches[0].key if len(matches) == 1 else None
    return Decision(rule.number, rule.kind, points_to, candidates, rule.error_code, rule.sentence, evidence)


def _matches(claim: Patient, residents: Iterable[LocalIdentity]) -> tuple[LocalIdentity, ...]:
    """Those who hold the matricule, and those whose five traits are all equal: a doublon must be seen."""
    if not _claims_ins(claim):
        return ()
    matricule = strict_code(claim.ins)
    return tuple(
        local for local in residents if strict_code(local.ins) == matricule or same_strict_traits(claim, local)
    )


def _candidates(
    claim: Patient, residents: Sequence[LocalIdentity], matches: tuple[LocalIdentity, ...]
) -> tuple[Candidate, ...]:
    """The ranked list; those who match stay in it whatever their rank."""
    ranked = rank_candidates(claim, residents)
    seen = {candidate.key for candidate in ranked}
    return ranked + tuple(
        Candidate(local.key, 100, compare_traits(claim, local)) for local in matches if local.key not in seen
    )


def _claims_ins(claim: Patient) -> bool:
    return bool(claim.ins) and claim.ins_oid in INS_ROOTS


def _is_qualified(local: LocalIdentity) -> bool:
    return local.ins_status == "QUAL" and not local.attributes & _ATTRIBUTES_OF_DOUBT
