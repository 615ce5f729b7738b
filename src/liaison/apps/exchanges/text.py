"""The words of a message sent on: readable in any mail program, with lines a doctor can answer by their number."""

from collections.abc import Sequence

from liaison.apps.exchanges.models import Transmission
from liaison.apps.treatments.models import ReconciliationLine
from liaison.apps.treatments.words import SUGGESTIONS

Status = ReconciliationLine.Status


def body(transmission: Transmission, lines: Sequence[ReconciliationLine], reference: str, answer_url: str = "") -> str:
    """The text of the message. ``lines`` may be empty: then nothing is asked line by line."""
    parts = [
        "Docteur,",
        f"Vous trouverez ci-joint : {transmission.document.title}, concernant votre patient(e)"
        f" {_patient(transmission)}, résident(e) de {transmission.site.name}.",
    ]
    if transmission.note.strip():
        parts.append(transmission.note.strip())
    if lines:
        parts += [_treatments(lines), _how_to_answer(len(lines))]
    if answer_url:
        parts.append(f"Ou en un clic, avec un code envoyé à cette adresse : {answer_url}")
    parts.append(
        f"{transmission.prepared_by}\n{transmission.site.name}, {transmission.site.city}\nRéférence : {reference}"
    )
    return "\n\n".join(parts) + "\n"


def line_text(line: ReconciliationLine) -> str:
    """One numbered line: the drug, what the letter does of it, and the flag of its class."""
    words = f"{line.number}. {line.label} — {SUGGESTIONS[Status(line.status)]}"
    details = [part for part in (line.change, line.reason) if part]
    risk = f" [{line.high_risk}]" if line.high_risk else ""
    return f"{words}{' : ' + ' ; '.join(details) if details else ''}{risk}"


def _patient(transmission: Transmission) -> str:
    resident = transmission.resident
    return f"{resident.display_name}, {_french_date(resident.birth_date)}"


def _french_date(iso: str) -> str:
    return "/".join(reversed(iso.split("-")))


def _treatments(lines: Sequence[ReconciliationLine]) -> str:
    rows = "\n".join(line_text(line) for line in lines)
    return f"Traitements, comparés entre notre dossier et la lettre de l'hôpital :\n{rows}"


def _how_to_answer(count: int) -> str:
    example = "« 1 ok ; 2 : dose ou posologie voulue »" if count > 1 else "« 1 ok » ou « 1 : dose ou posologie voulue »"
    return (
        "Pour répondre, il suffit de répondre à ce message : « D'accord pour tout », ou ligne par ligne, par le numéro"
        f" ou le nom du médicament ({example}), une question, ou la date de votre visite."
    )
