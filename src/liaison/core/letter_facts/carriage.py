"""Resistant bacteria the resident carries (BMR, BHRe); what is suspected or of the past is doubtful."""

import re
from collections.abc import Iterator

from liaison.core.letter_facts.doubt import FORMER, doubts_of, is_denied, is_of_family, is_ruled_out, is_supposed
from liaison.core.letter_facts.sentences import Sentence
from liaison.core.letter_facts.values import ReadFact
from liaison.core.letter_facts.writing import fact_from, tidy
from liaison.core.medication.from_text.folding import folded

_NAMES = re.compile(
    r"(?<![a-z])(?:bmr|bhre?|e?-?blse|epc|erv|erg|vre|sarm|samr|carbapenemases?|oxa-?48|kpc|ndm(?:-?1)?|"
    r"bacteries? (?:hautement |multi-? ?)resistantes?\w*|enterobacteri\w+ (?:productrice|secretrice)\w*|"
    r"enterocoques? resistants?)(?![a-z])"
)
_POSITIVE = re.compile(
    r"(?<![a-z])(?:porteu(?:r|se)|portage|colonis\w+|positi\w+|oui|infect\w+|isole\w*|retrouv\w+|identifi\w+|"
    r"mise? en evidence|presence|documente\w*|e\.? ?coli|escherichia|klebsiella|enterobacter|citrobacter|"
    r"pseudomonas|staphylo\w+|enterococcus|acinetobacter|proteus|hemocultures?|cutanee?s?|nasale?s?|rectale?s?|urinaires?|ecbu|ecouvillon\w*)(?![a-z])"
)
_NEGATIVE = re.compile(
    r"(?<![a-z\d])(?:negati\w+|non(?! connu)|aucune?|absence|absente?s?|pas|sans|ni|neant|indemne|leve\w*|0|"
    r"jamais|ras)(?![a-z\d])"
)
_NOT_YET = re.compile(
    r"(?<![a-z])(?:en cours|en attente|a (?:faire|realiser|prevoir|controler|rechercher|recuperer)|prevue?|"
    r"(?:cas|sujet) contacts?|contacts? (?=d[eu']|avec|bhre?|bmr)[a-z]+|risque de|"
    r"inconnue?|non (?:recherche\w*|connue?|fait|realise\w*|renseigne\w*)|"
    r"surveillance|"
    r"attendus?)(?![a-z])"
)
_FORMER = re.compile(r"(?<![a-z])(?:anciens?|antecedents?|ex-?porteu\w+|historique)(?![a-z])")
_NEGATED = re.compile(r"(?<![a-z])negativ\w+")
_CLAUSES = re.compile(r"[,;]|(?<![a-z])mais(?![a-z])|(?<=\))\s+(?:et\s+)?(?=bhre|bmr)")


def carriage_in(sentence: Sentence) -> Iterator[ReadFact]:
    """At most one: the first clause that says it. A search, a contact, a result to come say nothing yet."""
    whole = f"{sentence.title} {sentence.text}".strip() if sentence.part == "carriage" else sentence.text
    plain = folded(whole)
    if is_of_family(plain) or (_FORMER.search(plain) and _NEGATED.search(plain)):
        return
    carried = ""
    for start, end in _clauses(plain):
        clause = plain[start:end]
        named = _NAMES.search(clause) or (carried and sentence.part == "carriage")
        carried = carried or (clause if _NAMES.search(clause) else "")
        if named and _is_said(clause):
            former = (FORMER,) if _FORMER.search(clause) else ()
            yield fact_from("carriage", sentence, label=tidy(whole[start:end]), doubts=(*doubts_of(clause), *former))
            return


def _clauses(plain: str) -> Iterator[tuple[int, int]]:
    at = 0
    for found in _CLAUSES.finditer(plain):
        if plain[at : found.start()].count("(") > plain[at : found.start()].count(")"):
            continue
        yield at, found.start()
        at = found.end()
    yield at, len(plain)


def _is_said(clause: str) -> bool:
    if _NEGATIVE.search(clause) or _NOT_YET.search(clause) or is_ruled_out(clause) or is_denied(clause):
        return False
    return is_supposed(clause) or bool(_POSITIVE.search(clause))
