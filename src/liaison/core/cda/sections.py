"""The sections of a structured body, at any depth, in the order of the document."""

from liaison.core.cda.markup import Element, attribute_at, descendants, find, find_all, words_at
from liaison.core.cda.narrative import narrative_html, narrative_text
from liaison.core.cda.values import Section


def read_sections(document: Element) -> tuple[Section, ...]:
    """Each section with its own narrative only: a nested section stands by itself, after the one that holds it."""
    return tuple(map(_section, descendants(document, "section")))


def _section(element: Element) -> Section:
    text = find(element, "text")
    return Section(
        code=section_code(element),
        title=words_at(element, "title") or attribute_at(element, "code", "displayName"),
        text=narrative_text(text),
        html=narrative_html(text),
        entries=len(find_all(element, "entry")),
    )


def section_code(element: Element) -> str:
    return attribute_at(element, "code", "code")


def section_holding(element: Element) -> Element | None:
    """The nearest section around an entry."""
    parent: Element | None = element.getparent()
    while parent is not None and not str(parent.tag).endswith("}section"):
        parent = parent.getparent()
    return parent


def sections_coded(document: Element, code: str) -> list[Element]:
    return [element for element in descendants(document, "section") if section_code(element) == code]
