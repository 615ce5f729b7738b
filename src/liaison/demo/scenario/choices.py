"""What the coordinating doctor of the scenario decides: the letter, except where the GP's answer says otherwise."""

import re

from liaison.apps.exchanges.models import Reply
from liaison.apps.treatments.actions import Choice
from liaison.apps.treatments.models import Decision, Reconciliation, ReconciliationLine

Verdict = Decision.Verdict
_BEFORE_THE_DOSE = re.compile(r"^.*?\b\d{1,2}\s*:\s*(?:plutôt |mettre )?", re.IGNORECASE)


def choices_from(reconciliation: Reconciliation, reply: Reply) -> list[Choice]:
    """One choice for each line of the reconciliation."""
    said = {line["number"]: line for line in reply.lines}
    return [_choice(line, said.get(line.number)) for line in reconciliation.lines.all()]


def _choice(line: ReconciliationLine, said: dict[str, str] | None) -> Choice:
    action = said["action"] if said else "ok"
    words = said["text"] if said else ""
    if action == "stop":
        return Choice(line.number, Verdict.STOP, reason=words)
    if action == "change":
        return Choice(line.number, Verdict.CHANGE, dose=_BEFORE_THE_DOSE.sub("", words)[:100], reason=words)
    if line.status == ReconciliationLine.Status.NOT_MENTIONED:
        return Choice(line.number, Verdict.KEEP, reason=words)
    return Choice(line.number, Verdict.ACCEPT, reason=words)
