"""What happened around one letter, each step with its time, its words and where to look closer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from liaison.apps.exchanges.models import Note, Recipient, Reply, Transmission
from liaison.apps.intake.models import Document
from liaison.apps.organisations.access import access_decisions, access_reconciliations, access_transmissions
from liaison.apps.organisations.models import User
from liaison.apps.treatments.models import Acknowledgement, Decision, Reconciliation
from liaison.apps.treatments.words import decided
from liaison.web.follow_up.rows import STEPS, receipt_line, reply_line

NOTES = {
    Note.Kind.REMINDER: "Rappel envoyé",
    Note.Kind.CORRECTION: "Rectification envoyée",
    Note.Kind.CODE: "Code de réponse envoyé",
    Note.Kind.TRACE: "Copie de la réponse donnée par la page",
}


@dataclass(frozen=True, slots=True)
class Event:
    """``kind`` is the step of the return in a word; ``text`` the words of a person, shown as written."""

    at: datetime
    kind: str
    sentence: str
    text: str = ""
    href: str = ""
    remarks: tuple[str, ...] = ()


def events_of(document: Document, user: User) -> list[Event]:
    """Everything a person may see of it, the oldest first."""
    transmissions = access_transmissions(user).filter(document=document)
    found = [
        *_letter(document),
        *_suggestions(document, user),
        *_decisions(document, user),
        *(event for each in transmissions for event in _sending(each)),
    ]
    return sorted(found, key=lambda event: event.at)


def open_questions(document: Document, user: User) -> list[str]:
    """What still waits: lines to decide, answers to deal with, changes to take into account."""
    waiting = access_reconciliations(user).filter(document=document).exclude(state=Reconciliation.State.WITHDRAWN)
    undecided = sum(each.lines.filter(decisions__isnull=True).count() for each in waiting)
    answers = Reply.objects.filter(
        recipient__transmission__in=access_transmissions(user).filter(document=document), handled_at__isnull=True
    )
    told = [f"{answer.speaker or answer.recipient} : {_asked(answer)}" for answer in answers]
    lines = [f"{undecided} ligne{'s' if undecided > 1 else ''} à décider"] if undecided else []
    return lines + told


def _asked(reply: Reply) -> str:
    if "ask" in reply.intents:
        return "une question attend une réponse"
    return "réponse à traiter"


def _letter(document: Document) -> Iterator[Event]:
    message = document.message
    link = reverse("document", args=[document.uuid])
    sender = document.custodian or message.sender_label or message.sender
    yield Event(message.received_at, "Lettre", f"Reçue de {sender} par {message.mailbox.label}", href=link)
    for filing in document.filings.select_related("filed_by", "withdrawn_by", "resident"):
        who = "le logiciel (règle 1)" if filing.automatic else str(filing.filed_by)
        yield Event(filing.filed_at, "Dossier", f"Intégrée au dossier de {filing.resident.display_name} par {who}")
        if filing.withdrawn_at:
            yield Event(filing.withdrawn_at, "Dossier", f"Retirée du dossier par {filing.withdrawn_by}")


def _suggestions(document: Document, user: User) -> Iterator[Event]:
    rows = access_reconciliations(user).filter(document=document).select_related("report")
    for each in rows:
        count = each.lines.count()
        state = f"Comparaison ouverte : {count} ligne{'s' if count > 1 else ''} ({each.get_state_display()})"
        yield Event(each.opened_at, "Suggestion", state, href=reverse("reconciliation", args=[each.uuid]))
        report = getattr(each, "report", None)
        if report:
            link = reverse("reconciliation-report", args=[each.uuid])
            yield Event(report.made_at, "Bilan", "Bilan de conciliation versé au dossier", href=link)


def _decisions(document: Document, user: User) -> Iterator[Event]:
    rows = access_decisions(user).filter(line__reconciliation__document=document)
    for decision in rows.select_related("line", "on_answer", "acknowledgement__by"):
        yield _decision(decision)
        taken: Acknowledgement | None = getattr(decision, "acknowledgement", None)
        if taken:
            yield Event(taken.at, "Application", f"Ligne {decision.line.number} prise en compte par {taken.by}")


def _decision(decision: Decision) -> Event:
    line = decision.line
    answer = f", d'après la réponse de {decision.on_answer.speaker}" if decision.on_answer else ""
    said = f"Ligne {line.number}, {line.label} : {decided(decision)}. {decision.prescriber}{answer}"
    return Event(decision.decided_at, "Décision", said, text=decision.reason)


def _sending(transmission: Transmission) -> Iterator[Event]:
    link = reverse("transmission", args=[transmission.uuid])
    names = []
    for recipient in transmission.recipients.select_related("professional").prefetch_related("receipts"):
        names.append(str(recipient.professional or recipient.address))
        yield from _recipient(recipient, names[-1], link)
    said = f"Préparé par {transmission.prepared_by} pour {', '.join(names)}"
    yield Event(transmission.prepared_at, "Envoi", said, text=transmission.note, href=link)


def _recipient(recipient: Recipient, name: str, link: str) -> Iterator[Event]:
    for field, word in STEPS:
        moment = getattr(recipient, field)
        if moment and field != "answered_at":
            yield Event(moment, "Envoi", f"{name} : {word}", href=link)
    for receipt in recipient.receipts.all():
        shown = receipt_line(receipt)
        yield Event(receipt.at, "Accusé", f"{name} : {shown.kind}, {shown.word}")
    for note in recipient.notes.all():
        what = NOTES.get(Note.Kind(note.kind), note.get_kind_display())
        yield Event(note.asked_at, "Envoi", f"{what} ({note.address})")
    for reply in recipient.replies.select_related("message", "recipient__transmission__document"):
        shown_reply = reply_line(reply, remarked=True)
        meaning = ", ".join(shown_reply.intents).lower() or "ligne par ligne"
        said = f"{reply.speaker or name}, {reply.get_source_display()} : {meaning}"
        yield Event(reply.received_at, "Réponse", said, reply.text, link, shown_reply.remarks)
        if reply.handled_at:
            yield Event(reply.handled_at, "Réponse", f"Réponse de {name} traitée par {reply.handled_by}")
