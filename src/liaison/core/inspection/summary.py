"""The inspection of a file in French, for a person at a terminal."""

from collections.abc import Iterator
from typing import Any

from liaison.core.cda.times import french_date

Json = dict[str, Any]

_KINDS = {
    "message": "message",
    "xdm": "archive IHE_XDM",
    "cda": "document CDA",
    "pdf": "document PDF",
    "report": "compte rendu de messagerie",
    "unreadable": "illisible",
}
_ACTIONS = {
    "delivered": "remis",
    "failed": "non remis",
    "delayed": "retardé",
    "relayed": "relayé",
    "displayed": "lu",
    "processed": "traité",
    "deleted": "supprimé sans être lu",
    "dispatched": "transmis",
}
_REQUESTS = {
    "replace": "L'envoi demande de remplacer un document déjà reçu.",
    "cancel": "L'envoi demande d'annuler un document déjà reçu.",
}
_TREATMENTS = {
    "coded": "lisibles ligne par ligne",
    "none_stated": "le document dit qu'il n'y en a pas",
    "narrative_only": "seulement en texte, à lire",
    "absent": "le document n'en parle pas",
}
_SECTIONS = {"18610-6": "arrêté pendant le séjour", "10183-2": "à la sortie", "42346-7": "à l'entrée"}
_SEXES = {"M": "masculin", "F": "féminin"}
_INDENT = "  "
_DAY_LENGTH = 10
_CLOCK = slice(11, 16)
_KILOBYTE = 1000


def summary(inspection: Json) -> str:
    """The same facts as the JSON object, the text of sections and PDF left out; lines without a final line feed."""
    return "\n".join(map(printable, _lines(inspection)))


def printable(line: str) -> str:
    """Without what would drive the terminal: titles and certificates are written by others."""
    return "".join(character if character.isprintable() else " " for character in line)


def _lines(found: Json) -> Iterator[str]:
    yield f"{found['file']} : {_KINDS[found['kind']]}"
    yield from _indented(_facts(found))


def _facts(found: Json) -> Iterator[str]:
    if found["message"]:
        yield from _message(found["message"], found["leaves"])
    if found["report"]:
        yield _report(found["report"])
    if found["requested_action"] in _REQUESTS:
        yield _REQUESTS[found["requested_action"]]
    for number, document in enumerate(found["documents"], start=1):
        yield from _document(document, number)
    for warning in found["warnings"]:
        yield f"À savoir : {warning['message']} [{warning['code']}]"


def _message(message: Json, leaves: int) -> Iterator[str]:
    yield f"De {message['from'] or 'inconnu'} à {', '.join(message['to']) or 'inconnu'}, {_moment(message['date'])}"
    yield f"Objet : {message['subject'] or '(aucun)'}"
    asked = " ; accusé de lecture demandé" if message["requests_mdn"] else ""
    yield f"{leaves} pièce{'s' if leaves > 1 else ''}{asked}"


def _report(report: Json) -> str:
    kind = "Accusé de lecture" if report["type"] == "mdn" else "Avis de remise"
    code = f" (code {report['error_code']})" if report["error_code"] else ""
    about = f", pour le message {report['original_message_id']}" if report["original_message_id"] else ""
    return f"{kind} de {report['recipient'] or 'destinataire inconnu'} : {_ACTIONS[report['action']]}{code}{about}"


def _document(document: Json, number: int) -> Iterator[str]:
    label = document["title"] or document["type_label"] or ("PDF seul" if document["level"] is None else "sans titre")
    yield f"Document {number} : {label} ({document['source']})"
    yield from _indented(_about(document))


def _about(document: Json) -> Iterator[str]:
    if document["level"]:
        yield f"Type {document['type_code'] or 'inconnu'}, CDA niveau {document['level']}, {_version(document)}"
    if document["patient"]:
        yield from _patient(document["patient"])
    yield from _people(document)
    if document["stay"]:
        yield f"Séjour : {_period(document['stay'])}"
    if document["sections"]:
        yield f"Sections : {', '.join(each['title'] or each['code'] or '?' for each in document['sections'])}"
    if document["treatments"]:
        yield f"Traitements : {_treatments(document)}"
        yield from _indented(map(_medication, document["medications"]))
    yield from (f"Allergie : {_allergy(each)}" for each in document["allergies"])
    yield from (f"Pièce incluse : {each['media_type']}, {_size(each['size'])}" for each in document["embedded"])
    if document["pdf"]:
        yield from _pdf(document["pdf"])


def _treatments(document: Json) -> str:
    """A level 1 document has no section to speak of them: the file it carries may."""
    if document["level"] == 1 and document["treatments"] == "absent":
        return "aucune donnée codée : lire la pièce incluse"
    return _TREATMENTS[document["treatments"]]


def _version(document: Json) -> str:
    replaced = f", remplace {', '.join(document['replaces'])}" if document["replaces"] else ""
    return f"version {document['version']} du {french_date(document['effective_time'] or '') or '?'}{replaced}"


def _patient(patient: Json) -> Iterator[str]:
    used = f" (utilisé : {patient['used_family']})" if patient["used_family"] else ""
    names = f"{patient['birth_family'] or '?'} {patient['birth_given'] or '?'}{used}"
    birth = f"né(e) le {french_date(patient['birth_date'] or '') or '?'}, lieu {patient['birth_place'] or '?'}"
    yield f"Patient : {names}, {birth}, sexe {_SEXES.get(patient['sex'] or '', 'inconnu')}"
    yield f"INS : {patient['ins']} ({patient['ins_oid']})" if patient["ins"] else "INS : aucun"


def _people(document: Json) -> Iterator[str]:
    groups = (
        ("Auteur", document["authors"]),
        ("Signé par", [document["signed_by"]]),
        ("Destinataire", document["recipients"]),
        ("Médecin traitant", [document["gp"]]),
    )
    yield from (f"{label} : {_person(each)}" for label, people in groups for each in people if each)
    if document["custodian"]:
        yield f"Conservé par : {document['custodian']['name'] or document['custodian']['id']}"


def _person(person: Json) -> str:
    names = " ".join(filter(None, (person["given"], person["family"]))) or "inconnu"
    identifier = f" [{person['id']}]" if person["id"] else ""
    organisation = f", {person['organization']}" if person.get("organization") else ""
    return f"{names}{identifier}{organisation}"


def _medication(line: Json) -> str:
    when = _SECTIONS.get(line["section"] or "", "")
    words = (line["name"], line["dose"], line["frequency"], "si besoin" if line["as_needed"] else "", line["route"])
    period = _period(line) if line["start"] or line["end"] else ""
    negated = "NON : " if line["negated"] else ""
    return f"- {negated}{', '.join(filter(None, (*words, period)))}" + (f" ({when})" if when else "")


def _allergy(allergy: Json) -> str:
    words = ", ".join(filter(None, (allergy["agent"], allergy["reaction"], allergy["severity"])))
    return f"{words} (écartée)" if allergy["negated"] else words


def _pdf(pdf: Json) -> Iterator[str]:
    pages = "illisible" if pdf["pages"] is None else f"{pdf['pages']} page{'s' if pdf['pages'] > 1 else ''}"
    yield f"PDF : {pages}, {_size(pdf['size'])}"
    yield from map(_signature, pdf["signatures"])


def _signature(signature: Json) -> str:
    if not (signature["signer"] or signature["intact"]):
        return "Signature illisible : rien ne dit qui a signé, ni que le PDF n'a pas changé"
    state = "intacte" if signature["intact"] else "ALTÉRÉE"
    trust = "autorité reconnue" if signature["trusted"] else "autorité non reconnue"
    return f"Signature de {signature['signer'] or 'personne inconnue'}, {_moment(signature['time'])} : {state}, {trust}"


def _period(stay: Json) -> str:
    start, end = (french_date(stay[bound] or "") for bound in ("start", "end"))
    if start and end:
        return f"du {start} au {end}"
    return f"depuis le {start}" if start else f"jusqu'au {end}"


def _moment(iso: str | None) -> str:
    return f"le {french_date(iso)} à {iso[_CLOCK]}" if iso and len(iso) > _DAY_LENGTH else "à une date inconnue"


def _size(size: int) -> str:
    return f"{size} octets" if size < _KILOBYTE else f"{size // _KILOBYTE} ko"


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return (_INDENT + line for line in lines)
