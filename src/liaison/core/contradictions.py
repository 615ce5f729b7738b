"""Where a letter names somebody else than its package, or the subject of its mail, said it would."""

import re
from collections.abc import Iterable, Iterator, Set

from liaison.core.cda.values import CdaDocument
from liaison.core.mail.mss import MssSubject, without_accents
from liaison.core.notices import Notice
from liaison.core.people import INS_ROOTS, Identifier, Patient
from liaison.core.xdm.values import DocumentEntry

METADATA_DIFFERS = Notice(
    "patient_metadata_differs", "L'identité du document n'est pas celle qu'annoncent les métadonnées de l'envoi."
)
SUBJECT_DIFFERS = Notice("patient_subject_differs", "L'identité du document n'est pas celle de l'objet du message.")
SEVERAL_PATIENTS = Notice("several_patients", "Ce message contient des documents de plusieurs personnes.")
ID_DIFFERS = Notice("document_id_differs", "L'identifiant du document n'est pas celui qu'annoncent les métadonnées.")
TYPE_DIFFERS = Notice("document_type_differs", "Le type du document n'est pas celui qu'annoncent les métadonnées.")
CONTRADICTIONS = frozenset(
    {
        METADATA_DIFFERS.code,
        SUBJECT_DIFFERS.code,
        SEVERAL_PATIENTS.code,
        ID_DIFFERS.code,
        "hash_differs",
        "size_differs",
        "document_listed_twice",
    }
)
"""The notices that forbid any automatic filing: the bytes and what was said of them do not agree."""

_NOT_LETTERS = re.compile(r"[^A-Z]")


def contradictions(
    cda: CdaDocument, entry: DocumentEntry | None, patient_ids: Iterable[Identifier], subject: MssSubject
) -> Iterator[Notice]:
    """Where the letter disagrees with what was said of it; the letter is believed, nothing is automatic any more."""
    said = [entry.patient_id] if entry and entry.patient_id else list(patient_ids)
    if any(_denies(identifier, cda.patient) for identifier in said):
        yield METADATA_DIFFERS
    if entry and entry.unique_id and entry.unique_id.casefold() != str(cda.id).casefold():
        yield ID_DIFFERS
    if entry and entry.type.code and cda.type.code and entry.type.code != cda.type.code:
        yield TYPE_DIFFERS
    if subject.documents == 1 and _subject_denies(subject, cda.patient):
        yield SUBJECT_DIFFERS


def are_several(in_letters: Set[Patient], in_words: Set[Patient]) -> bool:
    """Whether the documents of one message speak of several persons, by their CDA and by the words of their mail."""
    if len({_person(claim) for claim in in_letters}) > 1 or len(in_words) > 1:
        return True
    return any(
        _is_someone_else(claim.used_family, claim.birth_date, patient) for claim in in_words for patient in in_letters
    )


def _denies(identifier: Identifier, patient: Patient) -> bool:
    """Whether metadata name someone else: another INS, or another number under a root that the letter uses too."""
    if identifier.root in INS_ROOTS:
        return identifier.extension[:15] != patient.ins
    same_root = {own.extension for own in patient.ids if own.root == identifier.root}
    return bool(same_root) and identifier.extension not in same_root


def _subject_denies(subject: MssSubject, patient: Patient) -> bool:
    """Whether the subject names someone else, or another birth date. A subject that is silent denies nothing."""
    family = "" if _names_the_patient(subject, patient) else subject.family
    return _is_someone_else(family, subject.birth_date, patient)


def _names_the_patient(subject: MssSubject, patient: Patient) -> bool:
    """Where the family ends and a given name of two words begins is not written: the two are compared as one."""
    said = _letters(f"{subject.family} {subject.given}")
    families = filter(None, (patient.birth_family, patient.used_family))
    given = tuple(filter(None, (patient.birth_given, patient.used_given, patient.given_names)))
    return any(said.endswith(_letters(f"{one} {other}")) for one in families for other in given)


def _is_someone_else(family: str, birth_date: str, patient: Patient) -> bool:
    known = patient.birth_date[:10]
    if birth_date and len(known) == len(birth_date) and birth_date != known:
        return True
    names = {_letters(name) for name in (patient.birth_family, patient.used_family) if name}
    said = _letters(family)
    return bool(said and names) and not any(said.endswith(name) for name in names)


def _letters(name: str) -> str:
    return _NOT_LETTERS.sub("", without_accents(name).upper())


def _person(patient: Patient) -> tuple[str, ...]:
    return (patient.ins, _letters(patient.birth_family), _letters(patient.birth_given), patient.birth_date)
