"""The answer a doctor gives on his page: chosen line by line, kept like the others, and mailed to the home."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin
from liaison.apps.exchanges.compose import reference_of
from liaison.apps.exchanges.links import find_link
from liaison.apps.exchanges.models import AnswerLink, Note, Recipient, Reply
from liaison.apps.exchanges.notes import Words, prepare_note
from liaison.apps.exchanges.outgoing import trace
from liaison.apps.exchanges.replies import record_page_answer
from liaison.apps.refusals import NotPossible
from liaison.core.medication.reply import Action, Intent, ReplyLine, ReplyReading

Said = Literal["ok", "keep", "change", "stop", "ask"]
WORDS: dict[str, str] = {
    "ok": "d'accord avec la lettre",
    "keep": "garder comme avant",
    "change": "modifier",
    "stop": "arrêter",
    "ask": "à discuter",
}
_ORDER: tuple[Intent, ...] = ("validate_all", "change", "stop", "ask", "visit")


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What the doctor chose for one line; ``dose`` and ``frequency`` with « modifier » only."""

    number: int
    said: Said
    dose: str = ""
    frequency: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """All he said: his lines, a question, and when he comes. At least one of them."""

    lines: tuple[LineAnswer, ...] = ()
    question: str = ""
    visit: str = ""


def do_answer_by_page(token: str, answer: PageAnswer, *, proven_by: Reply.Proof = Reply.Proof.CODE) -> Reply:
    """Keep the answer of the doctor whose link this is (he proved himself), and mail it to the home.

    The same person sees the same trace as after an answer by mail: the mail goes from the home's mailbox to itself and
    to the doctor. Raises Refused.
    """
    link = find_link(token)
    if link is None:
        raise NotPossible("Ce lien n'est plus valable : répondez au message reçu, ou téléphonez à l'EHPAD.")
    with transaction.atomic():
        begin(link.site)
        recipient = _recipient_of(link)
        _check(recipient, answer)
        reply = record_page_answer(
            recipient, reading=_reading(recipient, answer), lines=_lines_of(answer), proven_by=proven_by
        )
        _mail(reply, recipient)
    return reply


def _recipient_of(link: AnswerLink) -> Recipient:
    rows = Recipient.objects.select_related(
        "professional",
        "transmission__site",
        "transmission__resident",
        "transmission__mailbox",
        "transmission__reconciliation",
    )
    return rows.get(pk=link.recipient_id)


def _check(recipient: Recipient, answer: PageAnswer) -> None:
    if not (answer.lines or answer.question.strip() or answer.visit.strip()):
        raise NotPossible("Répondez à une ligne au moins, posez une question ou annoncez une visite.")
    taken = recipient.transmission.reconciliation
    numbers = set(taken.lines.values_list("number", flat=True)) if taken else set()
    for line in answer.lines:
        if line.number not in numbers:
            raise NotPossible(f"La ligne {line.number} n'existe pas.")
        if line.said == "change" and not (line.dose.strip() or line.frequency.strip()):
            raise NotPossible(f"Ligne {line.number} : dites la dose ou la fréquence voulue.")


def _lines_of(answer: PageAnswer) -> list[dict[str, Any]]:
    return [
        {
            "number": line.number,
            "action": _action(line.said),
            "said": line.said,
            "text": _sentence(line),
            "dose": line.dose.strip()[:100] if line.said == "change" else "",
            "frequency": line.frequency.strip()[:200] if line.said == "change" else "",
            "remark": line.remark.strip()[:300],
        }
        for line in answer.lines
    ]


def _action(said: Said) -> Action:
    """« Garder comme avant » refuses what the letter suggests: a person reads it, as he reads a question."""
    return "ask" if said == "keep" else said


def _sentence(line: LineAnswer) -> str:
    asked = ", ".join(filter(None, (line.dose.strip(), line.frequency.strip()))) if line.said == "change" else ""
    words = f"{WORDS[line.said]}{f' : {asked}' if asked else ''}"
    return f"{words} ({line.remark.strip()})" if line.remark.strip() else words


def _reading(recipient: Recipient, answer: PageAnswer) -> ReplyReading:
    taken = recipient.transmission.reconciliation
    labels = dict(taken.lines.values_list("number", "label")) if taken else {}
    written = [f"{line.number}. {labels.get(line.number, '')} : {_sentence(line)}" for line in answer.lines]
    written += [f"Question : {answer.question.strip()}"] if answer.question.strip() else []
    written += [f"Visite : {answer.visit.strip()}"] if answer.visit.strip() else []
    intents = _intents(answer, every_line=len(answer.lines) == len(labels))
    return ReplyReading(
        text="\n".join(written),
        intents=tuple(intent for intent in _ORDER if intent in intents),
        lines=tuple(ReplyLine(line.number, _action(line.said), _sentence(line)) for line in answer.lines),
        visit=answer.visit.strip(),
        notices=(),
    )


def _intents(answer: PageAnswer, *, every_line: bool) -> set[Intent]:
    said: Sequence[Said] = [line.said for line in answer.lines]
    found: set[Intent] = set()
    if said and every_line and set(said) == {"ok"}:
        found.add("validate_all")
    if "change" in said:
        found.add("change")
    if "stop" in said:
        found.add("stop")
    if {"ask", "keep"} & set(said) or answer.question.strip():
        found.add("ask")
    if answer.visit.strip():
        found.add("visit")
    return found


def _mail(reply: Reply, recipient: Recipient) -> None:
    """From the home to itself and, for his own trace, to the doctor: in the thread of what he was sent."""
    transmission = recipient.transmission
    mailbox = transmission.mailbox
    moment = timezone.localtime(reply.received_at).strftime("%d/%m/%Y à %H:%M")
    body = (
        f"Réponse donnée par {reply.speaker} sur la page de réponse de {transmission.site.name}, le {moment}, après "
        f"{_proof(reply, recipient)} :\n\n{reply.text}\n\nRéférence : {reference_of(transmission)}\n"
    )
    words = Words(f"Réponse de {reply.speaker} [réf {reference_of(transmission)}]", body, recipient.message_id)
    for address in dict.fromkeys((mailbox.address, recipient.address)):
        note = Note(kind=Note.Kind.TRACE, site=transmission.site, resident=transmission.resident, recipient=recipient)
        prepare_note(note, mailbox, address, words)
        trace(note, "answer_traced")
        if address == mailbox.address:
            reply.mail_id = note.message_id
            reply.save(update_fields=["mail_id"])


def _proof(reply: Reply, recipient: Recipient) -> str:
    by_identity = reply.proven_by == Reply.Proof.IDENTITY
    return "identification par Pro Santé Connect" if by_identity else f"un code envoyé à {recipient.address}"
