"""What doctors write back: short, in haste, each in his own way."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from liaison.demo.world.dice import Dice
from liaison.demo.world.drugs import FORMULARY, HOSPITAL_DRUGS, Entry
from liaison.demo.world.values import Behaviour

_NUMBERED = re.compile(r"^\s*(\d{1,2})\. (\S.*)$", re.MULTILINE)

_VALIDATES = (
    "Bonjour,\n\nD'accord pour tout.",
    "Bonjour,\n\nOK pour l'ensemble des propositions, merci pour l'envoi.",
    "C'est d'accord, je valide l'ensemble.",
    "Bonjour, vu et validé. Merci.",
    "Bonjour,\n\nJe valide le traitement de sortie.",
    "OK pour tout\n\nMerci",
)
_CHANGES = (
    "Bonjour,\n\n{number} : plutôt {posology}\nOK pour le reste.",
    "Bonjour,\n\nD'accord sauf la {number} : {posology}.",
    "{number} : plutôt {posology}\nLe reste ok.",
    "Bonjour,\n\nLigne {number} : mettre {posology}.\nPour les autres lignes, d'accord.",
)
_CHANGES_ALONE = (
    "Bonjour,\n\n{number} : plutôt {posology}.",
    "{number} : mettre {posology}. Merci",
)
_ASKS = (
    "Bonjour,\n\nPouvez-vous m'envoyer la dernière créatinine et le poids avant que je valide ?",
    "Bonjour,\nQuelle est la tension depuis le retour ? Et qui a décidé de l'arrêt ?",
    "Bonjour,\n\nMerci. Pouvez-vous me faire parvenir le bilan biologique de sortie ?",
    "Bonjour, il me manque le dernier ionogramme. Pouvez-vous me le transmettre ?",
)
_VISITS = (
    "Bonjour,\n\nJe passe jeudi vers 14 h, on en reparle sur place.",
    "Bonjour,\n\nJe viendrai voir le résident demain matin.",
    "Je passerai lundi après ma consultation.",
    "Bonjour,\n\nVisite mercredi matin, je verrai sur place.",
)
_BY_NAME = (
    "Bonjour, d'accord sauf {name} : {posology}",
    "{name} : plutôt {posology}, ok pour le reste",
    "Bjr, ok pr tt sauf {name}, mettre {posology}. Cdlt",
    "{name} : {posology}\nle reste ok",
)
_RECEIVED = (
    "Bien reçu, merci.",
    "Bonjour,\n\nMerci pour l'envoi, bien reçu.",
    "Bonjour, bien reçu. Merci de votre envoi.",
)
_AFTER_DETAILS = (
    "Merci pour votre réponse.\n\nD'accord pour tout.",
    "Bien reçu, merci. OK pour tout.",
)


@dataclass(frozen=True, slots=True)
class NumberedLine:
    """One treatment line of the home's message: its number, and the words after it."""

    number: int
    text: str


def numbered_lines(body: str) -> tuple[NumberedLine, ...]:
    """The lines ``1. KARDEGIC 75 mg — …`` of a message, in its own order."""
    return tuple(NumberedLine(int(number), text.strip()) for number, text in _NUMBERED.findall(body))


def first_answer(behaviour: Behaviour, body: str, dice: Dice) -> str:
    """What a doctor of that behaviour writes to a message sent on; empty when he never answers."""
    lines = numbered_lines(body)
    if behaviour in _WITHOUT_LINES:
        return dice.pick(_WITHOUT_LINES[behaviour])
    if not lines:
        return dice.pick(_RECEIVED)
    write = _OF_LINES.get(behaviour)
    return write(lines, dice) if write else dice.pick(_VALIDATES)


def second_answer(behaviour: Behaviour, dice: Dice) -> str:
    """What he writes once the home has written back: only one who asked has something to add."""
    return dice.pick(_AFTER_DETAILS) if behaviour == "asks" else ""


def _change(lines: tuple[NumberedLine, ...], dice: Dice) -> str:
    known = [(line, entry) for line in lines if (entry := _entry(line))]
    line, posology = _another_posology(*dice.pick(known)) if known else (dice.pick(lines), "le soir")
    template = dice.pick(_CHANGES if len(lines) > 1 else _CHANGES_ALONE)
    return template.format(number=line.number, posology=posology)


def _by_name(lines: tuple[NumberedLine, ...], dice: Dice) -> str:
    """He never looks at the numbers: the brand as he writes it, or the substance."""
    known = [(line, entry) for line in lines if (entry := _entry(line)) and _is_named_once(line, lines)]
    if not known:
        return dice.pick(_VALIDATES)
    line, posology = _another_posology(*dice.pick(known))
    return dice.pick(_BY_NAME).format(name=_first_word(line), posology=posology)


def _first_word(line: NumberedLine) -> str:
    return line.text.split()[0].lower()


def _is_named_once(line: NumberedLine, lines: tuple[NumberedLine, ...]) -> bool:
    return [_first_word(each) for each in lines].count(_first_word(line)) == 1


def _inline(lines: tuple[NumberedLine, ...], dice: Dice) -> str:
    """One answer for each line, as « 3: ok »: his program puts them under the lines it quotes."""
    known = [(line, entry) for line in lines if (entry := _entry(line))]
    changed, posology = _another_posology(*dice.pick(known)) if known else (lines[0], "le soir")
    return "\n".join(f"{line.number}: {f'plutôt {posology}' if line == changed else 'ok'}" for line in lines)


def _entry(line: NumberedLine) -> Entry | None:
    """The drug a line speaks of, when there is another way to take it."""
    for entry in (*FORMULARY, *HOSPITAL_DRUGS.values()):
        labels = [drug.label for drug in (entry.drug, entry.other_brand) if drug]
        if line.text.startswith(tuple(labels)) and len(entry.posologies) > 1:
            return entry
    return None


def _another_posology(line: NumberedLine, entry: Entry) -> tuple[NumberedLine, str]:
    """One the message does not speak of, as far as can be."""
    written = [" ".join(posology) for posology in entry.posologies]
    unsaid = [words for words in written if words not in line.text]
    return line, (unsaid or written)[-1]


_WITHOUT_LINES: dict[Behaviour, tuple[str, ...]] = {
    "silent": ("",),
    "asks": _ASKS,
    "visits": _VISITS,
    "thanks": _RECEIVED,
}
_OF_LINES: dict[Behaviour, Callable[[tuple[NumberedLine, ...], Dice], str]] = {
    "changes_a_line": _change,
    "names": _by_name,
    "inline": _inline,
}
