"""The words by which a professional is found: as people type them, whatever the accents, hyphens and town styles."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from operator import itemgetter

from rapidfuzz.distance import OSA

from liaison.core.directory.values import Listed

_OPENED = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile(r"\b(\w{1,2})['\u2019](?=\w)")
_SAME = {"st": "saint", "ste": "sainte"}
_SILENT = frozenset({"cedex", "de", "du", "des", "la", "le", "les", "et", "en"})
_FOLDED = (
    *(zip("éèêëàâäîïôöùûüÿç", "eeeeaaaiioouuuyc", strict=True)),
    ("œ", "oe"), ("æ", "ae"), ("\u2019", "'"),
)  # fmt: skip
_BLANKS = bytes(code if (code < 128 and chr(code).isalnum()) or code == 10 else 32 for code in range(256))  # noqa: PLR2004
_REPLACED = (
    *((f" {word} ", " ") for word in sorted(_SILENT)),
    *((f" {word} ", f" {same} ") for word, same in _SAME.items()),
)
_SEARCHED = itemgetter(
    *(
        Listed._fields.index(name)
        for name in ("family", "given", "profession", "speciality", "city", "service", "structure")
    )
)
_LONGEST_PLAIN = 400
_SHORT = 5
_MOST_SLIPS = 2
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LONGEST_WORD = 60
_MOST_WORDS_TYPED = 6

# What people say, beside what the directory writes (TRE_G15, TRE_R38): « cardiologue », « Cardiologie et maladies… ».
_SAID = {
    "generaliste": ("generale",),
    "traitant": ("generale",),
    "kine": ("kinesitherapeute",),
    "pharmacie": ("pharmacien",),
    "infirmiere": ("infirmier",),
    "ide": ("infirmier",),
    "dentiste": ("dentiste", "chirurgien"),
    "orl": ("oto",),
    "radiologue": ("radiodiagnostic", "radiologie"),
    "ophtalmo": ("ophtalmologie",),
    "gyneco": ("gynecologie",),
}
_ENDINGS = (("logue", "logi"), ("logues", "logi"), ("iatre", "iatri"), ("iere", "ier"))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, in lower case, without accent: « N'Diaye-Robert, St-Étienne » gives ndiaye, robert…"""
    plain = text.lower() if text.isascii() else _plain(text)
    found = _WORD.findall(plain)
    if "'" in plain or "\u2019" in plain:
        found += _WORD.findall(_APOSTROPHES.sub(r"\1", plain))
    return tuple(dict.fromkeys(_SAME.get(word, word) for word in found if _counts(word)))


def _plain(text: str) -> str:
    opened = unicodedata.normalize("NFKD", text.lower().translate(_OPENED))
    return "".join(character for character in opened if not unicodedata.combining(character))


def _counts(word: str) -> bool:
    return 1 < len(word) <= _LONGEST_WORD and word not in _SILENT


def department_word(department: str) -> str:
    """The hidden word that says where a mailbox is: the professionals around the home are shown first."""
    return f"dep{department.lower()}" if department else ""


def search_words(lines: Sequence[Listed]) -> list[str]:
    """Every word each line is found by, separated by blanks; some may come twice, and single letters may stay.

    The words are those of ``words_of``, made of many lines at once: half a million are read in one import. Only what
    the shortcut cannot fold (an apostrophe, a rare letter, a text without end) goes through ``words_of`` itself.
    """
    texts = [_text(line) for line in lines]
    whole = "\n".join(texts).lower()
    for letter, plain in _FOLDED:
        whole = whole.replace(letter, plain)
    folded = whole.split("\n")
    spaced = f" {whole} ".replace("\n", " \n ").encode("ascii", "replace").translate(_BLANKS).decode("ascii")
    for word, other in _REPLACED:
        spaced = spaced.replace(word, other)
    found = spaced.split("\n")
    if len(found) != len(texts):
        return [" ".join(words_of(text)) for text in texts]
    return [
        words if _is_plain(plain) else " ".join(words_of(text))
        for words, plain, text in zip(found, folded, texts, strict=True)
    ]


def _text(line: Listed) -> str:
    """What is searched of a line, its postal code and the hidden word of its department included."""
    said = " ".join(_SEARCHED(line))
    return f"{said} {line.postal_code} {department_word(line.department)}" if line.postal_code else said


def _is_plain(text: str) -> bool:
    return text.isascii() and "'" not in text and len(text) < _LONGEST_PLAIN


def typed_words(text: str) -> tuple[str, ...]:
    """What a person typed, at most six words."""
    return words_of(text[:200])[:_MOST_WORDS_TYPED]


def other_ways(word: str) -> tuple[str, ...]:
    """The beginnings of words the directory writes where people say ``word``; the word itself is not in them."""
    said = _SAID.get(word, ())
    endings = tuple(word[: -len(ending)] + written for ending, written in _ENDINGS if word.endswith(ending))
    return (*said, *endings)


def slips(word: str) -> frozenset[str]:
    """Every word one slip of the finger away: a letter more, less, changed, or two letters the wrong way round."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    less = {left + right[1:] for left, right in cuts if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    changed = {left + letter + right[1:] for left, right in cuts if right for letter in _LETTERS}
    more = {left + letter + right for left, right in cuts for letter in _LETTERS}
    return frozenset(less | swapped | changed | more) - {word, ""}


def near(typed: str, known: Iterable[str]) -> tuple[str, ...]:
    """Of the known words, those within two slips of a long word, the nearest first; none for a short one."""
    if len(typed) <= _SHORT:
        return ()
    distances = ((OSA.distance(typed, word, score_cutoff=_MOST_SLIPS), word) for word in known)
    return tuple(word for distance, word in sorted(distances) if distance <= _MOST_SLIPS)


def closeness(typed: Sequence[str], listed: Listed) -> int:
    """How well a line answers what was typed, higher is better: the family name whole, then its beginning, then less.

    Only sorts what the search found; a person chooses.
    """
    family, given = words_of(listed.family), words_of(listed.given)
    return sum(_score(word, family, given) for word in typed)


def _score(word: str, family: tuple[str, ...], given: tuple[str, ...]) -> int:
    if word in family:
        return 8
    if word in given:
        return 4
    if any(name.startswith(word) for name in family):
        return 3
    return 2 if any(name.startswith(word) for name in given) else 0
