"""The identity in a CDA: « structuration minimale », and the traits that go with an INS (RNIV, errors 903 to 905)."""

import re
from collections.abc import Callable, Iterator

from liaison.core.cda.markup import attribute, find_all
from liaison.core.conformance.cda import Cda, at_least_one, exactly_one
from liaison.core.conformance.finding import Rule
from liaison.core.identity.ins import is_valid_ins
from liaison.core.people import INS_DEMO, INS_ROOTS, INS_TEST, Patient

OLD_INS = "1.2.250.1.213.1.4.2"
SOCIAL_SECURITY = "1.2.250.1.213.1.4.13"
_ROLE = "recordTarget/patientRole"
_PERSON = f"{_ROLE}/patient"
_MATRICULE = re.compile(r"\d{5}[\dAB]{2}\d{8}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def with_ins(trait: Callable[[Patient], str], place: str) -> Callable[[Cda], Iterator[str]]:
    """Broken when the patient has an INS but not the trait that must go with it."""

    def broken_at(cda: Cda) -> Iterator[str]:
        if cda.document.patient.ins and not trait(cda.document.patient):
            yield f"{_PERSON}/{place}"

    return broken_at


def ins_elements(cda: Cda) -> list[str]:
    return [attribute(each, "extension") for each in cda.at(f"{_ROLE}/id") if attribute(each, "root") in INS_ROOTS]


def malformed_ins(cda: Cda) -> Iterator[str]:
    if any(not _MATRICULE.fullmatch(matricule) for matricule in ins_elements(cda)):
        yield f"{_ROLE}/id"


def wrong_key(cda: Cda) -> Iterator[str]:
    if any(_MATRICULE.fullmatch(matricule) and not is_valid_ins(matricule) for matricule in ins_elements(cda)):
        yield f"{_ROLE}/id"


def several_ins(cda: Cda) -> Iterator[str]:
    if len(set(ins_elements(cda))) > 1:
        yield f"{_ROLE}/id"


def no_ins(cda: Cda) -> Iterator[str]:
    if not ins_elements(cda):
        yield f"{_ROLE}/id"


def identified_by(*roots: str) -> Callable[[Cda], Iterator[str]]:
    """Broken when the patient bears an identifier of one of these kinds."""

    def broken_at(cda: Cda) -> Iterator[str]:
        if any(attribute(each, "root") in roots for each in cda.at(f"{_ROLE}/id")):
            yield f"{_ROLE}/id"

    return broken_at


def no_name(cda: Cda) -> Iterator[str]:
    patient = cda.document.patient
    if not (patient.birth_family or patient.used_family):
        yield f"{_PERSON}/name/family"


def unknown_day(cda: Cda) -> Iterator[str]:
    birth_date = cda.document.patient.birth_date
    if birth_date and (not _DAY.fullmatch(birth_date) or "-00" in birth_date):
        yield f"{_PERSON}/birthTime"


def used_name_of_before(cda: Cda) -> Iterator[str]:
    if any("SP" in attribute(name, "qualifier").split() for name in cda.at(f"{_PERSON}/name/family")):
        yield f"{_PERSON}/name/family"


def unqualified(part: str, *allowed: str) -> Callable[[Cda], Iterator[str]]:
    """Broken when a part of the name says to be another name than those the RNIV knows."""

    def broken_at(cda: Cda) -> Iterator[str]:
        for name in cda.at(f"{_PERSON}/name/{part}"):
            if attribute(name, "qualifier") not in allowed:
                yield f"{_PERSON}/name/{part}"

    return broken_at


def no_birth_name(part: str) -> Callable[[Cda], Iterator[str]]:
    """Broken when the patient has an INS but no part of the name that says to be of birth: reading guesses it."""

    def broken_at(cda: Cda) -> Iterator[str]:
        parts = cda.at(f"{_PERSON}/name/{part}")
        if cda.document.patient.ins and not any("BR" in attribute(each, "qualifier").split() for each in parts):
            yield f"{_PERSON}/name/{part}"

    return broken_at


def several_guardian_names(cda: Cda) -> Iterator[str]:
    for holder in ("guardianPerson", "guardianOrganization"):
        if any(len(find_all(each, "name")) > 1 for each in cda.at(f"{_PERSON}/guardian/{holder}")):
            yield f"{_PERSON}/guardian/{holder}/name"


def no_birth_date(cda: Cda) -> Iterator[str]:
    if not cda.document.patient.birth_date:
        yield f"{_PERSON}/birthTime"


PATIENT_RULES: tuple[Rule[Cda], ...] = (
    Rule(
        "SM-PATIENT-ONE",
        "error",
        "Le document ne concerne pas un patient et un seul (recordTarget).",
        exactly_one("recordTarget"),
    ),
    Rule(
        "SM-PATIENT-ID",
        "error",
        "Le patient n'a aucun identifiant.",
        at_least_one(f"{_ROLE}/id", lambda each: bool(attribute(each, "root"))),
    ),
    Rule("SM-PATIENT-NAME", "error", "Le patient n'a pas de nom.", no_name),
    Rule("SM-PATIENT-NAME-ONE", "error", "Le patient a plusieurs noms (name).", exactly_one(f"{_PERSON}/name")),
    Rule(
        "SM-PATIENT-FAMILY",
        "error",
        "Un nom du patient ne dit pas s'il est de naissance (BR) ou utilisé (CL).",
        unqualified("family", "BR", "CL", "SP"),
    ),
    Rule(
        "SM-PATIENT-GIVEN",
        "error",
        "Un prénom du patient porte un autre qualificatif que BR ou CL.",
        unqualified("given", "", "BR", "CL"),
    ),
    Rule("SM-GUARDIAN-NAME", "error", "Un représentant légal a plusieurs noms.", several_guardian_names),
    Rule("SM-PATIENT-BIRTH", "error", "Le patient n'a pas de date de naissance.", no_birth_date),
    Rule(
        "INS-FAMILY",
        "error",
        "Le patient a un INS mais pas son nom de naissance (family BR).",
        no_birth_name("family"),
    ),
    Rule(
        "INS-GIVEN",
        "error",
        "Le patient a un INS mais pas son premier prénom de naissance (given BR).",
        no_birth_name("given"),
    ),
    Rule(
        "INS-GIVEN-LIST",
        "error",
        "Le patient a un INS mais pas la liste de ses prénoms de naissance (given sans qualifier).",
        with_ins(lambda patient: patient.given_names, "name/given"),
    ),
    Rule(
        "INS-SEX",
        "error",
        "Le patient a un INS mais pas son sexe.",
        with_ins(lambda patient: patient.sex, "administrativeGenderCode"),
    ),
    Rule(
        "INS-BIRTH-PLACE",
        "error",
        "Le patient a un INS mais pas son lieu de naissance (code officiel géographique).",
        with_ins(lambda patient: patient.birth_place, "birthplace/place/addr/county"),
    ),
    Rule("INS-FORM", "error", "Le matricule INS n'a pas la forme attendue (15 caractères).", malformed_ins),
    Rule("INS-SEVERAL", "error", "Le document porte plusieurs matricules INS.", several_ins),
    Rule("INS-KEY", "warning", "La clé de contrôle du matricule INS est fausse.", wrong_key),
    Rule("INS-NONE", "warning", "Le document n'a pas d'INS : il ne pourra pas être intégré seul (903).", no_ins),
    Rule(
        "INS-TEST",
        "note",
        "Le matricule INS est de test ou de démonstration : il sera refusé en production.",
        identified_by(INS_TEST, INS_DEMO),
    ),
    Rule(
        "INS-OLD",
        "warning",
        "Le document porte un ancien INS-C, qui n'est plus un INS.",
        identified_by(OLD_INS),
    ),
    Rule(
        "INS-NIR",
        "warning",
        "Le document porte un numéro de sécurité sociale, qui n'est pas un INS.",
        identified_by(SOCIAL_SECURITY),
    ),
    Rule("SM-PATIENT-DAY", "note", "Le jour ou le mois de naissance du patient est inconnu.", unknown_day),
    Rule(
        "SM-PATIENT-SP",
        "warning",
        "Le nom utilisé est marqué SP : la forme en vigueur est CL.",
        used_name_of_before,
    ),
)
