"""Taking over what residents take, from the home's software: the whole file in one transaction, or nothing of it."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.intake.readings import to_json
from liaison.apps.organisations.access import may_file
from liaison.apps.organisations.models import Site, User
from liaison.apps.refusals import NotAllowed
from liaison.apps.residents.models import Resident
from liaison.apps.treatments.actions import current_lines
from liaison.apps.treatments.by_hand import open_act
from liaison.apps.treatments.models import TreatmentAct, TreatmentLine
from liaison.core.csv_list import LineProblem
from liaison.core.medication.line import drug_name
from liaison.core.treatment_list import TreatmentList, TreatmentRow

_COMPARED = ("dose", "unit", "morning", "noon", "evening", "bedtime", "frequency", "route")
_FIELDS = {
    "label": "medicament",
    "substance": "dci",
    "dose": "dose",
    "unit": "unite",
    "morning": "matin",
    "noon": "midi",
    "evening": "soir",
    "bedtime": "coucher",
    "frequency": "frequence",
    "route": "voie",
    "reason": "indication",
    "prescriber": "prescripteur",
}


@dataclass(frozen=True, slots=True)
class TreatmentsReport:
    """What an import did, or would do (``done`` False). With one problem nothing is written."""

    lines: int
    residents: int
    added: int
    ended: int
    unchanged: int
    problems: tuple[LineProblem, ...]
    done: bool


@dataclass(slots=True)
class _Plan:
    """What changes for one resident."""

    resident: Resident
    added: list[TreatmentRow] = field(default_factory=list)
    ended: list[TreatmentLine] = field(default_factory=list)
    unchanged: int = 0


@transaction.atomic
def do_import_treatments(
    site: Site, listed: TreatmentList, *, user: User | None = None, replace: bool = False, dry_run: bool = False
) -> TreatmentsReport:
    """Add the lines a resident does not have; with ``replace`` the file is the whole treatment of those it names.

    Without it, a drug already taken otherwise is a problem: nobody's treatment changes by surprise. ``user`` is who
    imports, none at the command line. Raises NotAllowed.
    """
    begin(site)
    if user is not None and not may_file(user, site):
        raise NotAllowed("Une secrétaire médicale ou un médecin coordonnateur importe des traitements.")
    by_resident, problems = _by_resident(site, listed)
    plans = [_plan(resident, rows, replace=replace) for resident, rows in by_resident.items()]
    if not replace:
        problems += [problem for plan in plans for problem in _clashes(plan)]
    done = not problems and not dry_run
    if done:
        for plan in plans:
            _apply(plan, user)
    return TreatmentsReport(
        lines=len(listed.rows) + len({problem.line for problem in listed.problems}),
        residents=len(plans),
        added=sum(len(plan.added) for plan in plans),
        ended=sum(len(plan.ended) for plan in plans),
        unchanged=sum(plan.unchanged for plan in plans),
        problems=tuple(sorted(problems, key=lambda problem: problem.line)),
        done=done,
    )


def _by_resident(site: Site, listed: TreatmentList) -> tuple[dict[Resident, list[TreatmentRow]], list[LineProblem]]:
    residents = list(Resident.objects.filter(site=site, merged_into__isnull=True).select_related("site"))
    by_number: dict[str, list[Resident]] = defaultdict(list)
    for resident in residents:
        for number in filter(None, {resident.ins, resident.local_id}):
            by_number[number].append(resident)
    found: dict[Resident, list[TreatmentRow]] = defaultdict(list)
    problems = list(listed.problems)
    for row in listed.rows:
        named = by_number.get(row.values["matricule_ins"]) or by_number.get(row.values["identifiant"]) or []
        if len(named) == 1:
            found[named[0]].append(row)
        else:
            problems.append(LineProblem(row.line, "Cette ligne ne désigne aucun résident, ou plusieurs."))
    return dict(found), problems


def _plan(resident: Resident, rows: list[TreatmentRow], *, replace: bool) -> _Plan:
    plan = _Plan(resident)
    held = current_lines(resident)
    for row in rows:
        same = next((line for line in held if _says_the_same(line, row)), None)
        if same:
            held.remove(same)
            plan.unchanged += 1
        else:
            plan.added.append(row)
    plan.ended = held if replace else []
    return plan


def _says_the_same(line: TreatmentLine, row: TreatmentRow) -> bool:
    named = drug_name(line.label) == drug_name(row.values["medicament"]) and line.label == row.values["medicament"]
    return named and all(getattr(line, name) == row.values[_FIELDS[name]] for name in _COMPARED)


def _clashes(plan: _Plan) -> list[LineProblem]:
    held = {drug_name(line.label) for line in current_lines(plan.resident)}
    message = "Ce médicament est déjà en cours, écrit autrement : corrigez la ligne, ou remplacez tout (--replace)."
    return [LineProblem(row.line, message) for row in plan.added if drug_name(row.values["medicament"]) in held]


def _apply(plan: _Plan, user: User | None) -> None:
    if not (plan.added or plan.ended):
        return
    act = open_act(plan.resident, TreatmentAct.Kind.FILE, user=user)
    for line in plan.ended:
        line.ended_at, line.ended_in = act.at, act
        line.save(update_fields=["ended_at", "ended_in"])
    TreatmentLine.objects.bulk_create(_line(act, row) for row in plan.added)
    record(
        "treatments_imported",
        plan.resident,
        site=plan.resident.site,
        user=user,
        resident=plan.resident,
        added=len(plan.added),
        ended=len(plan.ended),
    )


def _line(act: TreatmentAct, row: TreatmentRow) -> TreatmentLine:
    return TreatmentLine(
        resident=act.resident,
        started_in=act,
        codes=to_json(row.codes),
        as_needed=row.as_needed,
        started_at=row.start or timezone.localdate(),
        ends_on=row.end,
        **{name: row.values[column] for name, column in _FIELDS.items()},
    )
