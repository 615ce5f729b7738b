"""What a person typed, taken apart. Letters and digits only go further, so that nothing typed is ever an operator."""

import re
from dataclasses import dataclass

MOST_WORDS = 10
SHORTEST_BEGINNING = 3
_QUOTED = re.compile(r'"([^"]*)"|«([^»]*)»|“([^”]*)”')


@dataclass(frozen=True, slots=True)
class Asked:
    """``phrases`` are words in that order, ``whole`` words by their stem, ``beginning`` one still being typed."""

    phrases: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    beginning: str = ""

    def __bool__(self) -> bool:
        return bool(self.phrases or self.whole or self.beginning)


def asked_by(text: str) -> Asked:
    """Words between quotes are a phrase; the last word is a beginning unless a space or a quote closes it."""
    phrases = [" ".join(words_of("".join(found))) for found in _QUOTED.findall(text)]
    rest = _QUOTED.sub(" ", text)
    whole = words_of(rest)[:MOST_WORDS]
    beginning = ""
    if whole and rest[-1:].isalnum() and len(whole[-1]) >= SHORTEST_BEGINNING:
        beginning = whole.pop()
    return Asked(tuple(phrase for phrase in phrases if phrase)[:MOST_WORDS], tuple(whole), beginning)


def words_of(text: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[^\W_]+", text)]
