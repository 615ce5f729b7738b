"""The letter a person reads from a level 3 document: its header, and its narrative as it was signed (ECO.2.1.5)."""

from liaison.core.cda.times import french_date, french_day
from liaison.core.cda.values import CdaDocument, Contact
from liaison.core.pdf.narrative import blocks_of
from liaison.core.pdf.values import Letter, LetterSection
from liaison.core.people import INS_NIA, INS_NIR, Organisation, Patient, Professional

_SEXES = {"M": "masculin", "F": "féminin", "U": "inconnu"}
_INS_KINDS = {INS_NIR: "NIR", INS_NIA: "NIA"}
_CONTACTS = {
    "guardian": "Représentant légal",
    "trusted": "Personne de confiance",
    "emergency": "Personne à prévenir",
    "other": "Proche",
}
_HOUR = slice(11, 16)


def letter_of_document(document: CdaDocument) -> Letter:
    """Every section with its title and its whole narrative, in the order of the document; nothing is summed up."""
    return Letter(
        title=document.title or document.type.label,
        sender=_sender(document),
        recipients=tuple(line for each in document.recipients for line in _address(each)),
        date=document.effective_time,
        patient=tuple((label, value) for label, value in _about(document) if value),
        sections=_sections(document),
        signature=_signature(document),
        reference=f"Document {document.id}, version {document.version}",
    )


def _sender(document: CdaDocument) -> tuple[str, ...]:
    authors = (_person(author) for author in document.authors)
    specialities = (author.speciality for author in document.authors[:1])
    return tuple(filter(None, (_organisation(document.custodian), *authors, *specialities)))


def _organisation(organisation: Organisation) -> str:
    return organisation.name or organisation.id


def _person(person: Professional) -> str:
    return " ".join(filter(None, (person.given, person.family)))


def _address(recipient: Professional) -> tuple[str, ...]:
    return tuple(filter(None, (_person(recipient), _organisation(recipient.organisation))))


def _about(document: CdaDocument) -> tuple[tuple[str, str], ...]:
    return (
        *_identity(document.patient),
        ("Médecin traitant", _person(document.gp) if document.gp else ""),
        *((_CONTACTS[contact.kind], _close(contact)) for contact in document.around.contacts),
        ("Séjour", _stay(document)),
    )


def _close(contact: Contact) -> str:
    """``Jeanne Petit (fille), 0326000000``: who to call is why the header names them."""
    name = " ".join(filter(None, (contact.given, contact.family)))
    known = f"{name} ({contact.relation})" if name and contact.relation else name or contact.relation
    return ", ".join(filter(None, (known, *(each.partition(":")[2] or each for each in contact.telecoms))))


def _identity(patient: Patient) -> tuple[tuple[str, str], ...]:
    kind = _INS_KINDS.get(patient.ins_oid, "identité de test")
    return (
        ("Nom de naissance", patient.birth_family),
        ("Prénoms de naissance", patient.given_names or patient.birth_given),
        ("Premier prénom de naissance", patient.birth_given),
        ("Nom utilisé", patient.used_family),
        ("Prénom utilisé", patient.used_given),
        ("Date de naissance", french_date(patient.birth_date)),
        ("Sexe", _SEXES.get(patient.sex, "")),
        ("Lieu de naissance (code INSEE)", patient.birth_place),
        ("Matricule INS", f"{patient.ins} ({kind})" if patient.ins else ""),
    )


def _stay(document: CdaDocument) -> str:
    start, end = french_date(document.stay_start), french_date(document.stay_end)
    if start and end:
        return f"du {start} au {end}"
    return f"depuis le {start}" if start else f"jusqu'au {end}" if end else ""


def _sections(document: CdaDocument) -> tuple[LetterSection, ...]:
    read = tuple(LetterSection(section.title, blocks_of(section.html)) for section in document.sections)
    if read or not document.embedded:
        return read
    return (LetterSection("", ("Le contenu de ce document est le fichier qu'il porte.",)),)


def _signature(document: CdaDocument) -> tuple[str, ...]:
    if document.signed_by is None:
        return ()
    when = french_day(document.signed_at) if document.signed_at else ""
    hour = document.signed_at[_HOUR].replace(":", " h ")
    moment = f"le {when}" + (f" à {hour}" if hour else "") if when else ""
    lines = ("Document signé par", _person(document.signed_by), document.signed_by.speciality, moment)
    return tuple(filter(None, lines))
