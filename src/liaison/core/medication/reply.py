"""A doctor's answer in his own words, read as suggestions for a person: nothing here changes a treatment.

The words are always kept beside the reading. When they are not plainly one thing, the intent is ``unclear`` and the
line's action ``ask``; a negation or a condition is never read through.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, get_args

from liaison.core.medication.reply_clauses import Clause, clause_of, clauses
from liaison.core.medication.reply_words import (
    CLOSING,
    approves_the_rest,
    fold,
    instructs,
    is_global_assent,
    leaves_the_rest,
    line_action,
    meaning,
    says_thanks,
    when,
)
from liaison.core.notices import Notice

Intent = Literal["validate_all", "change", "stop", "start", "ask", "visit", "thanks", "unclear"]
Action = Literal["ok", "change", "stop", "start", "ask"]

EMPTY = Notice("reply_empty", "La réponse ne contient aucun mot nouveau.")
UNKNOWN_LINE = Notice("reply_line_unknown", "La réponse cite un numéro de ligne qui n'existe pas.")
LINE_TWICE = Notice("reply_line_twice", "La réponse dit deux choses différentes d'une même ligne.")
PARTIAL = Notice("reply_partial", "La réponse ne dit rien de certaines lignes.")
MIXED = Notice("reply_mixed", "La réponse approuve tout et demande aussi autre chose : à lire.")
REST_UNCHANGED = Notice(
    "reply_rest_unchanged", "La réponse laisse le reste sans changement : tel que proposé, ou tel qu'avant ? À lire."
)
NOT_READ = Notice("reply_words_not_read", "Une partie de la réponse n'a pas été comprise : à lire.")
AFTER_CLOSING = Notice(
    "reply_words_after_closing", "La réponse contient une consigne après la formule de politesse : à lire."
)

_ORDER: tuple[Intent, ...] = get_args(Intent)
_EXCEPT = re.compile(r"\b(?:sauf|excepte|hormis|a part|a l'exception de|mais)\b")
_POSTSCRIPT = re.compile(r"(?:ps|p\.s\.?|nb)\b\s*:?")


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """What is said of one numbered line; ``text`` is the clause as written."""

    number: int
    action: Action
    text: str


@dataclass(frozen=True, slots=True)
class ReplyReading:
    """The reading of one answer. ``intents`` in the order of the type, each once; may be empty when ``lines`` say all.

    ``visit`` holds the words that say when the doctor comes, empty when he does not or does not say.
    """

    text: str
    intents: tuple[Intent, ...]
    lines: tuple[ReplyLine, ...]
    visit: str
    notices: tuple[Notice, ...]


class _Reading:
    """What has been understood so far, clause after clause."""

    def __init__(self, lines: int) -> None:
        self.lines = lines
        self.intents: set[Intent] = set()
        self.said: dict[int, ReplyLine] = {}
        self.approvals: list[tuple[str, tuple[int, ...] | None]] = []
        self.loose = False
        self.visits: list[str] = []
        self.notices: list[Notice] = []

    def hear(self, clause: Clause) -> None:
        exception = _EXCEPT.search(fold(clause.text))
        if exception and is_global_assent(clause.text[: exception.start()]):
            self.hear_assent_with_exception(clause, clause.text[exception.end() :])
        elif clause.numbers:
            self.hear_of_lines(clause)
        elif approves_the_rest(clause.text):
            self.approvals.append((clause.text, None))
        elif leaves_the_rest(clause.text):
            self.intents.add("unclear")
            self.note(REST_UNCHANGED)
        else:
            self.hear_in_general(clause.text)

    def hear_in_general(self, text: str) -> None:
        if says_thanks(text):
            self.intents.add("thanks")
        match meaning(text):
            case "ok":
                self.intents.add("validate_all")
            case "doubt" | "unread":
                self.loose = True
                self.intents.add("unclear")
                self.note(NOT_READ)
            case "visit":
                self.intents.add("visit")
                self.visits.append(when(text))
            case "courtesy":
                return
            case intent:
                self.loose = self.loose or intent in {"change", "stop", "start"}
                self.intents.add(intent)

    def hear_of_lines(self, clause: Clause) -> None:
        action = line_action(clause.words)
        for number in clause.numbers:
            self.set_line(number, "ask" if action == "doubt" else action, clause.text)
        if action == "doubt":
            self.intents.add("unclear")
        elif action != "ok":
            self.intents.add(action)

    def hear_assent_with_exception(self, clause: Clause, exception: str) -> None:
        """« D'accord sauf la 3 : 2,5 mg »: the lines named are spoken of, all the others approved."""
        excepted = clause_of(exception)
        if not excepted.numbers or not set(excepted.numbers) <= set(range(1, self.lines + 1)):
            self.intents.add("unclear")
            self.note(UNKNOWN_LINE if excepted.numbers else NOT_READ)
            return
        self.hear_of_lines(Clause(excepted.numbers, excepted.words, clause.text))
        self.approvals.append((clause.text, excepted.numbers))

    def approve_the_others(self) -> None:
        """Approve what « sauf la 3 » or « le reste » leaves, unless something was asked of no line in particular."""
        for text, excepted in self.approvals:
            spoken_of = tuple(self.said) if excepted is None else excepted
            if self.loose or not spoken_of:
                self.intents.add("unclear")
                self.note(MIXED)
                continue
            for number in range(1, self.lines + 1):
                if number not in spoken_of:
                    self.set_line(number, "ok", text)

    def set_line(self, number: int, action: Action, text: str) -> None:
        if not 1 <= number <= self.lines:
            self.intents.add("unclear")
            self.note(UNKNOWN_LINE)
            return
        before = self.said.get(number)
        if before and before.action != action:
            self.intents.add("unclear")
            self.note(LINE_TWICE)
            self.said[number] = ReplyLine(number, "ask", f"{before.text} / {text}")
        elif not before:
            self.said[number] = ReplyLine(number, action, text)

    def note(self, notice: Notice) -> None:
        if notice not in self.notices:
            self.notices.append(notice)

    def conclude(self) -> None:
        self.approve_the_others()
        every_line = set(self.said) == set(range(1, self.lines + 1)) and self.lines > 0
        only_approved = all(line.action == "ok" for line in self.said.values())
        if every_line and only_approved and not self.intents & {"change", "stop", "start", "unclear"}:
            self.intents.add("validate_all")
        if "validate_all" in self.intents and (not only_approved or self.intents & {"change", "stop", "start"}):
            self.intents = (self.intents - {"validate_all"}) | {"unclear"}
            self.note(MIXED)
        if self.said and not every_line and "validate_all" not in self.intents:
            self.note(PARTIAL)
        if not self.intents and not self.said:
            self.intents.add("unclear")


def read_reply(new_words: str, *, lines: int) -> ReplyReading:
    """Read the new words of an answer to a message that showed ``lines`` numbered treatment lines.

    ``new_words`` is the answer alone, quoted text already removed. Never raises, whatever the text.
    """
    text = unicodedata.normalize("NFC", new_words.replace("\r\n", "\n").replace("\xa0", " ")).strip()
    reading = _Reading(lines)
    if not text:
        reading.note(EMPTY)
    before, after = _around_closing(clauses(text))
    for clause in before:
        reading.hear(clause)
    if any(instructs(clause.text) for clause in after):
        reading.intents.add("unclear")
        reading.note(AFTER_CLOSING)
    reading.conclude()
    return ReplyReading(
        text=text,
        intents=tuple(intent for intent in _ORDER if intent in reading.intents),
        lines=tuple(reading.said[number] for number in sorted(reading.said)),
        visit=", ".join(filter(None, reading.visits)),
        notices=tuple(reading.notices),
    )


def _around_closing(said: list[Clause]) -> tuple[list[Clause], list[Clause]]:
    """What stands before the closing formula, and the signature after it. A postscript belongs to the answer."""
    closing = next((at for at, clause in enumerate(said) if CLOSING.match(fold(clause.text))), len(said))
    postscript = next(
        (at for at in range(closing, len(said)) if _POSTSCRIPT.match(fold(said[at].text))),
        len(said),
    )
    return said[:closing] + said[postscript:], said[closing + 1 : postscript]
