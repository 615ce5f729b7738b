"""Taking in a list of residents: everything in one transaction, or nothing when one line cannot be taken."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from liaison.apps.audit.actions import begin, record
from liaison.apps.filing.jobs import offer_new_look
from liaison.apps.organisations.models import Site
from liaison.apps.residents.actions import do_register
from liaison.apps.residents.identity import changes_of, do_change_identity, do_place, place_changes_of
from liaison.apps.residents.merging import standing_record
from liaison.apps.residents.models import Resident, Source
from liaison.apps.residents.names import mark_homonym
from liaison.core.csv_list import LineProblem
from liaison.core.people import INS_NIR
from liaison.core.roster import Roster, RosterRow

REASON = "Import d'un fichier de résidents"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do (``done`` False). With one problem nothing is written."""

    lines: int
    added: int
    changed: int
    unchanged: int
    problems: tuple[LineProblem, ...]
    done: bool


@dataclass(slots=True)
class _Known:
    """The residents of the site, by what a line may name them with. ``absorbed`` names records merged into another."""

    by_ins: dict[str, list[Resident]] = field(default_factory=lambda: defaultdict(list))
    by_local_id: dict[str, Resident] = field(default_factory=dict)
    absorbed: dict[str, Resident] = field(default_factory=dict)

    @classmethod
    def of(cls, site: Site) -> "_Known":
        known = cls()
        for resident in Resident.objects.filter(site=site).select_related("site", "merged_into"):
            if resident.merged_into_id is not None:
                known.absorbed[resident.local_id or resident.ins] = standing_record(resident)
                continue
            if resident.ins:
                known.by_ins[resident.ins].append(resident)
            if resident.local_id:
                known.by_local_id[resident.local_id] = resident
        return known

    def absorber_of(self, row: RosterRow) -> Resident | None:
        """Who took in the record this line names, when another software still has the two."""
        if row.local_id in self.by_local_id or row.traits.get("ins", "") in self.by_ins:
            return None
        return self.absorbed.get(row.local_id or row.traits["ins"])


@dataclass(frozen=True, slots=True)
class _Plan:
    """One line and the resident it is about; None is a resident to add. ``idle``: it names a record merged here."""

    row: RosterRow
    resident: Resident | None
    idle: bool = False

    @property
    def changes(self) -> bool:
        if self.resident is None or self.idle:
            return False
        placed = place_changes_of(self.resident, self.row.room, self.row.present)
        marked = self.row.homonym and not self.resident.homonym
        return bool(changes_of(self.resident, _traits(self.row, self.resident)) or placed or marked)


@transaction.atomic
def do_import_residents(site: Site, roster: Roster, *, dry_run: bool = False) -> ImportReport:
    """Add the residents the site does not know and bring the others up to date; a dry run only reports.

    A resident is known by his matricule INS, else by the home's own identifier.
    """
    begin(site)
    plans, problems = _plan(site, roster)
    done = not problems and not dry_run
    report = ImportReport(
        lines=len(roster.rows) + len({problem.line for problem in roster.problems} - {row.line for row in roster.rows}),
        added=sum(plan.resident is None for plan in plans),
        changed=sum(plan.changes for plan in plans),
        unchanged=sum(plan.resident is not None and not plan.changes for plan in plans),
        problems=problems,
        done=done,
    )
    if done:
        for plan in plans:
            _apply(site, plan)
        offer_new_look(site.pk)
        record("residents_imported", site, site=site, added=report.added, changed=report.changed)
    return report


def _plan(site: Site, roster: Roster) -> tuple[list[_Plan], tuple[LineProblem, ...]]:
    known = _Known.of(site)
    plans: list[_Plan] = []
    problems = list(roster.problems)
    for row in roster.rows:
        absorber = known.absorber_of(row)
        if absorber is not None:
            plans.append(_Plan(row, absorber, idle=True))
            continue
        found = _resident_of(known, row)
        if isinstance(found, LineProblem):
            problems.append(found)
        else:
            plans.append(_Plan(row, found))
    problems += _twice(plans)
    return plans, tuple(sorted(problems, key=lambda problem: problem.line))


def _resident_of(known: _Known, row: RosterRow) -> Resident | LineProblem | None:
    holders = known.by_ins.get(row.traits.get("ins", ""), [])
    named = known.by_local_id.get(row.local_id)
    if len(holders) > 1:
        return LineProblem(row.line, "Plusieurs résidents portent ce matricule INS : corrigez-les d'abord.")
    if holders and named and holders[0].pk != named.pk:
        return LineProblem(row.line, "Le matricule INS et l'identifiant désignent deux résidents différents.")
    if not holders and named and _is_another_person(named, row):
        return LineProblem(row.line, "Cet identifiant est celui d'un autre résident (matricule et naissance).")
    return holders[0] if holders else named


def _is_another_person(resident: Resident, row: RosterRow) -> bool:
    """Another matricule and another birth date: the identifier was given to somebody else, nothing was corrected."""
    claimed = row.traits.get("ins", "")
    other_matricule = bool(claimed and resident.ins and claimed != resident.ins)
    return other_matricule and row.traits["birth_date"] != resident.birth_date


def _twice(plans: Iterable[_Plan]) -> list[LineProblem]:
    problems: list[LineProblem] = []
    first: dict[int, int] = {}
    for plan in plans:
        if plan.resident and not plan.idle and first.setdefault(plan.resident.pk, plan.row.line) != plan.row.line:
            line = first[plan.resident.pk]
            problems.append(LineProblem(plan.row.line, f"Cette ligne désigne le même résident que la ligne {line}."))
    return problems


def _traits(row: RosterRow, resident: Resident | None) -> dict[str, str]:
    """What the line says; a matricule new to the home and given without its OID is a NIR."""
    traits = {**row.traits, **({"local_id": row.local_id} if row.local_id else {})}
    held = resident.ins if resident else ""
    return {"ins_oid": INS_NIR, **traits} if traits.get("ins", held) != held else traits


def _apply(site: Site, plan: _Plan) -> None:
    row = plan.row
    if plan.idle:
        return
    resident = plan.resident
    if resident is None:
        status = row.traits.get("ins_status", Resident.InsStatus.PROVISIONAL)
        identity = {"given_names": row.traits["birth_given"], **_traits(row, None), "ins_status": status}
        present = row.present is not False
        resident = do_register(
            site=site, identity={**identity, "room": row.room, "present": present}, care_team=[], look_again=False
        )
    else:
        traits = _traits(row, resident)
        do_change_identity(resident, source=Source.CSV, traits=traits, reason=REASON, look_again=False)
        do_place(resident, source=Source.CSV, room=row.room, present=row.present)
    if row.homonym:
        mark_homonym(Resident.objects.select_related("site").get(pk=resident.pk))
