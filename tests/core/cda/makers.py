"""Documents for the tests, written by our own writer and bent by hand where a test needs it."""

from dataclasses import replace
from typing import Any

from liaison.core.cda.build import build_discharge_letter
from liaison.core.cda.read import read_cda
from liaison.core.cda.terms import ATC, CIP, CIS, LOINC, SNOMED
from liaison.core.cda.values import (
    DISCHARGE_LETTER,
    HOSPITAL_REPORT,
    SECTION_DISCHARGE,
    SECTION_STOPPED,
    Allergy,
    CdaDocument,
    Code,
    DischargeLetter,
    DocumentHeader,
    FollowUpItem,
    MedicationLine,
)
from liaison.core.notices import Unreadable
from liaison.core.people import INS_TEST, Identifier, Organisation, Patient, Professional

HOSPITAL = Organisation("1510000029", "Centre hospitalier de la Vesle")
PATIENT = Patient(
    ins="134025145400192",
    ins_oid=INS_TEST,
    ids=(Identifier("1.2.250.1.999.1.1", "IPP-0042"),),
    birth_family="D'ÉTÉ-LEFÈVRE",
    birth_given="MARIE-ANGE",
    given_names="MARIE-ANGE LOUISE",
    used_family="CASANOVA",
    used_given="MARIE-ANGE",
    birth_date="1934-02-11",
    sex="F",
    birth_place="51454",
)
AUTHOR = Professional("810100000017", "HÔTE", "Zoé", HOSPITAL, "Gériatrie")
SIGNER = Professional("810100000025", "L'HERMITE", "Paul-Émile", HOSPITAL, "Médecine interne")
GP = Professional("810100000033", "ŒUVRARD", "Inès", Organisation("2510000001", "Cabinet du Parc"), "Médecine générale")
HEADER = DocumentHeader(
    id=Identifier("1.2.250.1.999.2.1", "L-1"),
    set_id=Identifier("1.2.250.1.999.2.2", "L"),
    version=2,
    type=Code(DISCHARGE_LETTER, LOINC, "Lettre de liaison à la sortie d'un établissement de soins"),
    title="Lettre de liaison à la sortie de l'établissement de santé",
    effective_time="2026-03-04T16:30:00+01:00",
    patient=PATIENT,
    author=AUTHOR,
    signed_by=SIGNER,
    signed_at="2026-03-04T17:05:00+01:00",
    custodian=HOSPITAL,
    recipients=(GP,),
    gp=GP,
    stay_start="2026-02-20T10:15:00+01:00",
    stay_end="2026-03-04T14:00:00+01:00",
    stay_number="S-26-118",
    replaces=Identifier("1.2.250.1.999.2.1", "L-0"),
)
STOPPED = MedicationLine(
    section=SECTION_STOPPED,
    name="Furosémide 40 mg, comprimé",
    codes=(Code("60000001", CIS, "Furosémide 40 mg"), Code("C03CA01", ATC, "furosémide")),
    start="2025-11-02",
    end="2026-02-21",
    dose="1 comprimé",
    frequency="1 fois par jour",
    route="orale",
    reason="Insuffisance rénale aiguë",
)
CONTINUED = MedicationLine(
    section=SECTION_DISCHARGE,
    name="Apixaban 2,5 mg, comprimé",
    codes=(Code("60000002", CIS, "Apixaban 2,5 mg"), Code("3400900000001", CIP, "Apixaban 2,5 mg, 60 comprimés")),
    start="2026-02-25",
    dose="1 comprimé",
    frequency="2 fois par jour",
    route="orale",
    duration="3 mois",
)
AS_NEEDED = MedicationLine(
    section=SECTION_DISCHARGE,
    name="Paracétamol 500 mg, comprimé",
    mood="INT",
    dose="500 mg à 1 g",
    frequency="au plus toutes les 6 heures",
    as_needed=True,
    condition="si douleur",
)
LETTER = DischargeLetter(
    header=HEADER,
    reason="Chute à domicile, confusion",
    synthesis="Évolution favorable sous traitement.\nReprise de la marche avec aide.",
    admission_mode=Code("183452005", SNOMED, "hospitalisation en urgence"),
    discharge_mode=Code("500", "1.2.250.1.213.1.6.1.8", "EHPAD"),
    at_discharge=(CONTINUED, AS_NEEDED),
    stopped=(STOPPED,),
    allergies=(Allergy("Pénicilline", "Urticaire", "modérée"), Allergy("Iode", negated=True)),
    expected_results=("Hémocultures du 03/03", "Électrophorèse des protéines"),
    follow_up=(
        FollowUpItem("Consultation de cardiologie", "2026-04-02", "encounter"),
        FollowUpItem("Créatinine et kaliémie", "2026-03-11", "examination"),
        FollowUpItem("Ablation des fils", "", "act"),
    ),
    resistant_bacteria_searched=True,
    resistant_bacteria_found="E. coli BLSE",
)
REPORT = replace(
    HEADER, type=Code(HOSPITAL_REPORT, LOINC, "CR hospitalier (séjour)"), title="Compte rendu d'hospitalisation"
)


def a_letter(**changes: Any) -> DischargeLetter:
    return replace(LETTER, **changes)


def a_header(**changes: Any) -> DocumentHeader:
    return replace(HEADER, **changes)


def the_letter(*changes: tuple[str, str]) -> CdaDocument:
    """The letter as read once each old piece of its XML, which must be there, is replaced by a new one."""
    return readable(read_cda(bent(build_discharge_letter(LETTER), *changes)))


def bent(data: bytes, *changes: tuple[str, str]) -> bytes:
    text = data.decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


def a_section(code: str, text: str, *entries: str) -> bytes:
    """A document with this one section, its narrative and its entries given as XML."""
    written = "".join(f"<entry>{entry}</entry>" for entry in entries)
    section = f'<section><code code="{code}"/><title>T</title><text>{text}</text>{written}</section>'
    return f"""<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
      <id root="1.2.3"/><component><structuredBody><component>{section}</component></structuredBody></component>
    </ClinicalDocument>""".encode()


def a_drug(name: str, inside: str = "", **attributes: str) -> str:
    """A medication entry; ``inside`` is the XML before its product."""
    said = "".join(f' {key}="{value}"' for key, value in attributes.items())
    product = f"<manufacturedMaterial><name>{name}</name></manufacturedMaterial>"
    consumable = f"<consumable><manufacturedProduct>{product}</manufacturedProduct></consumable>"
    return f"<substanceAdministration{said}>{inside}{consumable}</substanceAdministration>"


def readable(reading: CdaDocument | Unreadable) -> CdaDocument:
    assert isinstance(reading, CdaDocument), reading
    return reading


def refusal(reading: CdaDocument | Unreadable) -> str:
    assert isinstance(reading, Unreadable), "the document was read"
    return reading.notice.code
