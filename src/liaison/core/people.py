"""The persons and organisations a health document names."""

from dataclasses import dataclass, field

INS_NIR = "1.2.250.1.213.1.4.8"
INS_NIA = "1.2.250.1.213.1.4.9"
INS_TEST = "1.2.250.1.213.1.4.10"
INS_DEMO = "1.2.250.1.213.1.4.11"
INS_ROOTS = frozenset({INS_NIR, INS_NIA, INS_TEST, INS_DEMO})
PROFESSIONAL_ROOT = "1.2.250.1.71.4.2.1"
ORGANISATION_ROOT = "1.2.250.1.71.4.2.2"


@dataclass(frozen=True, slots=True)
class Identifier:
    """An HL7 instance identifier (II): an OID or UUID root, and an extension that may be empty."""

    root: str
    extension: str = ""

    def __str__(self) -> str:
        return f"{self.root}^{self.extension}" if self.extension else self.root


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient as a document states him. Missing values are empty strings.

    ``ins`` is the 15-character matricule, only from an INS root; ``ins_oid`` that root. ``birth_date`` is ISO 8601 at
    the precision of the source. ``sex`` is M, F or U. ``birth_place`` is the INSEE code (COG), five characters.
    ``birth_given`` is the first birth given name, ``given_names`` the whole list, separated by blanks.
    """

    ins: str = ""
    ins_oid: str = ""
    ids: tuple[Identifier, ...] = ()
    birth_family: str = ""
    birth_given: str = ""
    given_names: str = ""
    used_family: str = ""
    used_given: str = ""
    birth_date: str = ""
    sex: str = ""
    birth_place: str = ""


@dataclass(frozen=True, slots=True)
class Organisation:
    """An establishment; ``id`` is the extension under the national root (``1`` + FINESS for most)."""

    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Professional:
    """A health professional; ``id`` is the extension under the national root (``8`` + RPPS)."""

    id: str = ""
    family: str = ""
    given: str = ""
    organisation: Organisation = field(default_factory=Organisation)
    speciality: str = ""
