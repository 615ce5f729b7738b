"""What a letter writes in a record, each with its source and its place in it, and what a person said of it before."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone

from liaison.apps.intake.models import Document
from liaison.apps.intake.readings import cda_of
from liaison.apps.residents.models import FollowUpTask, RecordedAllergy, Resident, Stay
from liaison.core.cda.values import (
    SECTION_ALLERGIES,
    SECTION_EXPECTED_RESULTS,
    SECTION_FOLLOW_UP,
    SECTION_REASON,
    SECTION_SYNTHESIS,
    CdaDocument,
)

HEADER = "en-tête du document"
LOOK_AFTER = timedelta(days=7)
"""When the letter gives no date, the home looks a week after it was written."""
Row = TypeVar("Row", RecordedAllergy, FollowUpTask)
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def write_letter(document: Document, resident: Resident) -> None:
    """The stay, the allergies and the tasks of a letter. Inside the transaction of the filing."""
    cda = cda_of(document)
    if cda is None:
        return
    places = {section.code: section.title[:200] for section in cda.sections if section.code}
    _write_stay(document, resident, cda)
    RecordedAllergy.objects.bulk_create(_carried_allergies(document, resident, _allergies(cda, places)))
    FollowUpTask.objects.bulk_create(_carried_tasks(document, resident, _tasks(cda, places)))


def withdraw_letter(document: Document) -> None:
    """Strike what a letter wrote. Inside the transaction of the unfiling."""
    for model in (Stay, RecordedAllergy, FollowUpTask):
        model.objects.filter(document=document, withdrawn_at__isnull=True).update(withdrawn_at=timezone.now())


def _write_stay(document: Document, resident: Resident, cda: CdaDocument) -> None:
    if not (cda.stay_start or cda.stay_end):
        return
    texts = {section.code: section.text for section in cda.sections}
    Stay.objects.create(
        resident=resident,
        document=document,
        start=cda.stay_start[:40],
        end=cda.stay_end[:40],
        hospital=cda.custodian.name[:200],
        service=_service(document, cda)[:200],
        discharge_mode=cda.discharge_mode[:200],
        reason=texts.get(SECTION_REASON, ""),
        synthesis=texts.get(SECTION_SYNTHESIS, ""),
        place=HEADER,
    )


def _service(document: Document, cda: CdaDocument) -> str:
    """The author's unit when it is not the establishment itself, else the name of the sending mailbox (ECO.2.2.7)."""
    units = (author.organisation.name for author in cda.authors)
    unit = next((name for name in units if name and name != cda.custodian.name), "")
    return unit or document.message.sender_label.removeprefix(cda.custodian.name).lstrip(" –-")


def _allergies(cda: CdaDocument, places: Mapping[str, str]) -> Iterator[RecordedAllergy]:
    for one in cda.allergies:
        if not one.negated:
            yield RecordedAllergy(
                agent=one.agent[:200],
                reaction=one.reaction[:200],
                section=SECTION_ALLERGIES if SECTION_ALLERGIES in places else "",
                place=places.get(SECTION_ALLERGIES, ""),
            )


def _tasks(cda: CdaDocument, places: Mapping[str, str]) -> Iterator[FollowUpTask]:
    kinds = FollowUpTask.Kind
    for text in cda.expected_results:
        yield _task(cda, kinds.EXPECTED_RESULT, text, "", SECTION_EXPECTED_RESULTS, places)
    for item in cda.follow_up:
        yield _task(cda, kinds.FOLLOW_UP, item.label, item.when, SECTION_FOLLOW_UP, places)


def _task(
    cda: CdaDocument, kind: FollowUpTask.Kind, label: str, due: str, section: str, places: Mapping[str, str]
) -> FollowUpTask:
    return FollowUpTask(
        kind=kind,
        label=label,
        due=due[:40],
        look_on=day_to_look(due, cda.effective_time),
        section=section if section in places else "",
        place=places.get(section, ""),
    )


def day_to_look(due: str, written: str) -> date:
    """The day stated, the first of the month or of the year stated, else a week after the letter, else after today."""
    stated = first_day(due)
    return stated or (first_day(written) or timezone.localdate()) + LOOK_AFTER


def first_day(iso: str) -> date | None:
    """The first day of an ISO 8601 date at any precision; None when it is none."""
    found = _DATE.match(iso)
    try:
        return date(*(int(part or 1) for part in found.groups())) if found else None
    except ValueError:
        return None


def _carried_allergies(
    document: Document, resident: Resident, allergies: Iterable[RecordedAllergy]
) -> Iterator[RecordedAllergy]:
    """What a person confirmed or refused of the same agent, in this document before or in another of its versions."""
    judged = _of_versions(RecordedAllergy.objects.all(), document, resident)
    judged = judged.filter(Q(confirmed_at__isnull=False) | Q(refused_at__isnull=False))
    before = {_words(one.agent): one for one in judged.order_by("pk")}
    for allergy in allergies:
        allergy.document, allergy.resident = document, resident
        if same := before.get(_words(allergy.agent)):
            allergy.confirmed_by, allergy.confirmed_at = same.confirmed_by, same.confirmed_at
            allergy.refused_by, allergy.refused_at = same.refused_by, same.refused_at
            allergy.refused_reason = same.refused_reason
        yield allergy


def _carried_tasks(document: Document, resident: Resident, tasks: Iterable[FollowUpTask]) -> Iterator[FollowUpTask]:
    """What was done or put off stays so, when the letter asks for the same thing at the same date."""
    known = _of_versions(FollowUpTask.objects.all(), document, resident).order_by("pk")
    before = {(one.kind, _words(one.label), one.due): one for one in known}
    for task in tasks:
        task.document, task.resident = document, resident
        if same := before.get((task.kind, _words(task.label), task.due)):
            task.done_by, task.done_at, task.look_on = same.done_by, same.done_at, same.look_on
        yield task


def _of_versions(rows: "QuerySet[Row]", document: Document, resident: Resident) -> "QuerySet[Row]":
    versions = Q(document=document) | Q(document__replaced_by=document) | Q(document=document.replaced_by_id)
    if document.set_id:
        versions |= Q(document__set_id=document.set_id, document__site=document.site_id)
    return rows.filter(versions, resident=resident, withdrawn_at__isnull=False)


def _words(text: str) -> str:
    return " ".join(text.casefold().split())
