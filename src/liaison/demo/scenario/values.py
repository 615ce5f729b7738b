"""The timeline of a scenario: what each step is, the proof that it happened, the time it took."""

from dataclasses import dataclass, field
from typing import Any

STEPS = (
    "signed", "sent", "received", "matched", "filed", "forwarded", "delivered", "read", "answered", "decided",
)  # fmt: skip

TITLES = {
    "signed": "Signé par le praticien hospitalier",
    "sent": "Envoyé par MSSanté",
    "received": "Reçu dans la boîte de l'EHPAD",
    "matched": "Rapproché du résident",
    "filed": "Intégré au dossier",
    "forwarded": "Transmis au médecin traitant et au spécialiste",
    "delivered": "Remis à leurs boîtes",
    "read": "Lu",
    "answered": "Répondu",
    "decided": "Décidé par un prescripteur nommé",
}


class StepFailed(Exception):  # noqa: N818 (a state of the scenario, named as such)
    """A step that did not happen, and what was looked for."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``evidence`` names what anybody can look up: Message-ID, ids, rule, numbers of audit entries."""

    name: str
    ok: bool
    seconds: float
    evidence: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "ok": self.ok, "seconds": round(self.seconds, 3), "evidence": self.evidence}


@dataclass(frozen=True, slots=True)
class Timeline:
    steps: tuple[Step, ...]

    @property
    def ok(self) -> bool:
        return [step.name for step in self.steps if step.ok] == list(STEPS)

    @classmethod
    def not_begun(cls, problem: str) -> "Timeline":
        """The stage could not be set: no step happened, and the first says why."""
        first, *others = STEPS
        steps = (Step(first, ok=False, seconds=0.0, evidence={"problem": problem}),)
        return cls((*steps, *(Step(name, ok=False, seconds=0.0) for name in others)))

    def as_json(self) -> dict[str, Any]:
        return {"ok": self.ok, "steps": [step.as_json() for step in self.steps]}
