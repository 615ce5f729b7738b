"""The allergies and intolerances a letter states: under their heading, or in a sentence."""

import re
from collections.abc import Iterator

from liaison.core.letter_facts.doubt import is_denied, is_of_family, is_supposed, says_nothing
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
    r"alimentaire|cutanee|de contact|croisee|majeure|legere|rapportee|signalee)s?)*"
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
_STOPS = re.compile(
    r"(?<![a-z])(?:qui|dont|depuis|en (?:19|20)\d\d|dans l|donc|ce jour|confirmee?|averee?|connue?s?|signalee?|"
    r"notee?|rapportee?|decouverte?|contre-?indiquant)(?![a-z]).*$"
)


def allergies_in(sentence: Sentence) -> Iterator[ReadFact]:
    """One for each agent. « pas d'allergie connue », « allergie ? à vérifier », a mother's allergy give none."""
    if is_of_family(sentence.plain) or "?" in sentence.plain:
        return
    if sentence.part == "allergies":
        yield from _listed(sentence)
    elif sentence.part not in ("expected", "follow_up"):
        for found in _STATED.finditer(sentence.plain):
            if is_denied(sentence.plain[: found.start()]) or says_nothing(found["agents"]):
                continue
            if not is_supposed(sentence.plain[max(0, found.start() - 60) : found.end()]):
                yield from _agents(sentence, found.start("agents"), found.end("agents"))


def _listed(sentence: Sentence) -> Iterator[ReadFact]:
    if says_nothing(sentence.plain) or is_supposed(sentence.plain) or is_denied(f"{sentence.plain[:40]}"):
        return
    if re.search(r"(?<![a-z])(?:pas|aucune?|absence|sans|jamais) (?:d'|de |notion |connue)", sentence.plain[:60]):
        return
    yield from _agents(sentence, 0, len(sentence.text))


def _agents(sentence: Sentence, start: int, end: int) -> Iterator[ReadFact]:
    """« pénicilline (éruption), iode et latex »: three, the first with what it did."""
    taken_back = _TAKEN_BACK.search(sentence.plain, start, end)
    end = taken_back.start() if taken_back else end
    for first, last in _pieces(sentence.plain, start, end):
        plain, written = sentence.plain[first:last], sentence.text[first:last]
        reaction = _REACTION.search(plain)
        agent = written[: reaction.start()] if reaction else written
        label = _named(agent)
        if label:
            yield fact_from("allergy", sentence, label=label, detail=_said_of(written, reaction))


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
