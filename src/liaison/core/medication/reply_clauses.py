"""How a doctor's answer falls into clauses, and which numbered lines each clause speaks of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from liaison.core.medication.reply_lines import Names, Naming
from liaison.core.medication.reply_words import UNIT, fold, line_action, speaks, without_reason

_ANSWER = r"(?:ok|oui|non|stop|arret\w*|d'accord|accord|idem|valide|pas )"
_NUMBER = rf"(?<![\d.,/])[1-9]\d?(?!\d)(?![.,/]\d)(?:(?=/\s)|(?!\s*{UNIT}))"
_NUMBERS = rf"{_NUMBER}(?:\s*(?:, |,? et |&|\+| a | au )\s*(?:l[ea] )?{_NUMBER})*"
_BEGINS_A_SENTENCE = (
    r"(?:merci|je|j'|le|la|les|l'|pour|pouvez|pourriez|concernant|quant|par contre|il|elle|cordial\w*|confrat\w*|"
    r"bien a|bonne|a bientot)(?![a-z])"
)
_RANGE = re.compile(r"(\d{1,9})\s+(?:a|au)\s+(\d{1,9})")
_NOT_WITHIN_A_LIST = "".join(
    rf"(?<!{word})"
    for word in (" a", " et", " au", "&", ",", "la", "le", "les", "ligne", "lignes", "n°", "sauf", "mais")
)
_BREAKS = re.compile(
    "|".join(
        (
            r"\n+",
            r"\s+/\s+",
            rf"/(?=\s*[1-9]\d?\s*[:)=-]?\s*{_ANSWER})",
            r";",
            r"(?<=[^\d\s])(?<!\bdr)(?<!\bpr)[.!?]+(?=\s|$)",
            r"(?<=\d)[!?]+",
            rf"(?:(?<=[a-z,] \d)|(?<=[a-z,] \d\d))\.(?=\s+{_BEGINS_A_SENTENCE}|\s*$)",
            r"(?:(?<=\bl[ea] \d)|(?<=\bl[ea] \d\d)|(?<=\bligne \d)|(?<=\bligne \d\d))\.(?=\s)",
            rf"(?<!\d){_NOT_WITHIN_A_LIST}\s(?=[1-9]\d?\.\s+{_ANSWER}\b)",
            rf"(?<!\d){_NOT_WITHIN_A_LIST}[,\s]\s*(?=[1-9]\d?\s*[:)=-]?\s*{_ANSWER}\b)",
            rf"{_NOT_WITHIN_A_LIST}\s(?=[1-9]\d?\s?(?:[):=]|/\s)\s?(?!\d\d\b))",
            r"(?<=[^\d\s]),\s+(?=(?:(?:la|ligne) )?[1-9]\d?\s?[:)=](?!\d\d\b))",
            r",\s+(?=(?:j'|je (?:pass|vien|viens|vois|verrai|le |la |vous |souhait|voudr|aimer)))",
            r"(?<![\s,])\s+(?=(?:par contre|en revanche|mais je|et je)\b)",
            r"(?<=[a-z])\s:\s+(?=(?:j'|je |on |donc )(?:stop|arr|suspen|supp?rim|dimin|baiss|redui|augment|repren))",
            r",\s+(?=j'?(?:re)?passe|pas (?:pour )?(?:la |le |les )?[1-9]\d?\b)",
            r",\s+(?=(?:pour )?(?:la|le|ligne) [1-9]\d?\s+(?!et\b)[a-z])",
            r",\s+(?=(?:merci|par contre|pouvez|pourriez|ok pour les autres))",
            r",\s+(?=(?:bien )?(?:cordial|confrat)|bonne )",
        )
    )
)
# « ok pour 1,2 et 5 »: three numbers at least, since « 2,5 » alone is an amount.
_LISTED = re.compile(
    r"\b(?:pour (?:les |la )?|lignes? )"
    rf"(?:(?:[1-9]\d?,){{2,}}[1-9]\d?(?!\d)|[1-9]\d?,[1-9]\d?(?=\s*(?:et|&)\s*[1-9]))(?!\s*{UNIT})",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"(?:,\s+(?:et |puis )?|\s+et )"
    r"(?=(?:stop|arret|repren|introdui|reintrodui|ajout|rajout|debute|augment|diminu|remplac|poursui|continu|mainten|"
    r"gard|conserv|suspen))"
)
_THE_REST = re.compile(
    r",\s+(?:et )?(?=(?:(?:ok|d'accord|accord) pour )?(?:(?:tout )?le reste|(?:toutes )?les autres)\b)"
)
_NEXT_NUMBER = re.compile(rf"(?:,|\bet)\s+(?=(?:la |le )?[1-9]\d?(?:\s*[:=](?!\d)|\s+{_ANSWER}))")
_CONDITION = re.compile(r"(?:si|s'il|s'ils|quand|lorsque|tant que|des que|sous reserve|a condition)\b")
_LEADING = re.compile(
    rf"\s*(?:[-*•]\s*)?(?:lignes?|l|n[°o]|numeros?|#|le(?=\s*[1-9]\d?\s*(?:[:=]|[-=]+>|→|{_ANSWER}|$)))?\s*(?P<numbers>{_NUMBERS})\s*(?:[:.)=>]|-+>?|→|/(?=\s))*\s*(?P<words>.*)",
    re.DOTALL,
)
_TRAILING = re.compile(
    r"(?P<words>(?:(?:je|on|merci|svp) )?(?:ok|oui|d'accord|accord|valide|stop|arret\w*|stopp\w*|suspen\w*|supprim\w*|"
    r"poursui\w*|continu\w*|mainten\w*|gard\w*|pas d'accord|pas|non)"
    r"(?: (?:pour|sur|avec))?(?: (?:les?|la|du|des|de la))?"
    rf"(?: (?:lignes?|numeros?|n[°o]))?) (?P<numbers>{_NUMBER}(?:(?:\s*(?:,|et|&|\+|a|au)\s*|\s)(?:l[ea] )?{_NUMBER})*)"
    r"[\s.!]*(?:svp|stp|merci)?[\s.!]*"
)
_INLINE = re.compile(
    rf"(?:\b(?:pour )?(?:la |les )?(?:lignes?|numeros?|points?) |\bn° ?|\b(?:pour )?la |"
    rf"(?<=\bok pour )|(?<=accord pour )|(?<=accord pour le )|(?<=\bok pour le )|"
    rf"(?<=\bok pour les ))(?P<numbers>{_NUMBERS})"
)
_NOT_A_LINE = re.compile(
    rf"(?:rue|avenue|av|bd|boulevard|place|impasse|chemin|allee|route|bis|ter)\b|(?:a|ou|-)\s*\d{{1,9}}\s*{UNIT}"
)
_MEMBERS = re.compile(r"\d+")


_JOINT = re.compile(r"\s*(?:,\s*(?:et |puis )?|\s(?:et|puis)\s|\s[-/&+]\s)\s*")
_ENUMERATION = re.compile(r"\s*(?:,|,?\s*et|&|\+)\s*(?:(?:du|de la|de l'|de|d'|le|la|l'|les)\s*)?")
NO_NAMES = Names(())


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing said: the numbers of the lines it is about (none for all or nothing in particular), and its words.

    ``disputed`` when it names one line by its number and another by its drug, or a drug that several lines bear;
    ``guessed`` when a drug is abbreviated or misspelt; ``named`` when the line is known by its drug alone.
    """

    numbers: tuple[int, ...]
    words: str
    text: str
    disputed: bool = False
    guessed: bool = False
    named: bool = False


def clauses(text: str, names: Names = NO_NAMES) -> list[Clause]:
    """The clauses in order. A question keeps its mark; nothing of the words is lost but the separators."""
    pieces = (
        one
        for piece in _pieces(text)
        for whole in _by_rest(piece)
        for part in _by_verb(whole, names)
        for one in _by_name(part, names)
    )
    return [clause_of(piece, names) for piece in pieces if piece.strip(" \t.,;/!")]


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    start = 0
    text = _LISTED.sub(_spaced, text)
    for found in _BREAKS.finditer(fold(text)):
        mark = "?" if "?" in found.group() else ""
        pieces.append(text[start : found.start()] + mark)
        start = found.end()
    return [*pieces, text[start:]]


def _spaced(found: re.Match[str]) -> str:
    return found[0].replace(",", ", ")


def of_each_number(text: str) -> list[str]:
    """« 2 : 1,25 mg et 4 : stop » cut before each number that is told something of its own."""
    joints = list(_NEXT_NUMBER.finditer(fold(text)))
    starts = [0, *(found.end() for found in joints)]
    ends = [*(found.start() for found in joints), len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


def _by_rest(piece: str) -> list[str]:
    """Cut « 2 : 2,5 mg, le reste ok », but not « si la 2 est maintenue, le reste ok »: the condition bears on both."""
    folded = fold(piece)
    found = _THE_REST.search(folded)
    if found is None or _CONDITION.match(folded.lstrip()):
        return [piece]
    return [piece[: found.start()], piece[found.end() :]]


def _by_verb(piece: str, names: Names) -> list[str]:
    """Cut « stop X, reprendre Y »; what is said of a numbered line stays whole unless what follows names its own."""
    parts: list[str] = []
    rest = piece
    while found := _VERB.search(fold(rest)):
        head, tail = rest[: found.start()], rest[found.end() :]
        if clause_of(head, names).numbers and not clause_of(tail, names).numbers:
            break
        parts.append(head)
        rest = tail
    return [*parts, rest]


def _by_name(piece: str, names: Names) -> list[str]:
    """Cut « bisoprolol ok, kardégic stop » between two drugs when each part says something of its own."""
    folded = fold(piece)
    parts: list[str] = []
    start = 0
    for before, after in pairwise(names.find(folded)):
        ends = _end_of_saying(folded, after, names)
        for joint in reversed(list(_JOINT.finditer(folded, before.end, after.start))):
            if speaks(folded[start : joint.start()]) and speaks(folded[joint.end() : ends]):
                parts.append(piece[start : joint.start()])
                start = joint.end()
                break
    return [*parts, piece[start:]]


def _end_of_saying(folded: str, naming: Naming, names: Names) -> int:
    following = (each.start for each in names.find(folded) if each.start > naming.start)
    return next(following, len(folded))


def clause_of(piece: str, names: Names = NO_NAMES) -> Clause:
    """The lines a piece speaks of, by their numbers or by their drugs, and what it says of them."""
    clause = _numbered(piece)
    reason = without_reason(fold(clause.words))
    clause = replace(clause, words=clause.words[:reason])
    found = names.find(fold(clause.words)) if clause.words else ()
    if not found:
        return clause
    numbers = tuple(dict.fromkeys(number for naming in found for number in naming.numbers))
    several = any(len(naming.numbers) > 1 and not set(naming.numbers) & set(clause.numbers) for naming in found)
    other = bool(clause.numbers) and any(not set(naming.numbers) & set(clause.numbers) for naming in found)
    words = _without(clause.words, found)
    return Clause(
        numbers=tuple(dict.fromkeys((*clause.numbers, *numbers))) if other or not clause.numbers else clause.numbers,
        words=words,
        text=clause.text,
        disputed=clause.disputed
        or several
        or other
        or (len(found) > 1 and not _is_said_of_all(clause.words, words, found)),
        guessed=not all(naming.exact for naming in found),
        named=not clause.numbers,
    )


def _without(words: str, found: Sequence[Naming]) -> str:
    for naming in reversed(found):
        words = words[: naming.start] + " " + words[naming.end :]
    return " ".join(words.split()).strip(" :,-()")


def _is_said_of_all(words: str, said: str, found: Sequence[Naming]) -> bool:
    """« arrêt du Kardégic, du Lasilix et du Doliprane »: one saying for all, and nothing said between them.

    Without « et » the list may be cut short: only an assent is read through it.
    """
    folded = fold(words)
    gaps = [folded[before.end : after.start] for before, after in pairwise(found)]
    if not all(_ENUMERATION.fullmatch(gap) for gap in gaps):
        return False
    return bool(re.search(r"et|&|\+", gaps[-1])) or line_action(said) == "ok"


def _numbered(piece: str) -> Clause:
    """The numbers a piece opens with (« 3 : ... », « lignes 1 et 2 ok ») or names inside (« pour la ligne 3 »)."""
    text = piece.strip(" \t,;/")
    folded = fold(text)
    leading = _LEADING.fullmatch(folded)
    if leading and not _NOT_A_LINE.match(leading["words"]):
        return Clause(_members(leading["numbers"]), text[leading.start("words") :].strip(), text)
    trailing = _TRAILING.fullmatch(folded)
    if trailing:
        return Clause(_members(trailing["numbers"]), text[: trailing.end("words")], text)
    numbers: tuple[int, ...] = ()
    words = text
    places = list(_INLINE.finditer(folded))
    for found in reversed(places):
        numbers = _members(found["numbers"]) + numbers
        words = words[: found.start()] + words[found.end() :]
    apart = any(not _ENUMERATION.fullmatch(folded[one.end() : other.start()]) for one, other in pairwise(places))
    return Clause(numbers, words.strip(" :,-"), text, disputed=apart)


def _members(numbers: str) -> tuple[int, ...]:
    expanded = _RANGE.sub(_expand, numbers)
    return tuple(dict.fromkeys(int(number) for number in _MEMBERS.findall(expanded)))


def _expand(found: re.Match[str]) -> str:
    return ", ".join(str(number) for number in range(int(found[1]), int(found[2]) + 1))
