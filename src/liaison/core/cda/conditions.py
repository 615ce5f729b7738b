"""What a document says of the patient's state: problems, medical devices, and what it states there is none of."""

from collections.abc import Iterator

from liaison.core.cda.markup import Element, attribute, attribute_at, descendants, find, find_all, name_of, words_at
from liaison.core.cda.persons import read_code, read_codes, read_identifiers
from liaison.core.cda.quotes import Quotes
from liaison.core.cda.sections import Body
from liaison.core.cda.terms import ABSENCE, ALLERGY_TEMPLATES, DEVICE_TEMPLATE, PROBLEM_TEMPLATES
from liaison.core.cda.times import iso_time
from liaison.core.cda.values import SECTION_DEVICES, Code, Device, Problem

MAX_ITEMS = 2000


def read_problems(body: Body) -> tuple[Problem, ...]:
    """FR-Problème (1.2.250.1.213.1.1.3.37): neither an allergy, nor the reaction inside one, nor a stated absence."""
    allergies = frozenset(body.claiming(*ALLERGY_TEMPLATES))
    entries = (each for each in body.claiming(*PROBLEM_TEMPLATES) if each not in allergies and not _is_inside(each))
    problems = (_problem(each, body) for each in entries if not _states_absence(each))
    return tuple(dict.fromkeys(problem for problem in problems if problem.label or problem.codes))[:MAX_ITEMS]


def _is_inside(observation: Element) -> bool:
    """Whether it tells something of another entry, as the reaction to an allergen or a vaccine does."""
    return any(name_of(around) in ("observation", "substanceAdministration") for around in observation.iterancestors())


def _states_absence(observation: Element) -> bool:
    return ABSENCE in (
        attribute_at(observation, "code", "codeSystem"),
        attribute_at(observation, "value", "codeSystem"),
    )


def _problem(observation: Element, body: Body) -> Problem:
    value = find(observation, "value")
    start, end = _bounds(observation)
    return Problem(
        section=body.section_code_around(observation),
        label=_label(value, observation, body.quotes),
        codes=read_codes(value),
        start=start,
        end=end,
        negated=attribute(observation, "negationInd") in ("true", "1"),
        status=_concern_status(observation),
        narrative=body.quotes.row(find(observation, "text")),
    )


def _label(code: Element | None, entry: Element, quotes: Quotes) -> str:
    said = read_code(code).label or quotes.text(find(code, "originalText"))
    return said or quotes.text(find(entry, "text"))


def _bounds(entry: Element) -> tuple[str, str]:
    time = find(entry, "effectiveTime")
    start = attribute_at(time, "low", "value") or attribute(time, "value")
    return iso_time(start), iso_time(attribute_at(time, "high", "value"))


def _concern_status(observation: Element) -> str:
    """The status of the concern around: the observation's own is always « completed »."""
    concern = next(observation.iterancestors(), observation)
    concern = next(concern.iterancestors(), concern)
    return attribute_at(concern, "statusCode", "code") if name_of(concern) == "act" else ""


def read_devices(body: Body) -> tuple[Device, ...]:
    """FR-Dispositif-médical (1.2.250.1.213.1.1.3.20), and the personal objects a nursing home lists (E12)."""
    entries = dict.fromkeys((*_device_entries(body), *body.claiming(DEVICE_TEMPLATE)))
    devices = (_device(entry, body.quotes) for entry in entries if attribute_at(entry, "value", "value") != "false")
    return tuple(device for device in devices if device.label or device.codes)[:MAX_ITEMS]


def _device_entries(body: Body) -> Iterator[Element]:
    for part in body.parts_coded(SECTION_DEVICES):
        for entry in part.entries:
            yield from (child for child in entry if name_of(child) in ("supply", "observation", "procedure"))


def _device(entry: Element, quotes: Quotes) -> Device:
    roles = find_all(entry, "participant/participantRole")
    role = next((each for each in roles if find(each, "playingDevice") is not None), None)
    code = find(entry, "code") if role is None else find(role, "playingDevice/code")
    start, end = _bounds(entry)
    model = words_at(role, "playingDevice/manufacturerModelName")
    return Device(
        label=_label(code, entry, quotes) or model,
        codes=read_codes(code),
        start=start,
        end=end,
        ids=tuple(each for each in read_identifiers(role, "id") if each.extension),
        narrative=quotes.row(find(code, "originalText")) or quotes.row(find(entry, "text")),
    )


def read_absences(body: Body) -> tuple[Code, ...]:
    """What the document states there is none of, or no information about (IPS absent and unknown data)."""
    coded = descendants(body.document, "code", "value")
    return tuple(dict.fromkeys(read_code(each) for each in coded if each.get("codeSystem") == ABSENCE))[:MAX_ITEMS]
