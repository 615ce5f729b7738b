"""Readings of documents as plain JSON in a row, and back as the frozen values of the core."""

from typing import Any

from cattrs.preconf.json import make_converter

from liaison.apps.intake.models import Document
from liaison.core.cda.values import CdaDocument, FollowUpItem, MedicationLine, Section
from liaison.core.people import Patient

_converter = make_converter()


def to_json(value: Any) -> Any:
    """A frozen value of the core as dictionaries, lists and scalars."""
    return _converter.unstructure(value)


def cda_to_json(cda: CdaDocument) -> dict[str, Any]:
    """All of a CDA but its embedded files, which are blobs of their own."""
    content: dict[str, Any] = to_json(cda)
    content["embedded"] = []
    return content


def cda_of(document: Document) -> CdaDocument | None:
    """The CDA as it was read; None for a bare PDF."""
    return _converter.structure(document.content, CdaDocument) if document.content else None


def patient_of(document: Document) -> Patient | None:
    """Whom the document says it is about."""
    return _converter.structure(document.claim, Patient) if document.claim else None


def medications_of(document: Document) -> tuple[MedicationLine, ...]:
    return _converter.structure(document.content.get("medications", []), tuple[MedicationLine, ...])


def medication_from_json(value: dict[str, Any]) -> MedicationLine:
    return _converter.structure(value, MedicationLine)


def sections_of(document: Document) -> tuple[Section, ...]:
    return _converter.structure(document.content.get("sections", []), tuple[Section, ...])


def follow_up_of(document: Document) -> tuple[FollowUpItem, ...]:
    return _converter.structure(document.content.get("follow_up", []), tuple[FollowUpItem, ...])
