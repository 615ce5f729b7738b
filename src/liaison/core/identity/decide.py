"""The numbered rule table: which resident a document is about, and how sure that is.

Sources: référentiel socle MSSanté #2 (ECO.2.1.2); RNIV EXI SI 08 (only a qualified INS goes with its matricule);
error codes 902 to 906 of the ANS guide « Transmission au LPS d'un document CDA provenant d'un courriel MSSanté ».
Only rule 1 may file by itself. Rule 8 is a prohibition that no decision bears: whatever a document says, the identity
the home holds stays as it is and an INS received never qualifies it; the screen says so wherever a trait differs.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from liaison.core.identity.candidates import Candidate, rank_candidates
from liaison.core.identity.ins import ins_coherent, is_valid_ins
from liaison.core.identity.traits import (
    LocalIdentity,
    TraitComparison,
    compare_traits,
    same_strict_traits,
    search_name,
    strict_code,
    strict_date,
)
from liaison.core.notices import Notice
from liaison.core.people import INS_DEMO, INS_NIA, INS_ROOTS, INS_TEST, Patient

__all__ = ["RULES", "Candidate", "Decision", "Kind", "Rule", "decide", "rank_candidates"]

Kind = Literal[
    "certain",
    "trait_differs",
    "incomplete_ins",
    "no_ins",
    "unknown",
    "not_qualified",
    "several",
    "never_overwritten",
    "contradiction",
    "former_identity",
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
    other. ``candidates`` is a work list; ``elsewhere`` another, of residents of other homes of the group: it never
    decides, and is for those only who may know them. ``sentence`` holds no personal data. ``evidence`` compares the
    claim with that resident, trait by trait, and is empty when there is none. ``alerts`` are what to look twice at.
    """

    rule: int
    kind: Kind
    resident_key: str | None
    candidates: tuple[Candidate, ...]
    error_code: str
    sentence: str
    evidence: tuple[TraitComparison, ...]
    alerts: tuple[Notice, ...] = ()
    elsewhere: tuple[Candidate, ...] = ()


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
NEVER_OVERWRITTEN = Rule(
    8,
    "never_overwritten",
    "",
    "L'identité du dossier ne change jamais d'après un document reçu : corrigez-la d'après une pièce d'identité.",
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
FORMER_IDENTITY = Rule(
    12,
    "former_identity",
    "904",
    "Le document porte une identité que le dossier portait avant d'être corrigé : comparez avant de classer.",
)

TWIN = Notice("identity_twin", "Un autre résident a le même nom et la même date de naissance : un jumeau peut-être.")
NAMESAKE = Notice("identity_namesake", "Un autre résident porte les mêmes nom et prénom.")
HOMONYM = Notice("identity_homonym", "L'identité de ce résident porte l'attribut « homonyme ».")
NIA = Notice("identity_nia", "Le document porte un NIA, identifiant d'attente : le NIR l'a peut-être remplacé.")
HOMONYM_ATTRIBUTE = "HOMA"

RULES: tuple[Rule, ...] = (
    CERTAIN,
    TRAIT_DIFFERS,
    INCOMPLETE_INS,
    NO_INS,
    UNKNOWN,
    NOT_QUALIFIED,
    SEVERAL,
    NEVER_OVERWRITTEN,
    CONTRADICTION,
    WRONG_KEY,
    TEST_INS,
    FORMER_IDENTITY,
)


@dataclass(frozen=True, slots=True)
class _Case:
    """What the conditions of the table look at.

    ``matches`` hold the matricule, or all five strict traits; ``former`` held them in an identity since corrected.
    """

    claim: Patient
    matches: tuple[LocalIdentity, ...]
    former: tuple[LocalIdentity, ...]
    evidence: tuple[TraitComparison, ...]
    contradicted: bool
    accept_test_ins: bool

    def has(self, verdict: str) -> bool:
        return any(comparison.verdict == verdict for comparison in self.evidence)


_ORDER: tuple[tuple[Callable[[_Case], bool], Rule], ...] = (
    (lambda case: case.contradicted, CONTRADICTION),
    (lambda case: not _claims_ins(case.claim), NO_INS),
    (lambda case: case.claim.ins_oid in _TEST_ROOTS and not case.accept_test_ins, TEST_INS),
    (lambda case: not case.matches and not case.former, UNKNOWN),
    (lambda case: len(case.matches or case.former) > 1, SEVERAL),
    (lambda case: not case.matches, FORMER_IDENTITY),
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
    elsewhere: Sequence[LocalIdentity] = (),
    contradictions: Sequence[Notice] = (),
    accept_test_ins: bool = False,
) -> Decision:
    """Apply the table to one document; the first rule of ``_ORDER`` that holds decides, rule 1 when none does.

    ``residents`` are all those of the home the document may be about, ``elsewhere`` those of other homes of the group.
    ``contradictions`` are what the caller found at odds inside the message (metadata, CDA, subject).
    ``accept_test_ins`` is for test platforms only.
    """
    if claim is None:
        rule = CONTRADICTION if contradictions else NO_PATIENT
        return Decision(rule.number, rule.kind, None, (), rule.error_code, rule.sentence, ())
    matches = _matches(claim, residents)
    former = () if matches else _former_matches(claim, residents)
    pointed = (matches or former)[0] if len(matches or former) == 1 else None
    evidence = compare_traits(claim, pointed) if pointed else ()
    case = _Case(claim, matches, former, evidence, bool(contradictions), accept_test_ins)
    rule = next((rule for holds, rule in _ORDER if holds(case)), CERTAIN)
    return Decision(
        rule=rule.number,
        kind=rule.kind,
        resident_key=pointed.key if pointed else None,
        candidates=_candidates(claim, residents, matches or former),
        error_code=rule.error_code,
        sentence=_sentence(rule, evidence),
        evidence=evidence,
        alerts=_alerts(claim, pointed, residents),
        elsewhere=_candidates(claim, elsewhere, _matches(claim, elsewhere)),
    )


def _sentence(rule: Rule, evidence: tuple[TraitComparison, ...]) -> str:
    """The sentence of the rule, with the names (never the values) of the traits it stumbles on."""
    verdict = {TRAIT_DIFFERS: {"differs", "not_held"}, INCOMPLETE_INS: {"not_claimed"}}.get(rule, set())
    traits = [comparison.label.lower() for comparison in evidence if comparison.verdict in verdict]
    return f"{rule.sentence.removesuffix('.')} ({', '.join(traits)})." if traits else rule.sentence


def _alerts(claim: Patient, pointed: LocalIdentity | None, residents: Sequence[LocalIdentity]) -> tuple[Notice, ...]:
    """What makes two people easy to take for one another, and what the matricule itself contradicts."""
    if not _claims_ins(claim):
        coherence: tuple[Notice, ...] = ()
    else:
        coherence = ins_coherent(strict_code(claim.ins), claim.sex, claim.birth_date, claim.birth_place)
    others = [other for other in residents if pointed and other.key != pointed.key]
    said = (
        (NIA, claim.ins_oid == INS_NIA),
        (HOMONYM, bool(pointed and HOMONYM_ATTRIBUTE in pointed.attributes)),
        (TWIN, any(pointed and _born_as(pointed, other) for other in others)),
        (NAMESAKE, any(pointed and _named_as(pointed, other) for other in others)),
    )
    return (*(notice for notice, holds in said if holds), *coherence)


def _born_as(one: LocalIdentity, other: LocalIdentity) -> bool:
    date = strict_date(one.birth_date)
    same_family = search_name(one.birth_family) == search_name(other.birth_family)
    return bool(date) and same_family and date == strict_date(other.birth_date)


def _named_as(one: LocalIdentity, other: LocalIdentity) -> bool:
    families = {search_name(name) for name in (one.birth_family, one.used_family) if name}
    givens = {search_name(name) for name in (one.birth_given, one.used_given) if name}
    same_family = bool(families & {search_name(name) for name in (other.birth_family, other.used_family)})
    return same_family and bool(givens & {search_name(name) for name in (other.birth_given, other.used_given)})


def _matches(claim: Patient, residents: Iterable[LocalIdentity]) -> tuple[LocalIdentity, ...]:
    """Those who hold the matricule, and those whose five traits are all equal: a doublon must be seen."""
    return tuple(local for local in residents if _is_same(claim, local))


def _former_matches(claim: Patient, residents: Iterable[LocalIdentity]) -> tuple[LocalIdentity, ...]:
    """Those whom the claim describes as they were before a correction."""
    return tuple(local for local in residents if any(_is_same(claim, former) for former in local.former))


def _is_same(claim: Patient, local: LocalIdentity) -> bool:
    if not _claims_ins(claim):
        return False
    return strict_code(local.ins) == strict_code(claim.ins) or same_strict_traits(claim, local)


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
