"""One walk over a CDA that tells each departure from the schema of CDA R2, as the ANS extends it.

The schema itself is not ours to ship: its content models are stated beside this file, in our own notation. Uniqueness
of ``ID`` is asked by another rule (CDA-IDENTIFIERS), and the long vocabularies of codes by none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice

from liaison.core.cda.markup import Element
from liaison.core.cda.terms import HL7, XSI
from liaison.core.conformance.cda_schema.classes import CLASSES
from liaison.core.conformance.cda_schema.data_types import DATA_TYPES, PARENTS
from liaison.core.conformance.cda_schema.narrative import NARRATIVE
from liaison.core.conformance.cda_schema.notation import Attribute, Model, Particle
from liaison.core.conformance.cda_schema.vocabulary import TESTS
from liaison.core.conformance.finding import Finding

MAX_FINDINGS = 100
TYPES: dict[str, Model] = {**DATA_TYPES, **NARRATIVE, **CLASSES}
FREE = "free"
"""The type of what is not looked into."""

_XSI_TYPE = f"{{{XSI}}}type"
_XSI = f"{{{XSI}}}"
_PLACE = "CDA-SCHEMA-PLACE"
_ORDER = "CDA-SCHEMA-ORDER"
_MISSING = "CDA-SCHEMA-MISSING"
_REPEATED = "CDA-SCHEMA-REPEATED"
_ATTRIBUTE = "CDA-SCHEMA-ATTRIBUTE"
_VALUE = "CDA-SCHEMA-VALUE"
_TYPE = "CDA-SCHEMA-TYPE"
_TEXT = "CDA-SCHEMA-TEXT"

Content = tuple[Particle, ...]


def schema_findings(root: Element) -> Iterator[Finding]:
    """The first MAX_FINDINGS departures from the schema, in the order of the document. ``root`` is ClinicalDocument."""
    return islice(_walk(root), MAX_FINDINGS)


def _walk(root: Element) -> Iterator[Finding]:
    waiting = [(root, "ClinicalDocument")]
    while waiting:
        element, declared = waiting.pop()
        if declared == FREE:
            continue
        type_ = _actual_type(element, declared)
        model = TYPES.get(type_)
        if model is None or model.is_abstract or not _derives(type_, declared):
            yield _finding(
                _TYPE, element, f"Le type de « {_short(element.tag)} » est absent, inconnu ou mal choisi ici."
            )
            continue
        yield from _attribute_findings(element, model)
        if not model.is_mixed and _has_text(element):
            yield _finding(_TEXT, element, f"« {_short(element.tag)} » contient du texte, qui n'y a pas sa place.")
        if len(element):
            yield from _content_findings(element, type_)
            types = _types_in(type_)
            waiting += [(child, types[_tag(child)]) for child in reversed(element) if _tag(child) in types]
        elif not _order(type_, ()).is_kept:
            yield from _content_findings(element, type_)


def _actual_type(element: Element, declared: str) -> str:
    """The type that ``xsi:type`` names, else the one declared; empty when the name is of another vocabulary."""
    said = element.get(_XSI_TYPE)
    if said is None:
        return declared
    prefix, _, local = said.strip().rpartition(":")
    return local if element.nsmap.get(prefix or None) == HL7 and local in DATA_TYPES else ""


def _derives(type_: str, declared: str) -> bool:
    while type_ != declared:
        if type_ not in PARENTS:
            return False
        type_ = PARENTS[type_]
    return True


def _has_text(element: Element) -> bool:
    return bool((element.text and element.text.strip()) or any(child.tail and child.tail.strip() for child in element))


def _attribute_findings(element: Element, model: Model) -> Iterator[Finding]:
    for name, value in element.attrib.items():
        stated = model.attributes.get(str(name))
        if stated is None:
            if not str(name).startswith(_XSI):
                yield _finding(_ATTRIBUTE, element, f"« {_short(element.tag)} » n'a pas d'attribut « {_short(name)} ».")
        elif not _is_allowed(stated, str(value)):
            yield _finding(_VALUE, element, f"L'attribut « {_short(name)} » n'a pas une valeur permise.")
    for name, stated in model.attributes.items():
        if stated.is_required and name not in element.attrib:
            yield _finding(_ATTRIBUTE, element, f"« {_short(element.tag)} » n'a pas son attribut « {name} ».")


def _is_allowed(stated: Attribute, value: str) -> bool:
    return value == stated.fixed if stated.fixed else bool(TESTS[stated.values](value))


@dataclass(frozen=True, slots=True)
class _Order:
    """The order of a model that children follow, or the first of the model when they follow none."""

    content: Content
    is_kept: bool


@lru_cache(maxsize=4096)
def _order(type_: str, tags: tuple[str, ...]) -> _Order:
    contents = TYPES[type_].contents
    kept = next((content for content in contents if _fits(tags, content)), None)
    return _Order(contents[0] if kept is None else kept, kept is not None)


def _fits(tags: tuple[str, ...], content: Content) -> bool:
    position = 0
    for particle in content:
        count = 0
        while position < len(tags) and count < particle.most and tags[position] in particle.types:
            position += 1
            count += 1
        if count < particle.least:
            return False
    return position == len(tags)


@cache
def _types_in(type_: str) -> dict[str, str]:
    """The type of each child that a model knows, wherever it may stand."""
    return {
        tag: child for content in TYPES[type_].contents for particle in content for tag, child in particle.types.items()
    }


def _tag(element: Element) -> str:
    """The parser of the door drops comments and instructions: every node left is an element, and its tag a text."""
    return str(element.tag)


def _content_findings(parent: Element, type_: str) -> Iterator[Finding]:
    tags = tuple(map(_tag, parent))
    order = _order(type_, tags)
    if order.is_kept:
        return
    content, is_open = order.content, TYPES[type_].is_open
    at = count = 0
    for position, child in enumerate(parent):
        found = _particle_of(_tag(child), content, at)
        if found is None and is_open and not _tag(child).startswith(f"{{{HL7}}}"):
            is_open = False
        elif found is None or _is_too_soon(tags[position:], content[at:found], count):
            yield _misplaced(child, content)
        else:
            yield from _lacking(parent, content, at, found, count) if found != at else ()
            count = count + 1 if found == at else 1
            at = found
            if count > content[at].most:
                yield _finding(_REPEATED, child, f"« {_short(child.tag)} » est répété.")
    yield from _lacking(parent, content, at, len(content), count)


def _is_too_soon(following: tuple[str, ...], skipped: Content, count: int) -> bool:
    """Whether an element that must stand before comes after: this one has moved, the others are where they were."""
    needed = (particle for index, particle in enumerate(skipped) if (0 if index else count) < particle.least)
    return any(tag in particle.types for particle in needed for tag in following)


def _particle_of(tag: str, content: Content, start: int) -> int | None:
    for index in range(start, len(content)):
        if tag in content[index].types:
            return index
    return None


def _misplaced(child: Element, content: Content) -> Finding:
    if any(child.tag in particle.types for particle in content):
        return _finding(_ORDER, child, f"« {_short(child.tag)} » n'est pas à son rang.")
    return _finding(_PLACE, child, f"« {_short(child.tag)} » n'a pas sa place ici.")


def _lacking(parent: Element, content: Content, start: int, end: int, count: int) -> Iterator[Finding]:
    """The places left empty between two places filled, the first of which holds ``count`` elements."""
    for index, particle in enumerate(content[start:end], start=start):
        if (count if index == start else 0) < particle.least:
            names = " ou ".join(name.rpartition("}")[2] for name in particle.types)
            yield _finding(_MISSING, parent, f"« {_short(parent.tag)} » n'a pas son élément « {names} ».")


def _finding(rule: str, element: Element, message: str) -> Finding:
    return Finding(rule, place_of(element), "error", f"{message} (schéma CDA R2)")


def place_of(element: Element) -> str:
    """``recordTarget/patientRole/id[2]``: where an element stands under ClinicalDocument."""
    steps = [_step(step) for step in (element, *element.iterancestors()) if step.getparent() is not None]
    return "/".join(reversed(steps)) or "ClinicalDocument"


def _step(element: Element) -> str:
    name = _short(element.tag)
    before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
    is_alone = not before and next(element.itersiblings(element.tag), None) is None
    return name if is_alone else f"{name}[{before + 1}]"


def _short(name: object) -> str:
    return str(name).rpartition("}")[2]
