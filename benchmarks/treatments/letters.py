"""Letters whose treatments are known, the same for the same seed: many layouts, on PDF pages and as plain text."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks.treatments import drugs, phrases, second, unseen
from benchmarks.treatments.drugs import Drug
from benchmarks.treatments.pages import as_pdf, as_text
from benchmarks.treatments.phrases import Phrases, Posology

DISCHARGE, STOPPED, ADMISSION = "10183-2", "18610-6", "42346-7"
SEEN_LAYOUTS = (
    "dashes",
    "bullets",
    "lines",
    "commas",
    "capitals",
    "prose",
    "moments",
    "posology",
    "details",
    "columns",
    "tabs",
    "narrow",
    "numbers",
    "two lines",
    "semicolons",
    "bare table",
    "sides",
    "mixed",
)
UNSEEN_LAYOUTS = (
    "dotted",
    "slashes",
    "split columns",
    "wide table",
    "indented",
    "story",
    "bare table",
    "two lines",
    "capitals",
)
TABLES = {"moments": 0, "posology": 1, "details": 2}
OFTEN, SOMETIMES = 0.6, 0.45
MOMENTS = {"m": "matin", "d": "midi", "s": "soir", "c": "coucher"}


@dataclass(frozen=True, slots=True)
class Truth:
    """One line of treatment as the letter states it. ``names`` are those it may be called by.

    ``unsure``: no reader can say its posology in one dose and some moments (a dose that goes down by steps), and must
    say so. ``partial``: what is empty is not asked.
    """

    section: str
    names: tuple[str, ...]
    strength: str = ""
    dose: str = ""
    moments: dict[str, str] = field(default_factory=dict)
    rhythm: str = ""
    route: str = ""
    as_needed: bool = False
    end: str = ""
    duration: str = ""
    reason: str = ""
    unsure: bool = False
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    seed: int
    layout: str
    held_out: bool
    text: str
    pdf: bytes
    truths: tuple[Truth, ...]


@dataclass(slots=True)
class _Draft:
    """What is being written: blocks for the page, lines for the text, and what they state."""

    dice: random.Random
    phrases: Phrases
    stock: list[Drug]
    layout: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    truths: list[Truth] = field(default_factory=list)

    def draw(self) -> Drug:
        return self.stock.pop()


def make_letters(count: int, *, held_out: bool, seed: int = 0) -> Iterator[Letter]:
    layouts = UNSEEN_LAYOUTS if held_out else SEEN_LAYOUTS
    for number in range(count):
        yield make_letter(seed * 10_000 + number, layouts[number % len(layouts)], held_out=held_out)


def make_letter(seed: int, layout: str, *, held_out: bool) -> Letter:
    dice = random.Random(f"{seed} {layout} {held_out}")  # noqa: S311 (a corpus, not a secret)
    said, drawn = (unseen.UNSEEN, drugs.UNSEEN) if held_out else dice.choice(_SEEN)
    stock = [drug for drug in drawn if drug.form in said.posologies]
    dice.shuffle(stock)
    draft = _Draft(dice, said, stock, layout)
    _write(draft)
    return Letter(
        seed, layout, held_out, as_text(draft.blocks), as_pdf(draft.blocks, layout, dice), tuple(draft.truths)
    )


_SEEN = ((phrases.USUAL, drugs.USUAL), (second.SECOND, drugs.SECOND))


def _write(draft: _Draft) -> None:
    dice = draft.dice
    others = list(draft.phrases.other)
    dice.shuffle(others)
    draft.blocks.append({"kind": "para", "text": "Centre hospitalier de la Vesle — Service de gériatrie"})
    draft.blocks.append({"kind": "para", "text": f"Reims, le {dice.randint(10, 28)}/11/2026"})
    draft.blocks.append(
        {
            "kind": "para",
            "text": (
                "Cher confrère, votre patiente Mme NESSI Ruth, née le 11/02/1938, a été hospitalisée du "
                "02/11/2026 au 10/11/2026."
            ),
        }
    )
    for title, words in others[:2]:
        _section(draft, title, _filled(draft, words))
    if dice.random() < OFTEN:
        _treatments(draft, ADMISSION, dice.randint(3, 6))
    for title, words in others[2:4]:
        _section(draft, title, _filled(draft, words))
    _story(draft)
    if dice.random() < OFTEN:
        _stopped(draft)
    _treatments(draft, DISCHARGE, dice.randint(4, 9))
    for title, words in others[4:6]:
        _section(draft, title, _filled(draft, words))
    draft.blocks.append({"kind": "para", "text": dice.choice(draft.phrases.closings)})


def _filled(draft: _Draft, words: str) -> str:
    return words.replace("{allergen}", draft.dice.choice(("pénicilline", "codéine", "sulfamides"))).replace(
        "{antibiotic}", draft.dice.choice(("ceftriaxone", "lévofloxacine", "pipéracilline"))
    )


def _section(draft: _Draft, title: str, words: str) -> None:
    draft.blocks += [{"kind": "heading", "text": title}, {"kind": "para", "text": words}]


def _name(draft: _Draft, drug: Drug, *, plain: bool = False) -> str:
    choices = [drug.substance.capitalize(), drug.substance.upper()]
    if drug.brand:
        choices += [drug.brand, drug.brand.upper(), drug.brand.upper()]
        if not plain:
            choices += [f"{drug.brand.upper()} ({drug.substance})"]
    return draft.dice.choice(choices)


def _truth(drug: Drug, section: str, posology: Posology | None, strength: str = "") -> Truth:
    names = tuple(filter(None, (drug.brand, drug.substance)))
    if posology is None:
        return Truth(section, names, strength)
    extras = dict(extra.split(":") for extra in posology.extras if ":" in extra)
    moments = {}
    for said in moments_of(posology.moments):
        moments[MOMENTS[said[0]]] = said[1:]
    return Truth(
        section, names, strength, posology.dose, moments, posology.rhythm, extras.get("v", ""),
        "sb" in posology.extras, extras.get("f", ""), extras.get("d", ""),
    )  # fmt: skip


def moments_of(text: str) -> list[str]:
    """``m6 ui d8 ui`` as its parts: a part begins with the letter of a moment and a digit."""
    parts: list[str] = []
    for word in text.split():
        if word[0] in MOMENTS and word[1:2].isdigit():
            parts.append(word)
        else:
            parts[-1] += f" {word}"
    return parts


def _treatments(draft: _Draft, section: str, count: int) -> None:
    titles = draft.phrases.discharge if section == DISCHARGE else draft.phrases.admission
    chosen = [draft.draw() for _ in range(min(count, len(draft.stock)))]
    if draft.layout in ("prose", "story"):
        leads = draft.phrases.discharge_leads if section == DISCHARGE else draft.phrases.admission_leads
        words = ", ".join(_item(draft, drug, section) for drug in chosen)
        draft.blocks.append({"kind": "para", "text": draft.dice.choice(leads).replace("{list}", words)})
        return
    draft.blocks.append({"kind": "heading", "text": draft.dice.choice(titles)})
    if draft.layout in TABLES or draft.layout in ("bare table", "wide table"):
        _table(draft, chosen, section)
    elif draft.layout in ("commas", "semicolons", "slashes"):
        mark = {"commas": ", ", "semicolons": " ; ", "slashes": " // "}[draft.layout]
        draft.blocks.append({"kind": "para", "text": mark.join(_item(draft, drug, section) for drug in chosen) + "."})
    elif draft.layout == "tabs":
        draft.blocks.append({"kind": "tabs", "rows": [_pair(draft, drug, section) for drug in chosen]})
    elif draft.layout == "two lines":
        pairs = [_pair(draft, drug, section) for drug in chosen]
        draft.blocks.append(
            {"kind": "items", "mark": "", "items": [line for pair in pairs for line in (pair[0], "    " + pair[1])]}
        )
    else:
        mark = {
            "dashes": "- ",
            "bullets": "• ",
            "numbers": "#",
            "sides": "- ",
            "columns": "- ",
            "narrow": "- ",
            "mixed": "* ",
            "dotted": "· ",
            "split columns": "– ",
            "indented": "   > ",
        }.get(draft.layout, "")
        draft.blocks.append({"kind": "items", "mark": mark, "items": [_item(draft, drug, section) for drug in chosen]})


def _pair(draft: _Draft, drug: Drug, section: str) -> list[str]:
    posology = draft.dice.choice(draft.phrases.posologies[drug.form])
    strength = draft.dice.choice(drug.strengths)
    draft.truths.append(_truth(drug, section, posology, strength))
    return [f"{_name(draft, drug)} {strength}", posology.words]


def _item(draft: _Draft, drug: Drug, section: str) -> str:
    name, posology = _pair(draft, drug, section)
    mark = (
        draft.dice.choice((" : ", " ", ", ", " - "))
        if draft.layout not in ("commas", "prose", "story")
        else draft.dice.choice((" ", " : "))
    )
    words = f"{name}{mark}{posology}"
    return words.upper() if draft.layout == "capitals" else words


def _table(draft: _Draft, chosen: list[Drug], section: str) -> None:
    columns = draft.phrases.columns
    heads = columns[TABLES[draft.layout]] if draft.layout in TABLES else draft.dice.choice(columns)
    rows = [_row(draft, drug, section, heads) for drug in chosen]
    draft.blocks.append({"kind": "table", "heads": list(heads), "rows": rows})


def _row(draft: _Draft, drug: Drug, section: str, heads: tuple[str, ...]) -> list[str]:
    has_moments = len(heads) == len(("drug", *MOMENTS))
    choices = [
        each
        for each in draft.phrases.posologies[drug.form]
        if not has_moments or (each.moments and not each.extras and not each.rhythm)
    ]
    strength = draft.dice.choice(drug.strengths)
    name = _name(draft, drug)
    posology = draft.dice.choice(choices) if choices else None
    if has_moments and posology is None:
        posology = Posology("", "", "m1", "", ())
    assert posology is not None  # noqa: S101 (every form has a posology)
    if has_moments:
        said = moments_of(posology.moments)
        posology = Posology("", "", posology.moments, "", ())
        draft.truths.append(_truth(drug, section, posology, strength))
        return [f"{name} {strength}", *(next((one[1:] for one in said if one[0] == letter), "") for letter in MOMENTS)]
    draft.truths.append(_truth(drug, section, posology, strength))
    cells = {heads[0]: f"{name} {strength}", heads[-1]: drug.reason}
    if heads[1] == "Dosage":
        cells[heads[0]], cells["Dosage"] = name, strength
    for head in ("Posologie", "Prise", "Mode d'administration", "Comment le prendre", "Schéma de prise"):
        if head in heads:
            cells[head] = posology.words
    return [cells.get(head, "") for head in heads]


def _stopped(draft: _Draft) -> None:
    dice = draft.dice
    chosen = [draft.draw() for _ in range(dice.randint(1, 3))]
    if draft.layout in ("prose", "story") or dice.random() < SOMETIMES:
        for drug in chosen:
            reason = dice.choice(draft.phrases.stop_reasons)
            name = _name(draft, drug, plain=True)
            words = dice.choice(draft.phrases.stop_sentences).replace("{drug}", name).replace("{reason}", reason)
            draft.truths.append(_truth(drug, STOPPED, None))
            draft.blocks.append({"kind": "para", "text": words[0].upper() + words[1:]})
        return
    items = []
    for drug in chosen:
        reason = dice.choice(draft.phrases.stop_reasons)
        name = f"{_name(draft, drug, plain=True)} {dice.choice((drug.strengths[0], ''))}".strip()
        items.append(dice.choice(draft.phrases.stop_items).replace("{drug}", name).replace("{reason}", reason))
        draft.truths.append(_truth(drug, STOPPED, None))
    draft.blocks += [
        {"kind": "heading", "text": dice.choice(draft.phrases.stopped)},
        {"kind": "items", "mark": dice.choice(("- ", "• ")), "items": items},
    ]


def _story(draft: _Draft) -> None:
    """The course of the stay: what it names for other reasons, and what it starts."""
    dice = draft.dice
    draft.blocks.append(
        {"kind": "heading", "text": dice.choice(("Évolution", "Évolution dans le service :", "Prise en charge"))}
    )
    sentences = ["Évolution favorable sous oxygénothérapie et kinésithérapie."]
    for words in dice.sample(draft.phrases.noise, 2):
        named = _name(draft, draft.draw(), plain=True).lower()
        sentences.append(_filled(draft, words.replace("{drug}", named)))
    if dice.random() < SOMETIMES:
        drug = next((each for each in draft.stock if each.form in ("tablet", "twice", "evening")), None)
        if drug:
            draft.stock.remove(drug)
            posology = dice.choice([each for each in draft.phrases.posologies[drug.form] if not each.extras])
            strength = drug.strengths[0]
            words = dice.choice(draft.phrases.start_sentences)
            said = words.replace("{drug}", f"{_name(draft, drug, plain=True)} {strength}").replace(
                "{posology}", posology.words
            )
            sentences.append(said)
            draft.truths.append(_truth(drug, DISCHARGE, posology, strength))
    draft.blocks.append({"kind": "para", "text": " ".join(sentences)})
