"""The body of a CDA: one, readable, whose words and whose codes agree (CDA R2 §4.3; IHE XDS-SD; CI-SIS)."""

from collections.abc import Iterator

from liaison.core.cda.markup import Element, attribute, attribute_at, descendants, find, find_all, words
from liaison.core.cda.terms import TEMPLATE_UNSTRUCTURED
from liaison.core.conformance.cda import Cda, at_most_one
from liaison.core.conformance.finding import Finding, Rule, Severity
from liaison.core.media import PDF

LEVEL_1_TYPES = frozenset(
    {PDF, "text/plain", "text/rtf", "image/jpeg", "image/tiff", "image/png", "image/gif", "text/html"}
)
_NOTICES: dict[str, tuple[str, Severity]] = {
    "all_treatments_stopped": ("CDA-STOP-ALL", "note"),
    "body_missing": ("CDA-BODY-CONTENT", "error"),
    "body_unreadable": ("CDA-BODY-CONTENT", "error"),
    "cda_encoding_wrong": ("CDA-ENCODING", "error"),
    "embedded_unreadable": ("CDA-EMBEDDED", "error"),
    "treatments_differ_from_text": ("CDA-TREATMENTS-TEXT", "warning"),
}
"""What the reader already noticed that no rule below asks again: its name as a rule, its severity."""


def noticed(cda: Cda) -> Iterator[Finding]:
    """The remarks of the reader that are breaches."""
    for notice in cda.document.notices:
        if notice.code in _NOTICES:
            rule, severity = _NOTICES[notice.code]
            yield Finding(rule, "component", severity, notice.message)


def no_body(cda: Cda) -> Iterator[str]:
    bodies = [*cda.at("component/nonXMLBody"), *cda.at("component/structuredBody")]
    if len(bodies) != 1:
        yield "component"


def no_section(cda: Cda) -> Iterator[str]:
    if cda.at("component/structuredBody") and not cda.document.sections:
        yield "component/structuredBody"


def undeclared_level_1(cda: Cda) -> Iterator[str]:
    is_declared = any(template.root == TEMPLATE_UNSTRUCTURED for template in cda.document.templates)
    if cda.at("component/nonXMLBody") and not is_declared:
        yield "templateId"


def other_type_than_said(cda: Cda) -> Iterator[str]:
    body = next(iter(cda.at("component/nonXMLBody/text")), None)
    if body is None or not cda.document.embedded:
        return
    if attribute(body, "mediaType") not in ("", cda.document.embedded[0].media_type):
        yield "component/nonXMLBody/text"


def type_unread(cda: Cda) -> Iterator[str]:
    carried = cda.document.embedded[:1] if cda.document.level == 1 else ()
    if any(file.media_type not in LEVEL_1_TYPES for file in carried):
        yield "component/nonXMLBody/text"


def section_code(section: Element) -> str:
    return attribute_at(section, "code", "code")


def place_of(section: Element) -> str:
    return f"section {section_code(section) or '?'}"


def uncoded_sections(cda: Cda) -> Iterator[str]:
    return (place_of(section) for section in descendants(cda.root, "section") if not section_code(section))


def untitled_sections(cda: Cda) -> Iterator[str]:
    for section in descendants(cda.root, "section"):
        if not words(find(section, "title")):
            yield place_of(section)


def wordless_sections(cda: Cda) -> Iterator[str]:
    """A section that holds no other and no word: what is coded there was not shown to who signed."""
    for section in descendants(cda.root, "section"):
        has_words = bool(words(find(section, "text"))) or len(descendants(section, "renderMultiMedia")) > 0
        if not has_words and not find_all(section, "component/section"):
            yield place_of(section)


def dangling_references(cda: Cda) -> Iterator[str]:
    """One place for each section whose entries point to words that are nowhere."""
    targets = {element.get("ID", "") for element in cda.root.iter() if isinstance(element.tag, str)}
    for section in descendants(cda.root, "section"):
        references = (attribute(each, "value") for each in descendants(section, "reference"))
        if any(value.startswith("#") and value[1:] not in targets for value in references):
            yield place_of(section)


def repeated_targets(cda: Cda) -> Iterator[str]:
    seen: set[str] = set()
    for element in cda.root.iter():
        target = element.get("ID", "")
        if target and target in seen:
            yield "@ID"
            return
        seen.add(target)


BODY_RULES: tuple[Rule[Cda], ...] = (
    Rule("CDA-BODY", "error", "Le document n'a pas un corps et un seul.", no_body),
    Rule("CDA-SECTIONS", "error", "Le corps structuré n'a aucune section.", no_section),
    Rule(
        "CDA-LEVEL1-TEMPLATE",
        "error",
        "Le corps n'est pas structuré mais le document ne déclare pas le modèle XDS-SD.",
        undeclared_level_1,
    ),
    Rule(
        "CDA-LEVEL1-TYPE",
        "warning",
        "Le fichier que porte le document n'est pas du type annoncé.",
        other_type_than_said,
    ),
    Rule("CDA-LEVEL1-FORMAT", "warning", "Le fichier que porte le document est d'un format imprévu.", type_unread),
    Rule("CDA-SECTION-CODE", "error", "Une section n'a pas de code.", uncoded_sections),
    Rule("CDA-SECTION-TITLE", "note", "Une section n'a pas de titre.", untitled_sections),
    Rule(
        "CDA-SECTION-TEXT", "error", "Une section n'a pas de texte : rien n'y est montré à qui lit.", wordless_sections
    ),
    Rule("CDA-REFERENCES", "note", "Des données codées renvoient à un texte qui n'existe pas.", dangling_references),
    Rule("CDA-IDENTIFIERS", "warning", "Un identifiant interne (ID) est porté par deux éléments.", repeated_targets),
    Rule(
        "CDA-ONE-BODY-FILE",
        "error",
        "Le corps non structuré porte plusieurs fichiers.",
        at_most_one("component/nonXMLBody/text"),
    ),
)
