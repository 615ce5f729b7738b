"""What takes back a statement: a denial, a supposition, somebody else. Patterns are for folded text."""

import re

_DENIED_BEFORE = re.compile(
    r"(?<![a-z])(?:pas|sans|aucune?s?|absence|ni|non|jamais|nie|neant|exclu\w*|elimin\w*|infirm\w*|ecart\w*)"
    r"(?![a-z])(?:(?!\bmais\b|\bet\b)[^,;.]){0,40}$"
)
_NOTHING = re.compile(
    r"^\W*(?:aucune?s?|neant|ras|rien|non(?! [a-z]+ane)|0|pas|absence|sans|nil|inconnue?s?|nc|n/a|neg\w*|"
    r"a (?:renseigner|completer))(?![a-z])"
)
_SUPPOSED = re.compile(
    r"\?|(?<![a-z])(?:suspicions?|doutes?|suspect\w*|possibles?|probables?|eventuel\w*|hypotheses?|evoqu\w+|envisag\w+|"
    r"a (?:verifier|confirmer|explorer|eliminer|documenter|discuter|rediscuter|preciser)|non (?:confirm\w+|"
    r"retenue?s?|documente\w*)|"
    r"douteu\w+|infirme\w*|ecarte\w*|elimine\w*|exclue?s?|semble\w*|serait|pourrait|incertaine?s?|peut-etre|"
    r"en discussion)(?![a-z])"
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


def is_supposed(plain: str) -> bool:
    """A question, a suspicion, something still to be checked."""
    return bool(_SUPPOSED.search(plain))


def is_of_family(plain: str) -> bool:
    return bool(_FAMILY.search(plain))


def is_on_condition(plain: str) -> bool:
    """« si fièvre », « en cas de chute »: nothing is asked for yet."""
    return bool(_ON_CONDITION.search(plain))
