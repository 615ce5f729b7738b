"""What takes back a statement: a denial, somebody else; and what makes it doubtful: a supposition, a condition.

Patterns are for folded text.
"""

import re

SUPPOSED = "supposé, non affirmé"
REPORTED = "rapporté, non vérifié"
CONDITIONAL = "sous condition"
FORMER = "ancien : l'état actuel n'est pas dit"
_DENIED_BEFORE = re.compile(
    r"(?<![a-z])(?:pas|sans|aucune?s?|absence|ni|non|jamais|nie|neant|exclu\w*|elimin\w*|infirm\w*|ecart\w*)"
    r"(?![a-z])(?:(?!\bmais\b|\bet\b)[^,;.]){0,40}$"
)
_NOTHING = re.compile(
    r"^\W*(?:aucune?s?|neant|ras|rien|non(?! [a-z]+ane)|0|pas|absence|sans|nil|inconnue?s?|nc|n/a|neg\w*|"
    r"a (?:renseigner|completer))(?![a-z])"
)
_RULED_OUT = re.compile(r"(?<![a-z])(?:non retenue?s?|infirme\w*|ecarte\w*|elimine(?!r)\w*|exclue?s?)(?![a-z])")
_SUPPOSED = re.compile(
    r"\?|(?<![a-z])(?:suspicions?|doutes?|suspect\w*|possibles?|probables?|eventuel\w*|hypotheses?|evoqu\w+|envisag\w+|"
    r"a (?:verifier|confirmer|explorer|eliminer|documenter|discuter|rediscuter|preciser|reconsiderer|tester)|"
    r"non (?:confirm\w+|documente\w*|prouve\w*)|sans (?:preuve|certitude|confirmation)|"
    r"douteu\w+|semble\w*|serait|pourrait|incertaine?s?|peut-etre|en discussion)(?![a-z])"
)
_REPORTED = re.compile(
    r"(?<![a-z])(?:(?:rapporte|signale|declare|mentionne|decrite?)e?s? par|selon|d'apres|aux dires d[eu]) "
    r"(?:la |le |l'|sa |son |ses |les )?(?:famille|patiente?|entourage|proches?|filles?|fils|epouse|epoux|mari|mere|"
    r"pere|soeur|seur|frere|aidante?)(?![a-z])|(?<![a-z])se (?:dit|declare|pense)(?![a-z])"
)
_FAMILY = re.compile(
    r"(?<![a-z])(?:mere|pere|soeur|seur|frere|fille|(?:son|le|leur|un) fils|conjointe?|epouse|epoux|mari|"
    r"grand-?(?:mere|pere)|"
    r"cousine?|familia(?:l|le|ux|les)|aidante?|voisine?)(?![a-z])"
)
_ON_CONDITION = re.compile(
    r"(?<![a-z])(?:si |s'il|en cas de|en cas d'|au besoin|selon l'evolution|a la demande|sous reserve|a defaut)"
)


def is_denied(before: str) -> bool:
    """Whether what precedes a statement, in its sentence, denies it: « pas de », « aucune », « absence de »."""
    return bool(_DENIED_BEFORE.search(before))


def says_nothing(plain: str) -> bool:
    """« aucune connue », « néant », « RAS » after a heading."""
    return bool(_NOTHING.search(plain))


def is_ruled_out(plain: str) -> bool:
    """« infirmée », « éliminé »: looked into, and not so."""
    return bool(_RULED_OUT.search(plain))


def is_supposed(plain: str) -> bool:
    """A question, a suspicion, something still to be checked."""
    return bool(_SUPPOSED.search(plain))


def before_supposing(plain: str) -> int:
    """Where what is supposed ends: « au paracétamol, à reconsidérer » is about paracetamol."""
    found = _SUPPOSED.search(plain) or _REPORTED.search(plain)
    return found.start() if found else len(plain)


def is_of_family(plain: str) -> bool:
    """Somebody else; not what a relative reports of the patient."""
    return bool(_FAMILY.search(_REPORTED.sub("", plain)))


def is_on_condition(plain: str) -> bool:
    """« si fièvre », « en cas de chute »: nothing is asked for yet."""
    return bool(_ON_CONDITION.search(plain))


def doubts_of(plain: str) -> tuple[str, ...]:
    """What makes a statement doubtful in the letter itself, in French; empty when it is stated."""
    held = ((SUPPOSED, is_supposed(plain)), (REPORTED, bool(_REPORTED.search(plain))))
    return tuple(doubt for doubt, holds in held if holds)
