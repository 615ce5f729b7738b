"""What the decree asks of a discharge letter, as a checklist a person reads: said, incomplete or missing.

Source: article R.1112-1-2 of the code de la santé publique (decree 2016-995); the rules are those of the conformance.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from liaison.core.conformance.cda import open_cda
from liaison.core.conformance.discharge_letter import DECREE_RULES, is_discharge_letter
from liaison.core.conformance.finding import Finding, findings_of
from liaison.core.notices import Unreadable

Verdict = Literal["said", "incomplete", "missing"]


@dataclass(frozen=True, slots=True)
class Demand:
    """``missing`` when all the ``essential`` rules are broken, ``incomplete`` when another one is."""

    label: str
    essential: frozenset[str]
    details: frozenset[str] = frozenset()


def _demand(label: str, essential: tuple[str, ...], *details: str) -> Demand:
    named = [frozenset(f"R1112-{name}" for name in names) for names in (essential, details)]
    return Demand(label, *named)


DEMANDS = (
    _demand("L'identité du patient, ses médecins", ("1-IDENTITY",), "1-GP", "1-DOCTOR"),
    _demand("Les dates d'entrée et de sortie", ("1-ADMISSION", "1-DISCHARGE")),
    _demand("Le motif d'hospitalisation", ("2-REASON",)),
    _demand("La synthèse médicale du séjour", ("3-SYNTHESIS",)),
    _demand("Les traitements à la sortie", ("4-DISCHARGE",), "4-POSOLOGY", "4-DURATION"),
    _demand("Les traitements arrêtés, avec leur motif", ("4-STOPPED",), "4-REASON"),
    _demand("Les allergies", ("4-ALLERGIES",)),
    _demand("Les résultats attendus", ("5-EXPECTED",)),
    _demand("Les suites à donner", ("6-FOLLOW-UP",)),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line. ``remarks`` say in French what lacks; they hold no identity and no name of a drug."""

    label: str
    verdict: Verdict
    remarks: tuple[str, ...] = ()


def checklist(content: bytes) -> tuple[Item, ...]:
    """The lines for the bytes of a structured discharge letter; nothing for any other document."""
    cda = open_cda(content)
    if isinstance(cda, Unreadable) or not is_discharge_letter(cda):
        return ()
    findings = tuple(findings_of(DECREE_RULES, cda))
    return tuple(_item(demand, findings) for demand in DEMANDS)


def unsaid(numbers: Iterable[int]) -> tuple[str, ...]:
    """What to ask for when a person has read the letter herself: the demands of these numbers, from 0, by their labels.

    Numbers of no demand are left out.
    """
    return tuple(DEMANDS[number].label for number in sorted(set(numbers)) if 0 <= number < len(DEMANDS))


def lacking(items: tuple[Item, ...]) -> tuple[str, ...]:
    """What to ask the hospital for, one sentence each."""
    return tuple(remark for item in items for remark in item.remarks)


def _item(demand: Demand, findings: tuple[Finding, ...]) -> Item:
    broken = [finding for finding in findings if finding.rule in demand.essential | demand.details]
    if not broken:
        return Item(demand.label, "said")
    missing = demand.essential <= {finding.rule for finding in broken}
    remarks = tuple(dict.fromkeys(finding.message for finding in broken))
    return Item(demand.label, "missing" if missing else "incomplete", remarks)
