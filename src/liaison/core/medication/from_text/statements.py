"""What some words say of each drug they name: its part in the treatment, and how it is taken."""

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from liaison.core.cda.values import SECTION_ADMISSION, SECTION_DISCHARGE, SECTION_STOPPED, Code, MedicationLine, Place
from liaison.core.medication.from_text.amounts import COUNT, MASS, MASS_AMOUNT, STRENGTH
from liaison.core.medication.from_text.cues import (
    Cue,
    Said,
    context_of,
    cue_of,
    is_no_treatment,
    lead_of,
    tells_of_a_stop,
)
from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.headings import Part
from liaison.core.medication.from_text.mentions import (
    Mention,
    guessed_after,
    guessed_in_prose,
    guessed_mention,
    mentions_in,
)
from liaison.core.medication.from_text.moments import SCHEME
from liaison.core.medication.from_text.posology import AS_NEEDED, FREQUENCY, STOP_IF, Posology, read_posology
from liaison.core.medication.from_text.reasons import reason_in
from liaison.core.medication.from_text.values import Token, Words
from liaison.core.medication.line import ATC

UNKNOWN_NAME = "nom absent de notre terminologie"
GUESSED_PART = "place dans le traitement déduite du texte"
STOP_NEAR = "un arrêt est écrit près de ce médicament : lire la lettre"
NO_POSOLOGY = "posologie non lue"
PART_OF_POSOLOGY = "posologie lue en partie : lire la lettre"
STEPS = "posologie à plusieurs doses ou paliers : lire la lettre"
TREATMENT_PARTS = frozenset({SECTION_ADMISSION, SECTION_DISCHARGE, SECTION_STOPPED, "changes"})

_BETWEEN_NAME_AND_STRENGTH = re.compile(
    r"[\s,:-]*(?:\([^()\d]{3,40}\))?[\s,:-]*(?:(?:lp|xr|sr|gr|ge|retard|oro|fort|depot|enfants?|"
    r"adultes?|[a-z]{2,12}|comp\w*|gel\w*|cp|sol\w*|inj\w*|pdr|poudre|sachets?|orodisp\w*|"
    r"\d{4}(?= ))[\s,:.-]*){0,2}\(?\s*"
)
_SENTENCE_END = re.compile(r"(?<![A-Z])(?<!Dr)(?<!Mme)(?<!Pr)(?<!cp)(?<!max)[.!?;]\s+(?=[A-ZÀ-Ý•-])|\s[•●▪]\s")
_CONNECTOR = re.compile(
    r"[\s,;:/+()&-]*(?:et|ainsi que|puis|ou|plus)?[\s,;]*(?:de la|de l'|du|des|de|d'|le|la|les|l'|"
    r"par|son|sa)?[\s]*"
)
_PLURAL = re.compile(
    r"(?:sont|ont ete|etaient|tous|arretes|suspendus|stoppes|interrompus|introduits|poursuivis|"
    r"maintenus)"
)
_ONLY_IN_HOSPITAL = ("J01", "B05", "N01", "V0", "H01C")
_EDGES = " ,;:-–•/+"


@dataclass(frozen=True, slots=True)
class Statement:
    """One drug of a text, with what its words say; ``in_list`` when a heading says what the words are about."""

    line: MedicationLine
    in_list: bool


@dataclass(frozen=True, slots=True)
class _Clause:
    mention: Mention
    before: str
    after: str
    start: int
    end: int
    shares: int = 0
    """Where the posology it shares with the next drug starts: « ATROVENT + BRICANYL en nébulisation x 3/j »."""


def statements(words: Words, part: Part, year: str = "") -> tuple[Statement, ...]:
    """The drugs of an item of a list, or of a paragraph, in the part of the letter it stands in."""
    if part == "allergies":
        return ()
    if part in TREATMENT_PARTS:
        return tuple(_of_span(words, 0, len(words.text), part, year))
    return tuple(said for start, end in _sentences(words.text) for said in _of_span(words, start, end, part, year))


def _sentences(text: str) -> list[tuple[int, int]]:
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    return list(pairwise([0, *ends, len(text)]))


def _of_span(words: Words, start: int, end: int, part: Part, year: str) -> list[Statement]:
    text = words.text[start:end]
    plain = folded(text)
    mentions = _all_mentions(text, plain, part)
    clauses = _clauses(plain, mentions)
    sections = _sections(plain, clauses, part)
    found = []
    for clause, (section, cue) in zip(clauses, sections, strict=True):
        if section:
            tokens = words.between(start + clause.start, start + clause.end)
            if part not in TREATMENT_PARTS:
                tokens = words.between(start, end)
            found.append(_statement(text, clause, section, cue, part, tokens, year))
    return found


def _all_mentions(text: str, plain: str, part: Part) -> list[Mention]:
    """The drugs known by name, and those only their place and their strength tell: at the head, or further on."""
    known = mentions_in(plain)
    if part not in TREATMENT_PARTS:
        return sorted([*known, *guessed_in_prose(text, known)], key=lambda each: each.start)
    head = guessed_mention(text, is_stopped=part == SECTION_STOPPED)
    if head and known and _LABEL.fullmatch(text, head.end, known[0].start):
        head = None
    if head and known and text[head.end : known[0].start].strip() == "(":
        known = (replace(known[0], start=head.start), *known[1:])
        head = None
    guessed = [head] if head and (not known or head.end <= known[0].start) else []
    return sorted([*known, *guessed, *guessed_after(text, (*known, *guessed))], key=lambda each: each.start)


_TOGETHER = re.compile(r"\s*\+\s*")
_LABEL = re.compile(r"[\w\s]{0,12}:\s*")


def _clauses(plain: str, mentions: list[Mention]) -> list[_Clause]:
    """The words of each drug: those before it that speak of it, and those after it up to the next one's."""
    leads = [lead_of(plain[(mentions[i - 1].end if i else 0) : mention.start]) for i, mention in enumerate(mentions)]
    starts = [mention.start - len(lead.lstrip(_EDGES)) for mention, lead in zip(mentions, leads, strict=True)]
    clauses = []
    for position, mention in enumerate(mentions):
        end = starts[position + 1] if position + 1 < len(mentions) else len(plain)
        start = starts[position]
        after = plain[mention.end : end]
        shares = mentions[position + 1].end if position + 1 < len(mentions) and _TOGETHER.fullmatch(after) else 0
        clauses.append(_Clause(mention, plain[: mention.start], after, start, end, shares))
    return clauses


def _sections(plain: str, clauses: list[_Clause], part: Part) -> list[tuple[str, Cue]]:
    """The section of each drug; « arrêt de X et de Y » says it of both, « X et Y sont arrêtés » too."""
    cues: list[Cue | None] = [
        _cue(clause, part, _reach(plain, clauses, position)) for position, clause in enumerate(clauses)
    ]
    for position in range(1, len(clauses)):
        before = cues[position - 1]
        if cues[position] == Cue() and before and before.said and _are_joined(plain, clauses, position - 1):
            cues[position] = Cue(before.said)
    for position in range(len(clauses) - 2, -1, -1):
        after = cues[position + 1]
        plural = _PLURAL.search(clauses[position + 1].after)
        if cues[position] == Cue() and after and after.said and plural and _are_joined(plain, clauses, position):
            cues[position] = Cue(after.said)
    return [(_section(clause, cue, part), cue or Cue()) for clause, cue in zip(clauses, cues, strict=True)]


def _reach(plain: str, clauses: list[_Clause], position: int) -> str:
    """The words up to the next drug: « X remplacé par Y » says of X what it says before Y."""
    following = clauses[position + 1].mention.start if position + 1 < len(clauses) else len(plain)
    return plain[clauses[position].mention.end : following]


def _cue(clause: _Clause, part: Part, reach: str) -> Cue | None:
    """None for what is no treatment of this person."""
    after = _unposologed(clause.after)
    near = clause.before[-200:]
    is_listed = part in TREATMENT_PARTS
    is_taken = is_listed and read_posology(clause.after).is_timed
    if is_no_treatment(clause.before[clause.start :] if is_listed else near, after, is_taken=is_taken):
        return None
    return cue_of(near, after, _unposologed(reach))


def _unposologed(after: str) -> str:
    """The words after a drug without its strength, intakes and rhythm: what is said of it comes after them."""
    for pattern in (STOP_IF, AS_NEEDED, STRENGTH, SCHEME, COUNT, MASS_AMOUNT, FREQUENCY):
        after = pattern.sub(" ", after)
    after = _MOMENT_WORDS.sub(" ", after)
    return " ".join(after.lstrip(_EDGES + "()").split())


_MOMENT_WORDS = re.compile(r"(?<![a-z])(?:le |au |a |et |le )?(?:matin|midi|soir|coucher|lp|si besoin)(?![a-z])")


def _are_joined(plain: str, clauses: list[_Clause], position: int) -> bool:
    between = _unposologed(plain[clauses[position].mention.end : clauses[position + 1].mention.start])
    return bool(_CONNECTOR.fullmatch(between))


def _section(clause: _Clause, cue: Cue | None, part: Part) -> str:
    if cue is None or (clause.mention.is_measured and part not in TREATMENT_PARTS):
        return ""
    if part in TREATMENT_PARTS:
        return _section_in_list(cue, part)
    if cue.said == "stopped":
        return SECTION_STOPPED
    if cue.said in ("started", "changed", "continued"):
        return "" if _ends_in_hospital(clause, cue.said) else SECTION_DISCHARGE
    said = {"discharge": SECTION_DISCHARGE, "admission": SECTION_ADMISSION}.get(context_of(clause.before), "")
    return said or (SECTION_DISCHARGE if _is_prescribed(clause) else "")


_LABELLED = re.compile(r"\W*(?:\d{1,2}\s?[/.)]\s*)?(?:[a-z' ]{2,40}:)?\W*")


def _is_prescribed(clause: _Clause) -> bool:
    """« Douleur : Doliprane 1 g x 3/j. »: a drug at the head of a sentence and when it is taken, without any verb."""
    if not _LABELLED.fullmatch(clause.before) or clause.mention.atc.startswith(_ONLY_IN_HOSPITAL):
        return False
    posology = read_posology(clause.after)
    return posology.is_timed and not (posology.period.start and posology.period.end) and not context_of(clause.after)


def _section_in_list(cue: Cue, part: Part) -> str:
    if cue.said == "stopped":
        return SECTION_STOPPED
    if _is_changed_in(cue, part) or part == "changes":
        return SECTION_DISCHARGE
    return str(part)


def _is_changed_in(cue: Cue, part: Part) -> bool:
    """« Zyloric diminué à 100 mg » in a list of what one took: it is what one leaves with."""
    return cue.is_replacing or (part == SECTION_ADMISSION and cue.said in ("changed", "started"))


def _ends_in_hospital(clause: _Clause, said: Said) -> bool:
    """An antibiotic or an infusion begun in a story is over, unless the letter says until when."""
    return said == "started" and clause.mention.atc.startswith(_ONLY_IN_HOSPITAL) and "jusqu" not in clause.after


def _statement(
    text: str, clause: _Clause, section: str, cue: Cue, part: Part, tokens: tuple[Token, ...], year: str
) -> Statement:
    mention = clause.mention
    tail = text[mention.end : clause.end] if not clause.shares else text[clause.shares :]
    is_changed = cue.said == "changed" or _FROM_TO.match(folded(tail))
    posology = read_posology(_last_dose(tail) if is_changed else tail, year=year)
    in_list = part in TREATMENT_PARTS and part != "changes" and not _is_changed_in(cue, part)
    line = MedicationLine(
        section=section,
        name=_name(text, mention, clause.end, posology),
        codes=(Code(mention.atc, ATC),) if mention.atc else (),
        dose=posology.dose,
        frequency=posology.frequency,
        route=posology.route,
        as_needed=posology.as_needed,
        condition=posology.condition,
        start=posology.period.start,
        end=posology.period.end,
        duration=posology.period.duration,
        reason=reason_in(
            text[clause.start : clause.end],
            tail,
            is_stopped=section == SECTION_STOPPED,
            in_list=part in TREATMENT_PARTS,
        ),
        moments=posology.moments,
        origin="text",
        page=next((token.page for token in tokens if token.page), None),
        excerpt=excerpt_of(tokens),
        narrative=excerpt_of(tokens),
        places=places_of(tokens),
        doubts=tuple(_doubts(clause, section, part, posology)),
    )
    return Statement(replace(line, name=text[mention.start : mention.end].strip()) if clause.shares else line, in_list)


_FROM_TO = re.compile(rf"\s*(?:lp\s*)?:?\s*(?:de\s+)?\d[\d.,]*\s*(?:{MASS})?\s*(?:\ba\b|->|→|=>)\s*\d[\d.,]*\s*{MASS}")


def _last_dose(tail: str) -> str:
    """« de 40 à 20 mg », « 5 → 10 mg »: the dose after the change is the last one said."""
    found = re.search(r"(?:\bà\b|→|->|=>|jusqu'à)\s*(?=\d|un|½)", tail)
    return tail[found.end() :] if found else tail


def _name(text: str, mention: Mention, end: int, posology: Posology) -> str:
    """The name as written, with the strength that follows it."""
    if posology.strength:
        place = text.find(posology.strength, mention.end, end)
        if place >= 0 and _BETWEEN_NAME_AND_STRENGTH.fullmatch(folded(text[mention.end : place])):
            return text[mention.start : place + len(posology.strength)].strip()
    return text[mention.start : mention.end].strip()


def doubts_of(posology: Posology, section: str) -> list[str]:
    """What a person must read again in the letter before he relies on a posology."""
    if posology.is_stepped and section != SECTION_STOPPED:
        return [STEPS]
    if section != SECTION_DISCHARGE or posology.is_whole:
        return []
    return [PART_OF_POSOLOGY if posology.is_said else NO_POSOLOGY]


def excerpt_of(tokens: tuple[Token, ...]) -> str:
    return " ".join(token.text for token in tokens).strip(" ,;-–•")


def places_of(tokens: tuple[Token, ...]) -> tuple[Place, ...]:
    """One rectangle for the words of each line."""
    places: list[Place] = []
    for place in (token.place for token in tokens if token.place):
        last = places[-1] if places else None
        if last and last.page == place.page and _on_one_line(last, place):
            places[-1] = _around(last, place)
        else:
            places.append(place)
    return tuple(places)


def _on_one_line(one: Place, other: Place) -> bool:
    height = min(one.bottom - one.top, other.bottom - other.top)
    return min(one.bottom, other.bottom) - max(one.top, other.top) > height / 2 and other.left - one.left >= 0


def _around(one: Place, other: Place) -> Place:
    return Place(
        one.page,
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )


def _doubts(clause: _Clause, section: str, part: str, posology: Posology) -> list[str]:
    doubts = []
    if section != SECTION_STOPPED and tells_of_a_stop(STOP_IF.sub(" ", clause.after)):
        doubts.append(STOP_NEAR)
    if clause.mention.is_guessed:
        doubts.append(UNKNOWN_NAME)
    if part not in TREATMENT_PARTS or part == "changes":
        doubts.append(GUESSED_PART)
    doubts += doubts_of(posology, section)
    return doubts
