"""A doctor's answer in his own words, read as suggestions for a person: nothing here changes a treatment.

The words are always kept beside the reading. When they are not plainly one thing, the intent is ``unclear`` and the
line's action ``ask``; a negation or a condition is never read through.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from liaison.core.mail.quoting import Parted, Passage, part_reply
from liaison.core.medication.reply_clauses import Clause, clause_of, clauses, of_each_number
from liaison.core.medication.reply_lines import AskedLine, Names, asked_line, asked_lines, by_number
from liaison.core.medication.reply_words import (
    CLOSING,
    agrees_to_the_whole,
    approves_the_rest,
    fold,
    instructs,
    is_global_assent,
    is_remark,
    is_seen_first,
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
NAME_DISPUTED = Notice(
    "reply_name_disputed",
    "La réponse nomme un médicament qui n'est pas celui de la ligne, ou plusieurs.",
)
NAME_GUESSED = Notice(
    "reply_name_guessed", "Un médicament est abrégé ou écrit autrement dans la réponse : vérifiez la ligne reconnue."
)
AFTER_CLOSING = Notice(
    "reply_words_after_closing", "La réponse contient une consigne après la formule de politesse : à lire."
)

_ORDER: tuple[Intent, ...] = get_args(Intent)
_EXCEPT = re.compile(r"\b(?:sauf|excepte|hormis|a part|a l'exception de|mais)\b")
_BOILERPLATE = re.compile(
    r"(?:^|\n)[ \t]*(?:ce (?:message|courriel|mail|courrier)(?: electronique)?[ ,]"
    r"(?:et|est|peut|ainsi|contient|a ete|,)|le present (?:message|courriel)|avis de confidentialite|confidentialite\b|"
    r"message confidentiel|"
    r"this (?:e-?mail|message)|si vous (?:avez recu|n'etes pas)|pensez a l'environnement|"
    r"avant d'imprimer|les informations contenues|tout message electronique|l'integrite de ce message|"
    r"(?:message|courrier) (?:securise|chiffre|transmis|envoye) (?:par|via|avec) (?:apicrypt|mssante|mailiz)).*",
    re.DOTALL,
)
_BELOW = re.compile(
    r"(?:^|\n)[ \t]*(?:--[ \t]*(?:\n|$)|envoye (?:de(?:puis)? mon|a partir de|depuis|avec) |"
    r"(?:telecharger|obtenir|obtenez) outlook\b|provenance : |get outlook|sent from my )"
    + f"|{_BOILERPLATE.pattern.removesuffix('.*')}"
)
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

    def __init__(self, asked: Sequence[AskedLine] | None) -> None:
        self.asked = None if asked is None else by_number(asked)
        self.names = Names(asked or ())
        self.intents: set[Intent] = set()
        self.said: dict[int, ReplyLine] = {}
        self.approvals: list[tuple[str, tuple[int, ...] | None]] = []
        self.remarks: dict[int, str] = {}
        self.loose = False
        self.visits: list[str] = []
        self.notices: list[Notice] = []

    def hear(self, clause: Clause, under: int | None = None) -> None:
        """``under``: the line of the message the clause is written below."""
        exception = _EXCEPT.search(fold(clause.text))
        if exception and is_global_assent(clause.text[: exception.start()]):
            self.hear_assent_with_exception(clause, clause.text[exception.end() :])
        elif clause.numbers and not (clause.named and meaning(clause.text) in {"visit", "thanks"}):
            self.hear_of_lines(clause)
        elif under is not None and _is_of_its_line(clause.text):
            self.hear_of_lines(Clause((under,), clause.words, clause.text))
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
                if is_seen_first(text):
                    self.intents.add("visit")
                    self.visits.append(when(text))
            case "visit":
                self.intents.add("visit")
                self.visits.append(when(text))
            case "courtesy":
                return
            case intent:
                self.loose = self.loose or intent in {"change", "stop", "start"}
                self.intents.add(intent)

    def hear_of_lines(self, clause: Clause) -> None:
        if clause.guessed:
            self.note(NAME_GUESSED)
        for number in clause.numbers:
            self.hear_of_line(number, clause)

    def hear_of_line(self, number: int, clause: Clause) -> None:
        line = (self.asked or {}).get(number)
        action = line_action(clause.words, line.proposed if line else "")
        if clause.disputed:
            self.note(NAME_DISPUTED)
        if clause.disputed or action == "doubt":
            if is_remark(clause.words) and not clause.disputed:
                self.remarks.setdefault(number, clause.text)
            else:
                self.set_line(number, "ask", clause.text)
            self.intents.add("unclear")
            return
        self.set_line(number, action, clause.text)
        if action != "ok":
            self.intents.add(action)

    def hear_assent_with_exception(self, clause: Clause, exception: str) -> None:
        """« D'accord sauf la 3 : 2,5 mg »: the lines named are spoken of, all the others approved."""
        told = [clause_of(each, self.names) for each in of_each_number(exception)]
        excepted = tuple(number for each in told for number in each.numbers)
        if not all(each.numbers for each in told) or not all(map(self.has, excepted)):
            self.intents.add("unclear")
            self.note(UNKNOWN_LINE if excepted else NOT_READ)
            return
        for each in told:
            self.hear_of_lines(replace(each, text=clause.text))
        self.approvals.append((clause.text, excepted))

    def approve_the_others(self) -> None:
        """Approve what « sauf la 3 » or « le reste » leaves, unless something was asked of no line in particular."""
        for text, excepted in self.approvals:
            spoken_of = tuple(self.said) if excepted is None else excepted
            if self.loose or not spoken_of:
                self.intents.add("unclear")
                self.note(MIXED)
                continue
            for number in self.asked or ():
                if number not in spoken_of:
                    self.set_line(number, "ok", text)

    def set_line(self, number: int, action: Action, text: str) -> None:
        if not self.has(number):
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

    def has(self, number: int) -> bool:
        """Whether the message has such a line; any number when nobody knows what it asked."""
        return number >= 1 if self.asked is None else number in self.asked

    def note(self, notice: Notice) -> None:
        if notice not in self.notices:
            self.notices.append(notice)

    def ask_of_remarks(self) -> None:
        """A line of which only a remark was made is to be read by a person."""
        for number, text in self.remarks.items():
            if number not in self.said:
                self.set_line(number, "ask", text)

    def conclude(self) -> None:
        self.ask_of_remarks()
        self.approve_the_others()
        every_line = bool(self.asked) and set(self.said) == set(self.asked or ())
        only_approved = all(line.action == "ok" for line in self.said.values())
        if every_line and only_approved and not self.intents & {"change", "stop", "start", "unclear"}:
            self.intents.add("validate_all")
        if "validate_all" in self.intents and (not only_approved or self.intents & {"change", "stop", "start"}):
            self.intents = (self.intents - {"validate_all"}) | {"unclear"}
            self.note(MIXED)
        if AFTER_CLOSING in self.notices:
            self.intents.discard("validate_all")
        if self.said and self.asked and not every_line and "validate_all" not in self.intents:
            self.note(PARTIAL)
        if not self.intents and not self.said:
            self.intents.add("unclear")


def read_reply(new_words: str, *, lines: int | Sequence[AskedLine]) -> ReplyReading:
    """Read the new words of an answer to a message that showed these numbered treatment lines (or so many).

    ``new_words`` is the answer alone, quoted text already removed. Never raises, whatever the text.
    """
    asked = [AskedLine(number) for number in range(1, lines + 1)] if isinstance(lines, int) else lines
    return _read((Passage(new_words),), new_words, asked)


def read_answer(
    body: str, *, lines: Sequence[AskedLine] | None = None, original: str = ""
) -> tuple[ReplyReading, Parted]:
    """Read the body of an answer: its new words, wherever the doctor wrote them, and what it quotes.

    ``lines`` are those of the message it answers, ``original`` the text of that message; when nobody knows them, the
    lines quoted are those asked, and without a quotation any number is taken for a line. Never raises.
    """
    parted = part_reply(body, original)
    asked = lines if lines is not None else asked_lines(parted.quoted) or None
    words, signature = _without_signature(parted.words)
    passages = [Passage(_without_signature(each.words)[0], each.under) for each in parted.passages]
    rest = "\n\n".join(filter(None, (signature, parted.quoted)))
    return _read(passages, words, asked), Parted(parted.passages, rest)


def _read(passages: Sequence[Passage], new_words: str, asked: Sequence[AskedLine] | None) -> ReplyReading:
    reading = _Reading(asked)
    text = _normal(new_words)
    if not text:
        reading.note(EMPTY)
    for passage in passages:
        _hear_passage(reading, passage)
    reading.conclude()
    return ReplyReading(
        text=text,
        intents=tuple(intent for intent in _ORDER if intent in reading.intents),
        lines=tuple(reading.said[number] for number in sorted(reading.said)),
        visit=", ".join(filter(None, reading.visits)),
        notices=tuple(reading.notices),
    )


def _normal(words: str) -> str:
    return unicodedata.normalize("NFC", words.replace("\r\n", "\n").replace("\xa0", " ")).strip()


def _hear_passage(reading: _Reading, passage: Passage) -> None:
    """The first paragraph under a numbered line of the message is about that line; what follows is not."""
    above = asked_line(passage.under)
    text = _normal(passage.words)
    head, blank, tail = text.partition("\n\n") if above else ("", "", text)
    for clause in clauses(head, reading.names) if above else ():
        reading.hear(clause, above.number if above else None)
    before, after = _around_closing(clauses(f"{blank}{tail}".strip(), reading.names))
    for clause in before:
        reading.hear(clause)
    if any(instructs(clause.text) for clause in after):
        reading.intents.add("unclear")
        reading.note(AFTER_CLOSING)


def _is_of_its_line(text: str) -> bool:
    """« stop », « 2,5 mg », written under a line; not « ok pour tout », « merci », « je passe jeudi »."""
    if agrees_to_the_whole(text) or approves_the_rest(text) or leaves_the_rest(text):
        return False
    return meaning(text) not in {"visit", "thanks", "courtesy"}


def _without_signature(words: str) -> tuple[str, str]:
    """The words before the mark of a signature or a disclaimer, unless what follows still asks for something."""
    found = _BELOW.search(fold(unicodedata.normalize("NFC", words)))
    if found is None:
        return words.strip(), ""
    words = unicodedata.normalize("NFC", words)
    above, below = words[: found.start()], words[found.start() :]
    spoken = _BOILERPLATE.sub(" ", fold(below))
    return (words.strip(), "") if instructs(spoken) or asked_lines(below) else (above.strip(), below.strip())


def _around_closing(said: list[Clause]) -> tuple[list[Clause], list[Clause]]:
    """What stands before the closing formula, and the signature after it. A postscript belongs to the answer."""
    closing = next((at for at, clause in enumerate(said) if CLOSING.match(fold(clause.text))), len(said))
    postscript = next(
        (at for at in range(closing, len(said)) if _POSTSCRIPT.match(fold(said[at].text))),
        len(said),
    )
    return said[:closing] + said[postscript:], said[closing + 1 : postscript]
