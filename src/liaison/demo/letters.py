"""What a hospital writes of a resident's stay: a discharge letter, a hospital report, in words a doctor would sign.

A letter follows from the resident's own treatments: some continued, one changed, one stopped, one under another brand,
one begun, and often one forgotten. The same world, resident and number give the same content.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from liaison.core.cda.values import (
    DISCHARGE_LETTER,
    HOSPITAL_REPORT,
    SECTION_DISCHARGE,
    SECTION_STOPPED,
    Allergy,
    Code,
    DischargeLetter,
    DocumentHeader,
    FollowUpItem,
    MedicationLine,
)
from liaison.core.people import Identifier
from liaison.demo.identity_cases import IdentityCase, hospital_patient
from liaison.demo.stays import Plan, Stay, group_of, plan_of, stay_of
from liaison.demo.stories import Story
from liaison.demo.world import World
from liaison.demo.world.drugs import HOSPITAL_DRUGS
from liaison.demo.world.values import Drug, Resident, Treatment

LOINC = "2.16.840.1.113883.6.1"
LETTER_TYPE = Code(DISCHARGE_LETTER, LOINC, "Lettre de liaison à la sortie")
REPORT_TYPE = Code(HOSPITAL_REPORT, LOINC, "CR hospitalier (séjour)")
_TITLES = {
    DISCHARGE_LETTER: "Lettre de liaison à la sortie de l'établissement de santé",
    HOSPITAL_REPORT: "Compte rendu d'hospitalisation",
}
_SNOMED = "2.16.840.1.113883.6.96"
_EMERGENCY = Code("183452005", _SNOMED, "Entrée en urgence")
_PLANNED = Code("8715000", _SNOMED, "Entrée programmée")
_TO_NURSING_HOME = Code("500", "1.2.250.1.213.1.6.1.8", "EHPAD")
_FACILITIES = "1.2.250.1.71.4.2.4"
_PUBLIC = Code("SA01", _FACILITIES, "Etablissement Public de santé")
_PRIVATE = Code("SA04", _FACILITIES, "Etablissement Privé non PSPH")
_ANTICOAGULANTS = ("B01AA", "B01AF")


@dataclass(frozen=True, slots=True)
class HospitalReport:
    """The content of a CRH: the header of its CDA, and the parts (title, paragraphs) of its text."""

    header: DocumentHeader
    parts: tuple[tuple[str, tuple[str, ...]], ...]


def discharge_letter_for(
    world: World, resident: Resident, *, case: IdentityCase = "certain", number: int = 0, now: datetime
) -> DischargeLetter:
    """A letter LDL-SES for the stay of that number, under the identity that ``case`` says."""
    stay = stay_of(world, resident, number=number, now=now)
    story, plan, day = stay.story, plan_of(world, resident, stay), stay.end.date()
    return DischargeLetter(
        header=_header(world, resident, stay, LETTER_TYPE, case=case, now=now),
        reason=story.reason,
        synthesis=_synthesis(story, resident, day),
        admission_mode=_EMERGENCY if story.urgent else _PLANNED,
        discharge_mode=_TO_NURSING_HOME,
        at_discharge=tuple(_at_discharge(story, plan, resident, day)),
        stopped=tuple(_stopped(plan, day)),
        allergies=tuple(_allergies(story, resident)),
        expected_results=story.expected,
        follow_up=tuple(_follow_up(story, day)),
        resistant_bacteria_searched=bool(story.bacteria),
        resistant_bacteria_found=story.bacteria,
        transfusion=story.transfusion,
    )


def hospital_report_for(
    world: World, resident: Resident, *, case: IdentityCase = "certain", number: int = 0, now: datetime
) -> HospitalReport:
    """A hospital report (CRH) of the stay of that number: text alone, as most hospitals send it."""
    stay = stay_of(world, resident, number=number, now=now)
    story, plan, day = stay.story, plan_of(world, resident, stay), stay.end.date()
    allergies = tuple(f"{each.agent} ({each.reaction})" for each in _allergies(story, resident))
    parts = (
        ("Motif de l'hospitalisation", (story.reason,)),
        ("Allergies", allergies or ("Aucune allergie connue.",)),
        ("Évolution pendant le séjour", (_synthesis(story, resident, day),)),
        ("Traitement de sortie", tuple(_words(line) for line in _at_discharge(story, plan, resident, day))),
        ("Traitements arrêtés", tuple(_words(line) for line in _stopped(plan, day))),
        ("Résultats attendus", story.expected),
        ("Suites à donner", tuple(item.label for item in _follow_up(story, day))),
    )
    return HospitalReport(_header(world, resident, stay, REPORT_TYPE, case=case, now=now), parts)


def _header(
    world: World, resident: Resident, stay: Stay, document_type: Code, *, case: IdentityCase, now: datetime
) -> DocumentHeader:
    """The ids follow from what the document is about and from ``now``: two sendings are two documents."""
    hospital = stay.hospital
    signer = hospital.signer(stay.doctor)
    gp = world.doctor(resident.gp).professional
    written_at = now.isoformat(timespec="seconds")
    seed = f"{world.seed}/{resident.key}/{stay.number}/{case}/{document_type.code}/{written_at}"
    return DocumentHeader(
        id=_document_oid(f"{seed}/id"),
        set_id=_document_oid(f"{seed}/set"),
        version=1,
        type=document_type,
        title=_TITLES[document_type.code],
        effective_time=written_at,
        patient=hospital_patient(world, resident, hospital, case=case, number=stay.number),
        author=signer,
        signed_by=signer,
        signed_at=written_at,
        custodian=hospital.organisation,
        recipients=(gp,),
        gp=gp,
        stay_start=stay.start.isoformat(timespec="seconds"),
        stay_end=stay.end.isoformat(timespec="seconds"),
        stay_number=f"{stay.start:%y%m%d}{stay.number:04d}",
        facility_code=_PUBLIC if hospital.public else _PRIVATE,
    )


def _document_oid(seed: str) -> Identifier:
    """An OID under 2.25, the arc of UUIDs (ITU-T X.667)."""
    return Identifier(f"2.25.{uuid5(NAMESPACE_OID, seed).int}")


def _synthesis(story: Story, resident: Resident, day: date) -> str:
    before_birthday = (day.month, day.day) < (resident.birth_date.month, resident.birth_date.day)
    woman = resident.sex == "F"
    return story.synthesis.format(
        patient="Patiente" if woman else "Patient",
        age=day.year - resident.birth_date.year - before_birthday,
        e="e" if woman else "",
    )


def _at_discharge(story: Story, plan: Plan, resident: Resident, day: date) -> Iterator[MedicationLine]:
    for line in plan.continued:
        yield _line(line, line.drug, line.dose, line.frequency)
    for each in plan.rebranded:
        yield _line(each.treatment, each.drug, each.treatment.dose, each.treatment.frequency)
    for changed in plan.changed:
        yield _line(changed.treatment, changed.treatment.drug, *changed.posology, reason=changed.reason)
    yield from _started(story, resident, day)


def _line(treatment: Treatment, drug: Drug, dose: str, frequency: str, *, reason: str = "") -> MedicationLine:
    return MedicationLine(
        section=SECTION_DISCHARGE,
        name=drug.label,
        codes=drug.codes,
        start=treatment.started_at.isoformat(),
        dose=dose,
        frequency=frequency,
        route=drug.route,
        as_needed=treatment.as_needed,
        reason=reason,
    )


def _started(story: Story, resident: Resident, day: date) -> Iterator[MedicationLine]:
    """What was begun, but nothing of a class the resident has already, nor heparin over an anticoagulant."""
    taken = {group_of(line) for line in resident.treatments}
    anticoagulated = any(line.drug.atc.startswith(_ANTICOAGULANTS) for line in resident.treatments)
    for start in story.starts:
        entry = HOSPITAL_DRUGS[start.brand]
        if entry.group in taken or (entry.group == "heparin" and anticoagulated):
            continue
        dose, frequency = entry.posologies[0]
        yield MedicationLine(
            section=SECTION_DISCHARGE,
            name=entry.drug.label,
            codes=entry.drug.codes,
            start=(day - timedelta(days=2)).isoformat(),
            dose=dose,
            frequency=frequency,
            route=entry.drug.route,
            reason=start.reason,
            duration=start.duration,
        )


def _stopped(plan: Plan, day: date) -> Iterator[MedicationLine]:
    for each in plan.stopped:
        line = each.treatment
        yield MedicationLine(
            section=SECTION_STOPPED,
            name=line.drug.label,
            codes=line.drug.codes,
            start=line.started_at.isoformat(),
            end=(day - timedelta(days=3)).isoformat(),
            dose=line.dose,
            frequency=line.frequency,
            route=line.drug.route,
            as_needed=line.as_needed,
            reason=each.reason,
        )


def _allergies(story: Story, resident: Resident) -> Iterator[Allergy]:
    known = dict(resident.allergies)
    found = dict([story.new_allergy]) if story.new_allergy else {}
    for agent, reaction in {**known, **found}.items():
        yield Allergy(agent, reaction)


def _follow_up(story: Story, day: date) -> Iterator[FollowUpItem]:
    for label, days, kind in story.follow_up:
        yield FollowUpItem(label, (day + timedelta(days=days)).isoformat(), kind)


def _words(line: MedicationLine) -> str:
    parts = [f"{line.name} : {line.dose} {line.frequency}"]
    parts += ["si besoin"] if line.as_needed else []
    parts += [f"pendant {line.duration}"] if line.duration else []
    parts += [f"({line.reason})"] if line.reason else []
    return " ".join(parts)
