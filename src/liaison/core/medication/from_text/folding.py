"""Text in the form its patterns are written in, one character for one: what is found there is cut from the original."""

import unicodedata

_ALIKE = {
    **dict.fromkeys("’‘`´ʼ", "'"),
    **dict.fromkeys("–—−‐‑‒", "-"),
    **dict.fromkeys("\u00a0\u202f\u2009\u2007\t", " "),
    **dict.fromkeys("µμ", "u"),
    "×": "x",
    "œ": "e",
    "Œ": "e",
}


class _Folding(dict[int, str]):
    def __missing__(self, code: int) -> str:
        character = chr(code)
        base = unicodedata.normalize("NFD", character)[0].lower()
        found = _ALIKE.get(character) or _ALIKE.get(base) or (base if len(base) == 1 else character)
        self[code] = found
        return found


_FOLDING = _Folding()


def folded(text: str) -> str:
    """Lower case without accents, plain blanks, dashes and apostrophes; as long as the text in composed form (NFC)."""
    return text.translate(_FOLDING)
