"""The two identities side by side: what the document claims, what the record holds."""

from dataclasses import dataclass

from liaison.apps.residents.models import Resident
from liaison.apps.residents.names import identity_of
from liaison.core.identity.traits import compare_traits, search_name
from liaison.core.people import Patient
from liaison.web import words

VERDICTS = {
    "equal": ("=", "identique", "ok"),
    "differs": ("≠", "différent", "bad"),
    "not_claimed": ("?", "absent du document", "warn"),
    "not_held": ("?", "absent du dossier", "warn"),
}


@dataclass(frozen=True, slots=True)
class TraitRow:
    """One trait; ``sign`` and ``words`` say the same thing, so that neither colour nor glyph is needed."""

    label: str
    claimed: str
    held: str
    sign: str
    words: str
    tone: str

    @property
    def differs(self) -> bool:
        return self.tone != "ok"


def side_by_side(claim: Patient, resident: Resident) -> list[TraitRow]:
    rows = []
    for trait in compare_traits(claim, identity_of(resident)):
        sign, said, tone = VERDICTS[trait.verdict]
        claimed, held = (words.trait_value(trait.trait, value) for value in (trait.claimed, trait.held))
        rows.append(TraitRow(trait.label, claimed, held, sign, said, tone))
    used = (claim.used_family, claim.used_given), (resident.used_family, resident.used_given)
    if any(used[0]) or any(used[1]):
        rows.append(_used_name(*(" ".join(part for part in name if part) for name in used)))
    return rows


def claimed_only(claim: Patient) -> list[tuple[str, str]]:
    """The claim alone, when there is no resident to compare it with yet."""
    traits = (
        ("Matricule INS", words.matricule(claim.ins)),
        ("Nom de naissance", claim.birth_family),
        ("Prénom(s) de naissance", claim.given_names or claim.birth_given),
        ("Date de naissance", words.stated_date(claim.birth_date)),
        ("Sexe", words.trait_value("sex", claim.sex)),
        ("Lieu de naissance (code INSEE)", claim.birth_place),
    )
    return [(label, value or "absent") for label, value in traits]


def _used_name(claimed: str, held: str) -> TraitRow:
    """Names in use help the eye and decide nothing: a difference there is said, not marked as wrong."""
    same = search_name(claimed) == search_name(held)
    sign, said = ("=", "identique") if same else ("·", "indicatif")
    return TraitRow("Nom et prénom utilisés", claimed, held, sign, said, "ok")
