"""The allergies and intolerances a letter states: under their heading, or in a sentence."""

import re
from collections.abc import Iterator

from liaison.core.letter_facts.doubt import (
    before_supposing,
    doubts_of,
    is_denied,
    is_of_family,
    is_ruled_out,
    is_supposed,
    says_nothing,
)
from liaison.core.letter_facts.sentences import Sentence
from liaison.core.letter_facts.values import ReadFact
from liaison.core.letter_facts.writing import fact_from, tidy
from liaison.core.medication.from_text.folding import folded

MOST_AGENT_WORDS = 6
_TO = r"(?:a la |a l'|aux? |a |envers (?:la |le |les |l')?|vis-a-vis (?:de la |de l'|des|du|de) ?|: ?)"
_STATED = re.compile(
    r"(?<![a-z])(?:allergi(?:es?|ques?)|intoleran(?:ces?|te?s?)|hypersensib(?:ilites?|les?)|anaphylaxies?|"
    r"choc anaphylactique)"
    r"(?:\s+(?:medicamenteuse|connue|averee|severe|grave|documentee|prouvee|vraie|ancienne|immediate|digestive|"
    r"alimentaire|cutanee|de contact|croisee|majeure|legere|rapportee|signalee|possible|probable|suspectee|eventuelle|"
    r"presumee|decrite|mentionnee|declaree|(?:par|selon) (?:la |le |l'|sa |son )?[a-z]+)s?)*"
    rf"\s*{_TO}(?P<agents>[^.;?]{{2,160}})"
)
_NO_AGENT = re.compile(
    r"^(?:l'|la |le )?(?:effort|orthostat\w*|glucose|saisonni\w+|froid|bruit|douleur|traitement|type)"
)
_REACTION = re.compile(
    r"\((?P<in>[^)]{2,80})\)?|(?<![a-z])(?:avec|a type d[e']|sous forme d[e']|responsable d[e'](?:s |un |une )?|"
    r"ayant (?:entraine|provoque)(?: un| une)?|manifestee? par|:|->|=>|→)\s*(?P<after>.{2,80})$"
)
_NEXT = re.compile(r"\s*(?:,|/|\+|\bet\b|\bou\b|\bainsi que\b)\s*")
_TAKEN_BACK = re.compile(r"(?:,|\bet\b|\bmais\b)\s*(?:pas|sans|aucune?|ni|absence|non)\b")
_LEADING = re.compile(
    r"^(?:(?:allergi\w+|intoleran\w+|hypersensib\w+)(?: (?:medicamenteuse|connue|averee|severe|alimentaire|"
    r"digestive)s?)*"
    rf"\s*{_TO}|a la |a l'|aux |au |a |la |le |les |l'|des |du |de la |de l'|notamment |surtout |[-•*]+ ?)+"
)
_AROUND = 60
_OF_ANOTHER_KIND = re.compile(
    r"(?<![a-z])(?:bmr|bhre?|e?-?blse|epc|erv|sarm|portage|porteu(?:r|se)|ecouvillon\w*|depistages?)(?![a-z])"
)
_SUPPOSING = re.compile(
    r"\s*(?:suspicions?|doutes?|notions?|possibles?|probables?|eventuell?e?s?|hypotheses?)\s+(?:d'|de |sur )?(?:une? )?"
)
_STOPS = re.compile(
    r"(?<![a-z])(?:qui|dont|depuis|en (?:19|20)\d\d|dans l|donc|ce jour|confirmee?|averee?|connue?s?|signalee?|"
    r"notee?|rapportee?|decouverte?|contre-?indiquant)(?![a-z]).*$"
)


def allergies_in(sentence: Sentence) -> Iterator[ReadFact]:
    """One for each agent, doubtful when the letter is not sure of it. « pas d'allergie connue », a mother's: none."""
    if is_of_family(sentence.plain):
        return
    if sentence.part == "allergies":
        yield from _listed(sentence)
    elif sentence.part not in ("expected", "follow_up"):
        yield from _told(sentence)


def _told(sentence: Sentence) -> Iterator[ReadFact]:
    for found in _STATED.finditer(sentence.plain):
        around = sentence.plain[max(0, found.start() - _AROUND) : found.end()]
        if is_denied(sentence.plain[: found.start()]) or says_nothing(found["agents"]) or is_ruled_out(around):
            continue
        yield from _agents(sentence, *found.span("agents"), doubts_of(around))


def _listed(sentence: Sentence) -> Iterator[ReadFact]:
    plain = sentence.plain
    if _OF_ANOTHER_KIND.search(plain) or says_nothing(plain) or is_ruled_out(plain) or is_denied(plain[:40]):
        return
    if re.search(r"(?<![a-z])(?:pas|aucune?|absence|sans|jamais) (?:d'|de |notion |connue)", plain[:60]):
        return
    yield from _agents(sentence, 0, len(sentence.text), doubts_of(plain))


def _agents(sentence: Sentence, start: int, end: int, doubts: tuple[str, ...]) -> Iterator[ReadFact]:
    """« pénicilline (éruption), iode et latex »: three, the first with what it did."""
    taken_back = _TAKEN_BACK.search(sentence.plain, start, end)
    end = taken_back.start() if taken_back else end
    for first, last in _pieces(sentence.plain, start, end):
        lead = _SUPPOSING.match(sentence.plain, first, last)
        first = lead.end() if lead else first  # noqa: PLW2901 (what is supposed begins after the word that says so)
        plain, written = sentence.plain[first:last], sentence.text[first:last]
        reaction = _REACTION.search(plain)
        label = _named(written[: min(before_supposing(plain), reaction.start() if reaction else last)])
        if label:
            yield fact_from("allergy", sentence, label=label, detail=_said_of(written, reaction), doubts=doubts)


def _pieces(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Between the commas that stand outside brackets; a reaction after its colon keeps its own."""
    at = start
    for found in _NEXT.finditer(plain, start, end):
        inside = plain[at : found.start()]
        if inside.count("(") > inside.count(")") or _tells_a_reaction(inside):
            continue
        yield at, found.start()
        at = found.end()
    yield at, end


def _tells_a_reaction(plain: str) -> bool:
    found = _REACTION.search(plain)
    return bool(found and found["after"])


def _said_of(written: str, reaction: re.Match[str] | None) -> str:
    if reaction is None:
        return ""
    group = "in" if reaction["in"] else "after"
    if is_supposed(folded(reaction[group])):
        return ""
    return written[reaction.start(group) : reaction.end(group)]


def _named(written: str) -> str:
    """The agent without its article; empty for what names none."""
    plain = folded(written)
    lead = _LEADING.match(plain)
    start = lead.end() if lead else 0
    stop = _STOPS.search(plain, start)
    label = tidy(written[start : stop.start() if stop else len(written)])
    plain = folded(label)
    named = re.search(r"[a-z]{2}", plain) and len(label.split()) <= MOST_AGENT_WORDS
    return label if named and not _NO_AGENT.search(plain) and not says_nothing(plain) else ""
