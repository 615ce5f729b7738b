"""What changes for the nurses: the decisions that changed a treatment, and who took them into account."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.organisations.access import CARE_ROLES, has_role
from liaison.apps.organisations.models import Role, User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.models import Resident
from liaison.apps.treatments.models import Acknowledgement, Decision, Reconciliation, ReconciliationLine
from liaison.apps.treatments.words import named_posology

Status = ReconciliationLine.Status
Verdict = Decision.Verdict
NURSES = (Role.NURSE,)


@dataclass(frozen=True, slots=True)
class Change:
    """One change in words: what is given no more, what is given now, each empty when there is none."""

    decision: Decision
    stopped: str
    started: str
    high_risk: str


def changing(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    """The decisions that changed what is given."""
    return decisions.filter(Q(ended_lines__isnull=False) | Q(started_lines__isnull=False)).distinct()


def changes_of(decisions: QuerySet[Decision]) -> list[Change]:
    rows = changing(decisions).select_related(
        "line__reconciliation__resident__site", "line__reconciliation__document", "acknowledgement__by"
    )
    shown = rows.prefetch_related("ended_lines", "started_lines").order_by("decided_at", "pk")
    return [_change(decision) for decision in shown]


def _change(decision: Decision) -> Change:
    return Change(
        decision,
        stopped=" ; ".join(map(named_posology, decision.ended_lines.all())),
        started=" ; ".join(map(named_posology, decision.started_lines.all())),
        high_risk=decision.line.high_risk,
    )


@transaction.atomic
def do_acknowledge_change(decision: Decision, *, user: User) -> Acknowledgement:
    """A nurse has taken a change into account: pill box, care plan. Raises Refused."""
    locked = Decision.objects.select_related("line__reconciliation__resident__site").get(pk=decision.pk)
    resident = locked.line.reconciliation.resident
    begin(resident.site)
    if not has_role(user, resident.site, NURSES):
        raise NotAllowed(
            "La prise en compte d'un changement de traitement est l'acte d'une infirmière ou d'un infirmier."
        )
    if not changing(Decision.objects.filter(pk=locked.pk)).exists():
        raise NotPossible("Cette décision ne change rien à ce qui est donné.")
    if Acknowledgement.objects.filter(decision=locked).exists():
        raise AlreadyDone("Ce changement est déjà pris en compte.")
    taken = Acknowledgement.objects.create(decision=locked, by=user, at=timezone.now())
    record(
        "change_acknowledged",
        locked.line.reconciliation,
        site=resident.site,
        user=user,
        resident=resident,
        line=locked.line.number,
        decision=locked.pk,
    )
    return taken


@transaction.atomic
def do_acknowledge_all(decisions: Sequence[Decision], *, user: User) -> int:
    """Every change of one resident at once; how many."""
    return len([do_acknowledge_change(decision, user=user) for decision in decisions])


@transaction.atomic
def do_compare_again(reconciliation: Reconciliation, *, user: User) -> Reconciliation:
    """Compare the letter with what the resident takes now, when that changed since: the old comparison is closed.

    Decisions made stay. Raises Refused.
    """
    from liaison.apps.treatments.actions import open_reconciliation

    begin(reconciliation.resident.site)
    rows = Reconciliation.objects.select_for_update(of=["self"]).select_related("resident__site", "document")
    locked = rows.get(pk=reconciliation.pk)
    if not has_role(user, locked.resident.site, CARE_ROLES):
        raise NotAllowed("Votre rôle ne permet pas de préparer une conciliation pour cet établissement.")
    if not has_changed_since(locked):
        raise NotPossible("Le traitement n'a pas changé depuis la comparaison : elle reste juste.")
    locked.state = Reconciliation.State.WITHDRAWN
    locked.save(update_fields=["state"])
    opened = open_reconciliation(locked.document, locked.resident, user=user)
    if opened is None:
        raise NotPossible("Cette lettre ne dit plus rien des traitements : lisez-la.")
    return opened


def has_changed_since(reconciliation: Reconciliation) -> bool:
    """Whether a line still to decide was compared with a treatment that is no more."""
    if reconciliation.state not in {Reconciliation.State.OPEN, Reconciliation.State.PARTIAL}:
        return False
    undecided = reconciliation.lines.filter(decisions__isnull=True)
    return undecided.filter(current__ended_at__isnull=False).exists() or _started_since(reconciliation)


def _started_since(reconciliation: Reconciliation) -> bool:
    resident: Resident = reconciliation.resident
    unseen = resident.treatment_lines.filter(ended_at__isnull=True)
    unseen = unseen.exclude(reconciled__reconciliation=reconciliation)
    return unseen.exclude(started_by__line__reconciliation=reconciliation).exists()
