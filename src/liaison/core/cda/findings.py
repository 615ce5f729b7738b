"""What a discharge letter says beside its treatments: allergies, results to come, follow-up, how the patient left."""

from liaison.core.cda.markup import Element, attribute, attribute_at, find, find_all, name_of, words_at
from liaison.core.cda.narrative import CELL_SEPARATOR, Narrative
from liaison.core.cda.quotes import Quotes
from liaison.core.cda.sections import Body, Part
from liaison.core.cda.terms import (
    ABSENCE,
    ALLERGY_TEMPLATES,
    DISCHARGE_MODE,
    RESISTANT_BACTERIA_FOUND,
    RESISTANT_BACTERIA_SEARCHED,
)
from liaison.core.cda.times import iso_time
from liaison.core.cda.values import (
    DISCHARGE_LETTER,
    SECTION_EXPECTED_RESULTS,
    SECTION_FOLLOW_UP,
    Allergy,
    Carriage,
    FollowUpItem,
)

MAX_ITEMS = 2000
_EXPECTED = "attendu"
_PLANNED = {
    "procedure": "act",
    "observation": "examination",
    "encounter": "encounter",
    "act": "act",
    "supply": "supply",
}


def read_allergies(body: Body) -> tuple[Allergy, ...]:
    """FR-Allergie-ou-hypersensibilité (1.2.250.1.213.1.1.3.41). An entry that names no agent is no allergy."""
    found = (_allergy(each, body.quotes) for each in body.claiming(*ALLERGY_TEMPLATES))
    return tuple(dict.fromkeys(allergy for allergy in found if allergy.agent))[:MAX_ITEMS]


def _allergy(observation: Element, quotes: Quotes) -> Allergy:
    return Allergy(
        agent=_agent(observation, quotes),
        reaction=_label(_related(observation, "MFST"), quotes),
        severity=_label(_severity(observation), quotes),
        negated=attribute(observation, "negationInd") in ("true", "1"),
    )


def _agent(observation: Element, quotes: Quotes) -> str:
    value = find(observation, "value")
    if ABSENCE in (attribute(value, "codeSystem"), attribute_at(observation, "code", "codeSystem")):
        return ""
    entity = next(iter(find_all(observation, "participant/participantRole/playingEntity")), None)
    return words_at(entity, "name") or _words_of(find(entity, "code"), quotes) or _words_of(value, quotes)


def _words_of(code: Element | None, quotes: Quotes) -> str:
    return attribute(code, "displayName") or quotes.text(find(code, "originalText"))


def _related(observation: Element, kind: str) -> Element | None:
    for related in find_all(observation, "entryRelationship"):
        target = find(related, "observation")
        if attribute(related, "typeCode") == kind and attribute(target, "negationInd") not in ("true", "1"):
            return target
    return None


def _severity(observation: Element) -> Element | None:
    for related in find_all(observation, "entryRelationship/observation"):
        if attribute_at(related, "code", "code") == "SEV":
            return related
    return None


def _label(observation: Element | None, quotes: Quotes) -> str:
    return _words_of(find(observation, "value"), quotes) or quotes.text(find(observation, "text"))


def read_expected_results(body: Body) -> tuple[str, ...]:
    """The lines of section 30954-2, which has a narrative only: rows, items or paragraphs.

    Only a discharge letter puts there what is to come, or a section that says so: a summary (VSM) or a transfer sheet
    has results already known under the same code and template.
    """
    is_letter = attribute_at(body.document, "code", "code") == DISCHARGE_LETTER
    parts = (part for part in body.parts_coded(SECTION_EXPECTED_RESULTS) if is_letter or _EXPECTED in _title(part))
    return tuple(item for part in parts for item in narrative_items(part.narrative))[:MAX_ITEMS]


def _title(part: Part) -> str:
    return words_at(part.element, "title").casefold()


def narrative_items(narrative: Narrative) -> tuple[str, ...]:
    """The rows of data of a section's narrative, or its lines when it holds no table."""
    return tuple(CELL_SEPARATOR.join(filter(None, row.cells)) for row in narrative.data_rows) or narrative.lines


def read_follow_up(body: Body) -> tuple[FollowUpItem, ...]:
    """The planned acts, examinations and encounters of section 18776-5, or its narrative when nothing is coded."""
    items = (item for part in body.parts_coded(SECTION_FOLLOW_UP) for item in _planned(part, body.quotes))
    return tuple(items)[:MAX_ITEMS]


def _planned(part: Part, quotes: Quotes) -> list[FollowUpItem]:
    entries = [child for entry in part.entries for child in entry if name_of(child) in _PLANNED]
    items = [_follow_up(entry, quotes) for entry in entries]
    return [item for item in items if item.label] or [FollowUpItem(line) for line in narrative_items(part.narrative)]


def _follow_up(entry: Element, quotes: Quotes) -> FollowUpItem:
    time = find(entry, "effectiveTime")
    code = find(entry, "code")
    return FollowUpItem(
        label=quotes.text(find(entry, "text")) or words_at(entry, "value") or _words_of(code, quotes),
        when=iso_time(attribute(time, "value") or attribute_at(time, "low", "value")),
        kind=_PLANNED[name_of(entry)],
    )


def read_discharge_mode(body: Body) -> str:
    """Where the patient went, in words: entry ORG-074 of LDL-SES, else the encounter's disposition."""
    observation = _first(body, DISCHARGE_MODE)
    disposition = find(body.document, "componentOf/encompassingEncounter/dischargeDispositionCode")
    return _label_or_code(find(observation, "value")) or _label_or_code(disposition)


def read_carriage(body: Body) -> Carriage:
    """Entries MED-309 (searched) and MED-144 (identified) of the synthesis of LDL-SES."""
    searched = attribute_at(_first(body, RESISTANT_BACTERIA_SEARCHED), "value", "value")
    return Carriage(
        searched={"true": True, "1": True, "false": False, "0": False}.get(searched),
        found=_said(_first(body, RESISTANT_BACTERIA_FOUND), body.quotes),
    )


def _first(body: Body, code: str) -> Element | None:
    return next(iter(body.observations.get(code, ())), None)


def _said(observation: Element | None, quotes: Quotes) -> str:
    return words_at(observation, "value") or _label(observation, quotes) if observation is not None else ""


def _label_or_code(code: Element | None) -> str:
    return attribute(code, "displayName") or attribute(code, "code")
