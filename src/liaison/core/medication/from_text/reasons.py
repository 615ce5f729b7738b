"""Why a drug is given or was stopped, in the words of the letter."""

import re

from liaison.core.medication.from_text.amounts import COUNT, STRENGTH
from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.moments import SCHEME

_BECAUSE = re.compile(
    r"(?<![a-z])(?:en raison (?:d'une? |de la |de l'|des |du |de |d')|devant (?:une? |l'|la |le |"
    r"les |des )?|du fait (?:d'une? |de la |de l'|des |du |de |d')|suite a (?:une? |l'|la )?|a "
    r"cause (?:d'une? |de la |de l'|des |du |de |d')|"
    r"car |compte tenu (?:d'une? |de la |de l'|des |du |de |d')|secondaire a |dans un contexte "
    r"d[e'] ?|vu (?:la |le |l'|les )|motif\s*:?\s*|pour cause d[e'] ?|responsable d[e'] ?|au vu "
    r"(?:de |du |des ))([^.;()]{3,120})"
)
_FOR = re.compile(
    r"(?<![a-z])(?:pour(?! la nuit| le matin| le soir)\s+(?:une? |l'|la |le |les |son |sa "
    r")?(?!\d)|indication\s*:?\s*)([a-z][^.;(),]{2,80})"
)
_BRACKET = re.compile(r"\(([^()]{3,80})\)")
_STOP_WORDS = re.compile(
    r"(?<![a-z])(?:arret\w*|stop\w*|suspendu\w*|suspension|interrompu\w*|supprime\w*|definitif|"
    r"definitivement|le|la|au|du|a ete|est|:|-|ce jour)(?![a-z])"
)
_LETTERS = re.compile(r"[a-z]{4,}")


def reason_in(span: str, tail: str, *, is_stopped: bool, in_list: bool) -> str:
    """The reason said in ``span``; ``tail`` is what follows the drug. Empty when none is."""
    said = _cut(span, _BECAUSE)
    if said:
        return said
    if is_stopped:
        return _bracketed(tail) or (_left_over(tail) if in_list else "")
    return _cut(tail, _FOR)


def _cut(text: str, pattern: re.Pattern[str]) -> str:
    found = pattern.search(folded(text))
    return text[slice(*found.span(1))].strip(" ,:-") if found else ""


def _bracketed(tail: str) -> str:
    for found in _BRACKET.finditer(tail):
        plain = folded(found[1])
        if _LETTERS.search(plain) and not STRENGTH.search(plain) and not COUNT.search(plain):
            return found[1].strip()
    return ""


def _left_over(tail: str) -> str:
    """« ARRÊT : hypotension »: in a list of stopped drugs, what is no posology is the reason."""
    after = re.split(r"[:–—]|\s-\s|→|->", tail)[-1]
    plain = folded(after)
    if STRENGTH.search(plain) or COUNT.search(plain) or SCHEME.search(plain) or not _LETTERS.search(plain):
        return ""
    kept = _STOP_WORDS.sub("", plain).strip()
    return after.strip(" .,;") if _LETTERS.search(kept) and after != tail else ""
