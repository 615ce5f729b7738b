"""A letter as its reader gets it: as plain text, and as the pages of a PDF."""

import json
import random
import textwrap
from functools import lru_cache
from typing import Any

import typst


def as_text(blocks: list[dict[str, Any]]) -> str:
    """The letter as a level 1 text: lines of 90 characters, tables with bars."""
    parts = []
    for block in blocks:
        if block["kind"] == "gap":
            continue
        if block["kind"] in ("heading", "para"):
            parts.append(textwrap.fill(block["text"], 90, break_on_hyphens=False))
        elif block["kind"] == "items":
            parts.append(
                "\n".join(_marked(block["mark"], number, item) for number, item in enumerate(block["items"], 1))
            )
        elif block["kind"] == "lines":
            parts.append("\n".join(textwrap.fill(item, 100, break_on_hyphens=False) for item in block["items"]))
        elif block["kind"] == "tabs":
            parts.append("\n".join(f"{left:<45}{right}" for left, right in block["rows"]))
        else:
            parts.append("\n".join(" | ".join(row) for row in (block["heads"], *block["rows"])))
    return "\n\n".join(parts)


def _marked(mark: str, number: int, item: str) -> str:
    return f"{number}. {item}" if mark == "#" else f"{mark}{item}"


TEMPLATE = """
#let data = json(bytes(sys.inputs.data))
#set page(
  paper: "a4", margin: 1.8cm, columns: data.columns,
  footer: [#set text(8pt); Mme NESSI Ruth — page #context counter(page).display() / 2],
)
#set text(lang: "fr", size: data.size * 1pt, hyphenate: data.hyphenate)
#set par(justify: data.justify, leading: 0.6em)
#for each in data.blocks {
  if each.kind == "heading" { text(weight: "bold", each.text); parbreak() }
  else if each.kind == "para" { [#each.text]; parbreak() }
  else if each.kind == "gap" { v(0.6em) }
  else if each.kind == "items" or each.kind == "lines" {
    for (number, item) in each.items.enumerate(start: 1) {
      if item.starts-with("    ") { pad(left: 1.2em, text(item.trim())) }
      else if each.mark == "#" { block(spacing: 0.6em, str(number) + ". " + item) }
      else { block(spacing: 0.6em, each.mark + item) }
    }
  }
  else if each.kind == "tabs" { grid(columns: (50%, 50%), row-gutter: 0.6em, ..each.rows.flatten()) }
  else {
    table(
      columns: each.heads.len(), stroke: if data.ruled { 0.5pt } else { none }, align: left + horizon,
      table.header(..each.heads.map(strong)), ..each.rows.flatten(),
    )
  }
}
"""


def as_pdf(blocks: list[dict[str, Any]], layout: str, dice: random.Random) -> bytes:
    data = {
        "blocks": blocks,
        "columns": 2 if layout in ("columns", "sides", "split columns") else 1,
        "size": 8.5 if layout in ("columns", "sides", "split columns") else dice.choice((9, 10, 11)),
        "justify": layout in ("narrow", "columns", "commas"),
        "hyphenate": layout in ("narrow", "columns"),
        "ruled": layout != "bare table",
    }
    written = typst.compile(
        TEMPLATE.encode(), font_paths=_fonts(), ignore_system_fonts=True, format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )  # fmt: skip
    return bytes(written)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
