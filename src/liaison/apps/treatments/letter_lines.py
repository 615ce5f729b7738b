"""The lines of treatment a document states, coded or read in its words."""

from liaison.apps.intake.models import Document
from liaison.apps.intake.readings import medication_from_json, medications_of
from liaison.apps.treatments.models import TextReading
from liaison.core.cda.values import MedicationLine
from liaison.core.medication.from_text.unchanged import UNCHANGED


def lines_of_letter(document: Document) -> list[MedicationLine]:
    """The coded lines that nothing denies; where there is none, those read in the words, once they are read."""
    coded = [line for line in medications_of(document) if not line.negated]
    return coded or lines_of_words(document)


def said_unchanged(document: Document) -> str:
    """What a doctor must know when the letter lists nothing and says the treatment goes on; empty when it does not."""
    reading = TextReading.objects.filter(document=document).first()
    notices = reading.notices if reading else []
    return next((str(notice["message"]) for notice in notices if notice["code"] == UNCHANGED), "")


def lines_of_words(document: Document) -> list[MedicationLine]:
    reading = TextReading.objects.filter(document=document).first()
    return [medication_from_json(line) for line in reading.lines] if reading else []
