"""A doctor's answer put in the boxes of the form, for the prescriber to check: it decides nothing by itself (law 3)."""

from liaison.apps.exchanges.models import Reply
from liaison.apps.treatments.models import Decision, ReconciliationLine

Verdict = Decision.Verdict
VERDICTS = {"change": Verdict.CHANGE, "stop": Verdict.STOP}


def prefilled(line: ReconciliationLine, reply: Reply | None) -> dict[str, str]:
    """The initial values for a line. A question, or words not understood, leave it empty."""
    if reply is None:
        return {}
    said = next((one for one in reply.lines if one["number"] == line.number), None)
    if said is None:
        return {"verdict": _agreed(line)} if _agrees_to_all(reply) else {}
    if said["action"] == "ok":
        return {"verdict": _agreed(line)}
    if said.get("said") == "keep":
        return {"verdict": Verdict.KEEP, "motif": str(said["text"])[:500]}
    verdict = VERDICTS.get(said["action"])
    if not verdict:
        return {}
    asked = {"dose": str(said.get("dose", "")), "frequence": str(said.get("frequency", ""))}
    return {
        "verdict": verdict,
        "motif": str(said["text"])[:500],
        **{name: word for name, word in asked.items() if word},
    }


def _agrees_to_all(reply: Reply) -> bool:
    return "validate_all" in reply.intents and "unclear" not in reply.intents


def _agreed(line: ReconciliationLine) -> str:
    """Agreeing to a line the letter does not mention is keeping the treatment: absent is not stopped."""
    silent = line.status == ReconciliationLine.Status.NOT_MENTIONED
    return Verdict.KEEP if silent else Verdict.ACCEPT
