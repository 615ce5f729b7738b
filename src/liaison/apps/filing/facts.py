"""What a letter says of the resident beside its stay, allergies and treatments: written with its source and place."""

from collections.abc import Iterator, Mapping

from django.utils import timezone

from liaison.apps.filing.models import StatedFact
from liaison.apps.intake.models import Document
from liaison.apps.intake.readings import cda_of
from liaison.apps.residents.letters import HEADER
from liaison.apps.residents.models import Resident
from liaison.core.cda.values import SECTION_DEVICES, SECTION_PROBLEMS, SECTION_SYNTHESIS, CdaDocument, Code

Kind = StatedFact.Kind
NOTHING_FOUND = "Recherche faite, rien n'est identifié dans la lettre"


def write_facts(document: Document, resident: Resident) -> None:
    """Inside the transaction of the filing."""
    cda = cda_of(document)
    if cda is None:
        return
    titles = {section.code: section.title for section in cda.sections if section.code}
    facts = list(_facts(cda))
    for fact in facts:
        fact.document, fact.resident = document, resident
        _place(fact, titles)
    StatedFact.objects.bulk_create(facts)


def _place(fact: StatedFact, titles: Mapping[str, str]) -> None:
    """The title of the section it stands in; what no section says is said by the header (the way the patient left)."""
    if fact.section in titles:
        fact.place = titles[fact.section][:200]
    else:
        fact.section, fact.place = "", HEADER


def withdraw_facts(document: Document) -> None:
    """Strike them. Inside the transaction of the unfiling."""
    StatedFact.objects.filter(document=document, withdrawn_at__isnull=True).update(withdrawn_at=timezone.now())


def _facts(cda: CdaDocument) -> Iterator[StatedFact]:
    yield from _problems(cda)
    for device in cda.devices:
        yield _fact(Kind.DEVICE, device.label, SECTION_DEVICES, device.codes, (device.start, device.end))
    if cda.discharge_mode:
        yield _fact(Kind.DISCHARGE_MODE, cda.discharge_mode, SECTION_SYNTHESIS)
    yield from _carriage(cda)


def _problems(cda: CdaDocument) -> Iterator[StatedFact]:
    for problem in cda.problems:
        if not problem.negated:
            section = problem.section or SECTION_PROBLEMS
            yield _fact(Kind.PROBLEM, problem.label, section, problem.codes, (problem.start, problem.end))


def _carriage(cda: CdaDocument) -> Iterator[StatedFact]:
    """The bacteria a letter names are a flag; a search that names none is told as such, and is no flag."""
    if cda.carriage.found:
        yield _fact(Kind.CARRIAGE, cda.carriage.found, SECTION_SYNTHESIS)
    elif cda.carriage.searched:
        yield _fact(Kind.SEARCHED, NOTHING_FOUND, SECTION_SYNTHESIS)


def _fact(
    kind: StatedFact.Kind,
    label: str,
    section: str,
    codes: tuple[Code, ...] = (),
    dates: tuple[str, str] = ("", ""),
) -> StatedFact:
    code = codes[0].code if codes else ""
    start, end = dates
    return StatedFact(
        kind=kind, label=label or code, code=code[:40], start=start[:40], end=end[:40], section=section[:40]
    )
