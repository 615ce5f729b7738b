"""What a person must know of an answer before using it: about which letter, how late, and who says otherwise."""

from collections.abc import Iterable, Sequence

from liaison.apps.exchanges.models import Reply
from liaison.apps.exchanges.notes import why_withdrawn
from liaison.apps.treatments.models import Decision, Reconciliation, ReconciliationLine

State = Reconciliation.State


def remarks(reply: Reply) -> list[str]:
    """French sentences; none when nothing is off."""
    found = [*_about_the_letter(reply), *_about_the_decisions(reply), *_about_the_sender(reply)]
    return found + [str(notice["message"]) for notice in reply.notices]


def _about_the_letter(reply: Reply) -> list[str]:
    transmission = reply.recipient.transmission
    why = why_withdrawn(reply.recipient)
    if why:
        return [f"Cette réponse porte sur une lettre qui n'est plus en vigueur : {why}."]
    taken = transmission.reconciliation
    if taken is None:
        return []
    later = Reconciliation.objects.filter(resident=transmission.resident, opened_at__gt=taken.opened_at)
    if later.exclude(state=State.WITHDRAWN).exists():
        return ["Une comparaison plus récente a été ouverte pour ce résident : vérifiez à laquelle elle répond."]
    return []


def _about_the_decisions(reply: Reply) -> list[str]:
    taken = reply.recipient.transmission.reconciliation
    if taken is None:
        return []
    decided = Decision.objects.filter(line__reconciliation=taken, decided_at__lt=reply.received_at)
    numbers = sorted(set(decided.values_list("line__number", flat=True)))
    spoken_of = [number for number in numbers if number in said_by(reply, taken.lines.all())]
    if not spoken_of:
        return []
    listed = ", ".join(map(str, spoken_of))
    return [f"Réponse reçue après la décision : déjà décidé pour {'la ligne' if len(spoken_of) == 1 else 'les lignes'} "
            f"{listed}. Rien n'est changé par elle."]  # fmt: skip


def _about_the_sender(reply: Reply) -> list[str]:
    message, address = reply.message, reply.recipient.address
    if message is None or reply.source != Reply.Source.MAIL:
        return []
    said = []
    if message.sender.lower() != address.lower():
        said.append(f"Répondu depuis une autre adresse que celle à qui l'on avait écrit : {message.sender}.")
    if not message.sender_trusted:
        said.append("L'expéditeur est hors de l'espace de confiance MSSanté : faites-vous confirmer sa réponse.")
    return said


def said_by(reply: Reply, lines: Iterable[ReconciliationLine]) -> dict[int, str]:
    """What an answer says of each line, by its number: the action, and for a change the words that say which."""
    said = {int(line["number"]): _meaning(line) for line in reply.lines}
    if "validate_all" in reply.intents and "unclear" not in reply.intents:
        return {**{line.number: "ok" for line in lines}, **said}
    return said


def _meaning(line: dict[str, str]) -> str:
    if line["action"] != "change":
        return str(line.get("said") or line["action"])
    asked = " ".join(filter(None, (line.get("dose", ""), line.get("frequency", "")))) or line["text"]
    return f"change {' '.join(asked.lower().split())}"


def disagreements(replies: Sequence[Reply], lines: Sequence[ReconciliationLine]) -> set[int]:
    """The lines of which two doctors do not say the same: the last word of each counts."""
    last = {reply.recipient_id: reply for reply in sorted(replies, key=lambda reply: reply.received_at)}
    words: dict[int, set[str]] = {}
    for reply in last.values():
        for number, meaning in said_by(reply, lines).items():
            words.setdefault(number, set()).add(meaning)
    return {number for number, meanings in words.items() if len(meanings) > 1}
