"""The narrative block of a section (CDA R2 §4.3.5): the little of HTML that a signed text may be made of."""

from liaison.core.conformance.cda_schema.notation import Model, choice, model

_SAID = "ID=id language=token styleCode=tokens"
_ALIGNED = f"{_SAID} align=align char=text charoff=text valign=valign"
_COLUMN = f"{_ALIGNED} span=text width=text"
_CELL = f"{_ALIGNED} abbr=text axis=text headers=ids scope=scope rowspan=text colspan=text"
_NOTES = ("footnote", "footnoteRef")
_INLINE = ("content", "linkHtml", "sub", "sup", "br", *_NOTES, "renderMultiMedia")
_BLOCKS = ("paragraph", "list", "table")
_CAPTION = "caption:Caption?"


def _mixed(attributes: str, names: tuple[str, ...], before: str = "") -> Model:
    return model(attributes, f"{before} {choice(names)}*", is_mixed=True)


def _rows() -> Model:
    return model(_ALIGNED, "tr:Tr+")


NARRATIVE: dict[str, Model] = {
    "Narrative": _mixed(f"{_SAID} mediaType='text/x-hl7-text+xml'", (*_INLINE, *_BLOCKS)),
    "Content": _mixed(f"{_SAID} revised=revised", _INLINE),
    "LinkHtml": _mixed(f"{_SAID} name=text href=text rel=text rev=text title=text", _NOTES),
    "Sub": model("", is_mixed=True),
    "Sup": model("", is_mixed=True),
    "Br": model(""),
    "Footnote": _mixed(_SAID, ("content", "linkHtml", "sub", "sup", "br", "renderMultiMedia", *_BLOCKS)),
    "FootnoteRef": model(f"{_SAID} IDREF!id"),
    "RenderMultiMedia": model(f"{_SAID} referencedObject!ids", _CAPTION),
    "Paragraph": _mixed(_SAID, _INLINE, _CAPTION),
    "Caption": _mixed(_SAID, ("linkHtml", "sub", "sup", *_NOTES)),
    "List": model(f"{_SAID} listType=listType", f"{_CAPTION} item:Item+"),
    "Item": _mixed(_SAID, (*_INLINE, *_BLOCKS), _CAPTION),
    "Table": model(
        f"{_SAID} summary=text width=text border=text frame=frame rules=rules cellspacing=text cellpadding=text",
        f"{_CAPTION} col:Col* thead:Thead? tfoot:Tfoot? tbody:Tbody+",
        f"{_CAPTION} colgroup:Colgroup* thead:Thead? tfoot:Tfoot? tbody:Tbody+",
    ),
    "Col": model(_COLUMN),
    "Colgroup": model(_COLUMN, "col:Col*"),
    "Thead": _rows(),
    "Tfoot": _rows(),
    "Tbody": _rows(),
    "Tr": model(_ALIGNED, "(th:Th|td:Td)+"),
    "Th": _mixed(_CELL, _INLINE),
    "Td": _mixed(_CELL, (*_INLINE, "paragraph", "list")),
}
