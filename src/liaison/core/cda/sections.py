"""The sections of a structured body, at any depth, in the order of the document."""

from dataclasses import dataclass

from liaison.core.cda.markup import Element, attribute_at, descendants, find, find_all, words_at
from liaison.core.cda.narrative import Narrative, read_narrative
from liaison.core.cda.quotes import Quotes
from liaison.core.cda.terms import HL7, READ_TEMPLATES
from liaison.core.cda.values import Section

_SECTION = f"{{{HL7}}}section"


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its own narrative only: a nested section stands by itself, after the one that holds it."""

    element: Element
    code: str
    narrative: Narrative

    @property
    def entries(self) -> list[Element]:
        return find_all(self.element, "entry")


@dataclass(frozen=True, slots=True)
class Body:
    """A document with its sections, whose narratives are walked once, and what its entries quote of them.

    ``codes`` are those of the sections; ``templated`` holds the elements that claim each template we read by, and
    ``observations`` those of each code, in the order of the document.
    """

    document: Element
    parts: tuple[Part, ...]
    codes: dict[Element | None, str]
    quotes: Quotes
    templated: dict[str, list[Element]]
    observations: dict[str, list[Element]]

    def parts_coded(self, *codes: str) -> list[Part]:
        return [part for part in self.parts if part.code in codes]

    def descendants(self, *names: str) -> list[Element]:
        return descendants(self.document, *names)

    def claiming(self, *templates: str) -> list[Element]:
        """The elements that claim one of these templates, each once."""
        return list(dict.fromkeys(element for each in templates for element in self.templated.get(each, ())))

    def section_code_around(self, entry: Element) -> str:
        """The code of the nearest section around an entry."""
        return self.codes.get(next(entry.iterancestors(_SECTION), None), "")


def read_body(document: Element) -> Body:
    parts = tuple(map(_part, descendants(document, "section")))
    return Body(
        document,
        parts,
        {part.element: part.code for part in parts},
        Quotes(part.narrative for part in parts),
        templated=_by_template(document),
        observations=_by_code(descendants(document, "observation")),
    )


def _by_template(document: Element) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = {}
    for template in descendants(document, "templateId"):
        root = template.get("root", "")
        claiming = template.getparent() if root in READ_TEMPLATES else None
        if claiming is not None:
            found.setdefault(root, []).append(claiming)
    return found


def _by_code(observations: list[Element]) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = {}
    for observation in observations:
        found.setdefault(attribute_at(observation, "code", "code"), []).append(observation)
    return found


def _part(element: Element) -> Part:
    return Part(element, attribute_at(element, "code", "code"), read_narrative(find(element, "text")))


def read_sections(body: Body) -> tuple[Section, ...]:
    return tuple(map(_section, body.parts))


def _section(part: Part) -> Section:
    entries = len(part.entries)
    return Section(
        code=part.code,
        title=words_at(part.element, "title") or attribute_at(part.element, "code", "displayName"),
        text=part.narrative.text,
        entries=entries,
        rows=() if entries else tuple(tuple(row.cells) for row in part.narrative.rows),
        narrative=part.narrative.markup,
    )
