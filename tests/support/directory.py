"""National copies for the tests: a file of the published shape, with whom the test needs in it."""

from collections.abc import Sequence
from pathlib import Path

from liaison.apps.directory.imports import do_import_extraction
from liaison.apps.directory.models import Edition, Professional
from liaison.core.directory.values import Listed
from liaison.demo.directory import write_extraction


def listed(family: str = "MOREL", email: str = "anne.morel@ville.mssante.fr", **more: object) -> Listed:
    """A general practitioner in Reims, but for what is given."""
    usual = Listed(
        "PER",
        email,
        "810000000017",
        title="Docteur",
        family=family,
        given="Anne",
        profession="Médecin",
        speciality="Spécialiste en Médecine Générale",
        structure=f"CABINET {family}",
        structure_id="1510000029",
        street="12 RUE DU PORT",
        postal_code="51100",
        city="REIMS",
        department="51",
        dematerialised=True,
    )
    return usual._replace(**more)


def listed_as(professional: Professional) -> list[Listed]:
    """The lines that list a professional under each of his addresses."""
    return [
        listed(professional.family.upper(), address.email, national_id=professional.national_id)
        for address in professional.addresses.all()
    ]


def take(folder: Path, lines: Sequence[Listed], *, others: int = 0, smaller: bool = True) -> Edition:
    """Put a copy of these lines, and some others, in service."""
    path = folder / "extraction.zip"
    write_extraction(path, len(lines) + others, listed=lines, seed=len(lines))
    return do_import_extraction(path, smaller=smaller)
