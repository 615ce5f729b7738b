"""A doctor's answer, as the plain values of its JSON object: his words, and what was read in them."""

import re
from typing import Any

from liaison.core.mail.values import Mail
from liaison.core.medication.reply import ReplyReading, read_answer
from liaison.core.notices import Notice

Json = dict[str, Any]

_SUBJECT = re.compile(r"\s*(?:re|r[ée]p|r[ée]ponse|aw)\s?(?:\[\d+\])?\s?:|.*\[r[ée]f\s+[0-9A-F]{8}\]", re.IGNORECASE)


def reply_object(mail: Mail) -> tuple[Json | None, tuple[Notice, ...]]:
    """The object under ``reply`` and what was off in it; None for a mail that is no answer.

    An answer is a plain mail (no document, no report, no robot) that says it is one: by In-Reply-To or References, by
    « Re: » or our reference in its subject, or by what it quotes.
    """
    if mail.category != "plain":
        return None, ()
    reading, parted = read_answer(mail.body)
    if not (mail.in_reply_to or mail.references or _SUBJECT.match(mail.subject) or parted.quoted):
        return None, ()
    return _object(reading), reading.notices


def _object(reading: ReplyReading) -> Json:
    return {
        "text": reading.text,
        "intents": list(reading.intents),
        "lines": [{"number": each.number, "action": each.action, "text": each.text} for each in reading.lines],
        "visit": reading.visit or None,
    }
