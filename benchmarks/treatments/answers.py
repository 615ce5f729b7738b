"""Doctors' answers as they are written, and how their reading is held against what they say.

``replies.txt``: ``@ title`` begins an answer; ``=>`` states its intents (ways one may call them are parted by a bar),
then what it says of each line (``4 stop``, ``others ok``, with the same bar; ``none`` for nothing) and of a visit. A
line that begins with ``~`` is quoted, a signature or a disclaimer: none of the new words.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from liaison.core.medication.reply import ReplyReading, read_answer
from liaison.core.medication.reply_lines import asked_lines

ORIGINAL = """Docteur,

Vous trouverez ci-joint : Lettre de liaison, concernant votre patiente.

Traitements, comparés entre notre dossier et la lettre de l'hôpital :
1. KARDEGIC 75 mg — poursuivi
2. BISOPROLOL 2,5 mg — modifié : dose : 1 comprimé → 1/2 comprimé
3. FUROSEMIDE 40 mg — arrêté : insuffisance rénale
4. ELIQUIS 2,5 mg — nouveau [anticoagulant]
5. PARACETAMOL 1 g — non mentionné par la lettre
6. ZOPICLONE 7,5 mg — arrêté : chutes

Pour répondre, il suffit de répondre à ce message.

Mme Claire Petit
Référence : ABCDEF01
"""
LINES = asked_lines(ORIGINAL)
_ACTS = frozenset({"ok", "change", "stop", "start"})


@dataclass(frozen=True, slots=True)
class Answer:
    """``intents`` and each of ``lines`` hold what may rightly be read; ``others`` what may be said of other lines."""

    title: str
    body: str
    own: tuple[str, ...]
    intents: tuple[frozenset[str], ...]
    lines: dict[int, frozenset[str]]
    others: frozenset[str]
    visit: str


@dataclass(slots=True)
class AnswerTally:
    """How many answers are read right in each respect; ``wrong`` are acts read that the doctor did not say."""

    answers: int = 0
    text: int = 0
    intents: int = 0
    visits: int = 0
    visits_said: int = 0
    acts: int = 0
    acts_said: int = 0
    wrong: list[str] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)


def answers(name: str = "replies") -> Iterator[Answer]:
    """The answers of the file of that name."""
    text = Path(__file__).with_name(f"{name}.txt").read_text("utf-8")
    for written in filter(str.strip, re.split(r"^@ ", text, flags=re.MULTILINE)):
        title, stated, *body = written.rstrip("\n").split("\n")
        yield _answer(title, stated.removeprefix("=> "), body)


def _answer(title: str, stated: str, body: list[str]) -> Answer:
    intents, *rest = (part.strip() for part in stated.split(";"))
    visit = next((part.removeprefix("visit:").strip() for part in rest if part.startswith("visit:")), "")
    said = [part.split(maxsplit=1) for part in rest if not part.startswith("visit:")]
    whole = "\n".join(body).replace("{original}", ORIGINAL).replace("{first}", ORIGINAL.replace("\n", "\n> "))
    return Answer(
        title,
        re.sub(r"^~", "", whole, flags=re.MULTILINE),
        tuple(line for line in body if not line.startswith("~")),
        tuple(frozenset(way.split()) - {"none"} for way in intents.split("|")),
        {int(number): frozenset(ways.split("|")) for number, ways in said if number != "others"},
        next((frozenset(ways.split("|")) for number, ways in said if number == "others"), frozenset({"none"})),
        visit,
    )


def read_all(given: Iterable[Answer]) -> AnswerTally:
    """Each answer read as the product reads it, its message known, and held against what it says."""
    tally = AnswerTally()
    for answer in given:
        reading, _ = read_answer(answer.body, lines=LINES, original=ORIGINAL)
        tally.answers += 1
        _hold_words(tally, answer, reading)
        _hold_lines(tally, answer, reading)
    return tally


def _hold_words(tally: AnswerTally, answer: Answer, reading: ReplyReading) -> None:
    own = [each for each in _words("\n".join(answer.own)) if each]
    is_right = _words(reading.text) == own or set(_words(reading.text)) == set(own)
    tally.text += is_right
    if not is_right:
        tally.misses.append(f"[{answer.title}] mots : {reading.text[:120]!r}")
    read = frozenset(reading.intents)
    tally.intents += read in answer.intents
    if read not in answer.intents:
        wanted = " ou ".join(" ".join(sorted(way)) or "rien" for way in answer.intents)
        tally.misses.append(f"[{answer.title}] intentions : {wanted}, lu {' '.join(sorted(read)) or 'rien'}")
    tally.visits_said += bool(answer.visit)
    tally.visits += bool(answer.visit) and answer.visit in reading.visit
    if answer.visit not in reading.visit:
        tally.misses.append(f"[{answer.title}] visite : {answer.visit!r}, lu {reading.visit!r}")


def _hold_lines(tally: AnswerTally, answer: Answer, reading: ReplyReading) -> None:
    """An act read where another was said, or none, is wrong; one that is not read is only missed."""
    read = {line.number: line.action for line in reading.lines}
    for line in LINES:
        allowed, got = answer.lines.get(line.number, answer.others), read.get(line.number, "none")
        if got == "none" and "validate_all" in reading.intents:
            got = "ok" if "ok" in allowed else "none"
        is_said = bool(allowed & _ACTS) and not allowed & {"none", "ask"}
        tally.acts_said += is_said
        tally.acts += is_said and got in allowed
        if got in allowed:
            continue
        told = f"[{answer.title}] ligne {line.number} : {' ou '.join(sorted(allowed))}, lu {got}"
        (tally.wrong if got in _ACTS else tally.misses).append(told)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
