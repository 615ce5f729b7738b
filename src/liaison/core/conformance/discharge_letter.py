"""The letter LDL-SES 2022.01: the presences its schematron imposes (LDL), and the content the law asks for (R1112).

Sources: model 1.2.250.1.213.1.1.1.29 of the CI-SIS; article R.1112-1-2 of the code de la santé publique (decree
2016-995), whose points 1° to 6° are in the names of the rules.
"""

from collections.abc import Callable, Iterator

from liaison.core.cda.markup import Element, attribute, attribute_at, descendants, find, find_all, words
from liaison.core.cda.terms import ABSENCE, DISCHARGE_MODE, SNOMED, TEMPLATE_DISCHARGE_LETTER
from liaison.core.cda.values import (
    DISCHARGE_LETTER,
    SECTION_ALLERGIES,
    SECTION_DEVICES,
    SECTION_DISCHARGE,
    SECTION_EXPECTED_RESULTS,
    SECTION_FOLLOW_UP,
    SECTION_REASON,
    SECTION_STOPPED,
    SECTION_SYNTHESIS,
    MedicationLine,
)
from liaison.core.conformance.cda import Cda
from liaison.core.conformance.finding import Rule

SECTION_STATUS = "33557-0"
ADMISSION_MODE = "ORG-070"
_REQUIRED = {
    SECTION_STATUS: "le statut du document",
    SECTION_REASON: "le motif d'hospitalisation",
    SECTION_SYNTHESIS: "la synthèse médicale du séjour",
    SECTION_DISCHARGE: "les traitements à la sortie",
}
_OPTIONAL = (SECTION_STOPPED, SECTION_EXPECTED_RESULTS, SECTION_FOLLOW_UP, SECTION_DEVICES, SECTION_ALLERGIES)
_SYNTHESIS_ENTRIES = {
    ADMISSION_MODE: "le mode d'entrée",
    DISCHARGE_MODE: "le mode de sortie",
    "MED-142": "la synthèse médicale",
    "MED-309": "la recherche de bactéries multirésistantes",
    "MED-145": "la transfusion",
    "MED-147": "les médicaments dérivés du sang",
}
_SYNTHESIS_DETAILS = ("MED-143", "MED-144", "MED-146", "MED-148")
_STATUSES = frozenset({"385651009", "398166005", "9571008", "29179001"})


def is_discharge_letter(cda: Cda) -> bool:
    """By its model, else by its type at level 3: a level 1 letter says all this in its PDF."""
    by_model = any(template.root == TEMPLATE_DISCHARGE_LETTER for template in cda.document.templates)
    return by_model or (cda.document.type.code == DISCHARGE_LETTER and cda.document.level > 1)


def sections(cda: Cda, code: str) -> list[Element]:
    return [each for each in descendants(cda.root, "section") if attribute_at(each, "code", "code") == code]


def text_of(cda: Cda, code: str) -> str:
    return " ".join(words(find(section, "text")) for section in sections(cda, code)).strip()


def observations(cda: Cda, code: str) -> list[Element]:
    return [each for each in descendants(cda.root, "observation") if attribute_at(each, "code", "code") == code]


def section_not_once(code: str) -> Callable[[Cda], Iterator[str]]:
    def broken_at(cda: Cda) -> Iterator[str]:
        if len(sections(cda, code)) != 1:
            yield f"section {code}"

    return broken_at


def repeated_sections(cda: Cda) -> Iterator[str]:
    return (f"section {code}" for code in _OPTIONAL if len(sections(cda, code)) > 1)


def observation_not_once(code: str) -> Callable[[Cda], Iterator[str]]:
    """Broken unless the synthesis has this observation once, with a value or the reason of its absence."""

    def broken_at(cda: Cda) -> Iterator[str]:
        found = observations(cda, code)
        if len(found) != 1 or not is_valued(found[0]):
            yield f"section {SECTION_SYNTHESIS}, {code}"

    return broken_at


def is_valued(observation: Element) -> bool:
    value = find(observation, "value")
    stated = any(attribute(value, name) for name in ("code", "value", "nullFlavor"))
    return stated or bool(words(value)) or find(value, "reference") is not None


def repeated_details(cda: Cda) -> Iterator[str]:
    for code in _SYNTHESIS_DETAILS:
        if len(observations(cda, code)) > 1:
            yield f"section {SECTION_SYNTHESIS}, {code}"


def unknown_status(cda: Cda) -> Iterator[str]:
    values = [find(each, "value") for each in observations(cda, "GEN-065")]
    known = [value for value in values if attribute(value, "code") in _STATUSES]
    if len(known) != 1 or attribute(known[0], "codeSystem") not in ("", SNOMED):
        yield f"section {SECTION_STATUS}, GEN-065"


def other_model(cda: Cda) -> Iterator[str]:
    if not any(template.root == TEMPLATE_DISCHARGE_LETTER for template in cda.document.templates):
        yield "templateId"


def other_type(cda: Cda) -> Iterator[str]:
    if cda.document.type.code != DISCHARGE_LETTER:
        yield "code"


def unbounded_act(cda: Cda) -> Iterator[str]:
    events = cda.at("documentationOf/serviceEvent/effectiveTime")
    if not any(find(event, "low") is not None for event in events):
        yield "documentationOf/serviceEvent/effectiveTime"


def drugs(cda: Cda) -> list[Element]:
    """The medication entries that are neither inside another one nor a statement of absence."""
    entries = descendants(cda.root, "substanceAdministration")
    material = "consumable/manufacturedProduct/manufacturedMaterial/code"
    return [
        entry
        for entry in entries
        if not any(True for _ in entry.iterancestors(str(entry.tag)))
        and ABSENCE not in (attribute_at(entry, "code", "codeSystem"), attribute_at(entry, material, "codeSystem"))
    ]


def incomplete_statuses(cda: Cda) -> Iterator[str]:
    for number, entry in enumerate(drugs(cda), start=1):
        if attribute_at(entry, "statusCode", "code") != "completed":
            yield f"substanceAdministration[{number}]/statusCode"


def timeless_drugs(cda: Cda) -> Iterator[str]:
    for number, entry in enumerate(drugs(cda), start=1):
        if not find_all(entry, "effectiveTime"):
            yield f"substanceAdministration[{number}]/effectiveTime"


def lines(cda: Cda, section: str, is_lacking: Callable[[MedicationLine], bool]) -> Iterator[str]:
    """The drugs of a section that lack something, by their rank: a place never holds their name."""
    listed = [line for line in cda.document.medications if line.section == section]
    return (f"section {section}, ligne {rank}" for rank, line in enumerate(listed, start=1) if is_lacking(line))


def uncoded_drugs(cda: Cda) -> Iterator[str]:
    for section in (SECTION_STOPPED, SECTION_DISCHARGE):
        yield from lines(cda, section, lambda line: not line.codes)


def no_identity(cda: Cda) -> Iterator[str]:
    patient = cda.document.patient
    if not (patient.birth_family and (patient.birth_given or patient.given_names) and patient.birth_date):
        yield "recordTarget"


def no_gp(cda: Cda) -> Iterator[str]:
    if cda.document.gp is None:
        yield "participant PCP"


def no_hospital_doctor(cda: Cda) -> Iterator[str]:
    signer = cda.document.signed_by
    if not any(author.family for author in cda.document.authors) and not (signer and signer.family):
        yield "author"


def no_admission_date(cda: Cda) -> Iterator[str]:
    if not cda.document.stay_start:
        yield "componentOf/encompassingEncounter/effectiveTime/low"


def no_discharge_date(cda: Cda) -> Iterator[str]:
    if not cda.document.stay_end:
        yield "componentOf/encompassingEncounter/effectiveTime/high"


def wordless(*codes: str) -> Callable[[Cda], Iterator[str]]:
    """Broken at each of these sections that is absent or says nothing."""

    def broken_at(cda: Cda) -> Iterator[str]:
        return (f"section {code}" for code in codes if not text_of(cda, code))

    return broken_at


def no_posology(cda: Cda) -> Iterator[str]:
    return lines(cda, SECTION_DISCHARGE, lambda line: not (line.dose or line.frequency))


def no_duration(cda: Cda) -> Iterator[str]:
    return lines(cda, SECTION_DISCHARGE, lambda line: not (line.end or line.duration or line.as_needed))


def no_stop_reason(cda: Cda) -> Iterator[str]:
    return lines(cda, SECTION_STOPPED, lambda line: not line.reason)


SCHEMATRON_RULES: tuple[Rule[Cda], ...] = (
    Rule("LDL-TEMPLATE", "error", "La lettre ne déclare pas le modèle LDL-SES.", other_model),
    Rule("LDL-CODE", "error", "La lettre suit le modèle LDL-SES sans en porter le type (11490-0).", other_type),
    Rule("LDL-ACT-TIME", "error", "L'acte documenté ne dit pas les dates d'hospitalisation.", unbounded_act),
    *(
        Rule(
            f"LDL-{code}", "error", f"La lettre n'a pas une et une seule section pour {label}.", section_not_once(code)
        )
        for code, label in _REQUIRED.items()
    ),
    Rule("LDL-REPEATED", "error", "La lettre répète une section que le modèle n'admet qu'une fois.", repeated_sections),
    Rule("LDL-GEN-065", "error", "Le statut du document n'est pas codé comme le modèle le veut.", unknown_status),
    *(
        Rule(
            f"LDL-{code}",
            "error",
            f"La synthèse ne code pas {label} une et une seule fois.",
            observation_not_once(code),
        )
        for code, label in _SYNTHESIS_ENTRIES.items()
    ),
    Rule(
        "LDL-DETAILS", "error", "La synthèse répète une précision que le modèle n'admet qu'une fois.", repeated_details
    ),
    Rule("LDL-STATUS", "error", "Un traitement codé n'a pas le statut « completed ».", incomplete_statuses),
    Rule("LDL-TIME", "error", "Un traitement codé n'a pas de période.", timeless_drugs),
    Rule("LDL-DRUG-CODE", "warning", "Un traitement n'a aucun code : il ne se compare que par son nom.", uncoded_drugs),
)

DECREE_RULES: tuple[Rule[Cda], ...] = (
    Rule("R1112-1-IDENTITY", "error", "La lettre n'identifie pas le patient (noms, date de naissance).", no_identity),
    Rule("R1112-1-GP", "warning", "La lettre ne dit pas le médecin traitant.", no_gp),
    Rule("R1112-1-DOCTOR", "error", "La lettre ne dit pas le médecin qui a suivi le patient.", no_hospital_doctor),
    Rule("R1112-1-ADMISSION", "error", "La lettre ne dit pas la date d'entrée.", no_admission_date),
    Rule("R1112-1-DISCHARGE", "warning", "La lettre ne dit pas la date de sortie.", no_discharge_date),
    Rule("R1112-2-REASON", "error", "La lettre ne dit pas le motif d'hospitalisation.", wordless(SECTION_REASON)),
    Rule("R1112-3-SYNTHESIS", "error", "La lettre n'a pas de synthèse médicale.", wordless(SECTION_SYNTHESIS)),
    Rule(
        "R1112-4-DISCHARGE", "error", "La lettre ne dit rien des traitements à la sortie.", wordless(SECTION_DISCHARGE)
    ),
    Rule("R1112-4-POSOLOGY", "warning", "Un traitement à la sortie n'a pas de posologie.", no_posology),
    Rule("R1112-4-DURATION", "warning", "Un traitement à la sortie n'a pas de durée.", no_duration),
    Rule(
        "R1112-4-STOPPED",
        "warning",
        "La lettre ne dit rien des traitements arrêtés pendant le séjour, pas même qu'il n'y en a pas.",
        wordless(SECTION_STOPPED),
    ),
    Rule("R1112-4-REASON", "warning", "Un traitement arrêté n'a pas le motif de son arrêt.", no_stop_reason),
    Rule("R1112-4-ALLERGIES", "note", "La lettre ne dit rien des allergies.", wordless(SECTION_ALLERGIES)),
    Rule(
        "R1112-5-EXPECTED",
        "warning",
        "La lettre ne dit rien des résultats attendus, pas même qu'il n'y en a pas.",
        wordless(SECTION_EXPECTED_RESULTS),
    ),
    Rule("R1112-6-FOLLOW-UP", "warning", "La lettre ne dit rien des suites à donner.", wordless(SECTION_FOLLOW_UP)),
)

LETTER_RULES = (*SCHEMATRON_RULES, *DECREE_RULES)
