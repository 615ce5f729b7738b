"""The typst source of a letter. It reads its words from ``sys.inputs.letter`` (JSON), and they are never evaluated."""

TEMPLATE = r"""
#let letter = json(bytes(sys.inputs.letter))
#let ink = rgb("#1b2a41")
#let quiet = rgb("#5c6b7f")
#let rule = rgb("#c9d2dd")
#let tint = rgb("#f1f4f8")

#let broken(lines) = lines.join(linebreak())

#let rows(block) = block.rows.flatten()

#let headed(block) = table(
  columns: block.weights.map(weight => weight * 1fr),
  stroke: (x: none, y: 0.5pt + rule),
  inset: (x: 4pt, y: 4pt),
  fill: (_, row) => if row == 0 { tint },
  table.header(..block.columns.map(title => text(weight: "bold", size: 8pt, fill: ink, title))),
  ..rows(block),
)

#let plain(block) = table(
  columns: block.weights.map(weight => weight * 1fr),
  stroke: (x: none, y: 0.5pt + rule),
  inset: (x: 4pt, y: 4pt),
  ..rows(block),
)

#let shown(block) = {
  if block.kind == "paragraph" {
    par(broken(block.lines))
  } else if block.rows.len() + block.columns.len() > 0 {
    set text(size: 8.5pt, hyphenate: block.hyphenate)
    set par(justify: false, leading: 0.5em)
    if block.columns.len() > 0 { headed(block) } else { plain(block) }
  }
}

#set document(
  title: letter.title,
  author: letter.sender.slice(0, calc.min(1, letter.sender.len())),
  date: datetime(year: letter.day.at(0), month: letter.day.at(1), day: letter.day.at(2)),
)
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono", "New Computer Modern Math"), size: 10.5pt, lang: "fr")
#set par(justify: true, leading: 0.62em, spacing: 0.9em)
#set page(
  paper: "a4",
  margin: (x: 2.1cm, top: 2cm, bottom: 2.1cm),
  footer: context {
    set text(size: 7.5pt, fill: quiet)
    line(length: 100%, stroke: 0.5pt + rule)
    v(-0.6em)
    grid(
      columns: (1fr, auto),
      column-gutter: 1em,
      letter.reference,
      [Page #counter(page).display() sur #counter(page).final().first()],
    )
  },
)
#show heading: it => block(above: 1.35em, below: 0.7em, sticky: true, {
  set text(size: 11.5pt, weight: "bold", fill: ink)
  it.body
})

#grid(
  columns: (1fr, 1fr),
  column-gutter: 1cm,
  {
    set par(justify: false)
    for (place, words) in letter.sender.enumerate() {
      if place == 0 { text(weight: "bold", size: 12pt, fill: ink, words) } else { text(size: 9.5pt, words) }
      linebreak()
    }
  },
  {
    set par(justify: false)
    v(1.6cm)
    broken(letter.recipients)
    v(0.6em)
    text(fill: quiet, letter.dateline)
  },
)

#v(0.9em)
#align(center, par(justify: false, text(size: 15pt, weight: "bold", fill: ink, letter.title)))
#v(0.3em)

#if letter.patient.len() > 0 {
  block(width: 100%, fill: tint, stroke: (left: 2.5pt + ink), inset: (x: 10pt, y: 8pt), {
    set par(justify: false)
    set text(size: 9.5pt)
    grid(
      columns: (auto, 1fr),
      column-gutter: 12pt,
      row-gutter: 5pt,
      ..letter.patient.map(((label, value)) => (text(fill: quiet, label), text(weight: "bold", value))).flatten(),
    )
  })
}

#for section in letter.sections {
  if section.title != "" { heading(level: 1, section.title) }
  for block in section.blocks { shown(block) }
}

#if letter.signature.len() > 0 {
  v(1.6em)
  block(breakable: false, width: 100%, align(right, par(justify: false, broken(letter.signature))))
}
"""
