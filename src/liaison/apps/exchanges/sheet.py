"""The home's own « fiche de retour d'hospitalisation »: what the letter changes, what is asked of the doctor.

Written for the doctor who reads mail in any program (PDF/A-1), and for the software that files it (CDA level 1 in its
XDM package); it travels beside the hospital's documents, which stay as they came.
"""

from functools import lru_cache
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils import timezone

from liaison.apps.exchanges.models import Transmission
from liaison.apps.organisations.models import Site, User
from liaison.apps.residents.models import CareTeamMember, Resident
from liaison.apps.treatments import words
from liaison.apps.treatments.letter_lines import said_unchanged
from liaison.apps.treatments.models import ReconciliationLine
from liaison.core.cda.build import build_level1
from liaison.core.cda.read import read_cda
from liaison.core.cda.values import CdaDocument, Code, DocumentHeader
from liaison.core.mail.mss import pdf_name
from liaison.core.mail.values import Attachment
from liaison.core.media import PDF
from liaison.core.pdf.letter import write_letter
from liaison.core.pdf.values import Block, Letter, LetterSection, Table
from liaison.core.people import Identifier, Organisation, Patient, Professional
from liaison.core.xdm.build import build_package

TITLE = "Fiche de retour d'hospitalisation"
TYPE = Code("34133-9", "2.16.840.1.113883.6.1", "Synthèse d'épisode de soins")
FACILITY = Code("SA17", "1.2.250.1.71.4.2.4", "EHPAD")
ALONE, BESIDE = "IHE_XDM.zip", "IHE_XDM_FICHE.zip"
UUID_ROOT = "2.25"
_COLUMNS = ("N°", "Avant, à l'EHPAD", "Lettre de l'hôpital", "Ce que fait la lettre", "À savoir")


def has_sheet(transmission: Transmission) -> bool:
    """A return from hospital has its sheet: treatments to decide, or a document that tells of a stay."""
    return transmission.reconciliation is not None or bool(transmission.document.stay_end)


def sheet_attachments(transmission: Transmission, *, beside_package: bool) -> tuple[Attachment, ...]:
    """The sheet as PDF and in its XDM package, which takes another name beside the hospital's own."""
    if not has_sheet(transmission):
        return ()
    resident = transmission.resident
    pdf = sheet_pdf(transmission)
    name = pdf_name(_when(transmission), TITLE, resident.birth_family, resident.birth_given)
    package = _package(transmission, pdf)
    return (
        Attachment(name, PDF, pdf),
        Attachment(BESIDE if beside_package else ALONE, "application/zip", package),
    )


def sheet_pdf(transmission: Transmission) -> bytes:
    """PDF/A-1b; the same bytes for each recipient of one transmission."""
    return _set(sheet_letter(transmission))


@lru_cache(maxsize=4)
def _set(letter: Letter) -> bytes:
    """One transmission has several recipients: its sheet is set once."""
    return write_letter(letter)


def sheet_letter(transmission: Transmission) -> Letter:
    """The words of the sheet."""
    resident, site = transmission.resident, transmission.site
    return Letter(
        title=TITLE,
        sender=(site.name, site.city, transmission.mailbox.address),
        recipients=("À l'attention du médecin", "ou du professionnel de l'équipe de soins"),
        date=_when(transmission),
        patient=_patient_lines(resident),
        sections=tuple(_sections(transmission)),
        signature=(str(transmission.prepared_by), site.name),
        place=site.city,
        reference=f"Référence {transmission.uuid.hex[:8].upper()}",
    )


def _patient_lines(resident: Resident) -> tuple[tuple[str, str], ...]:
    said = (
        ("Nom de naissance", resident.birth_family),
        ("Nom utilisé", resident.used_family),
        ("Prénoms", resident.given_names or resident.birth_given),
        ("Date de naissance", "/".join(reversed(resident.birth_date.split("-")))),
        ("Matricule INS", resident.ins if _is_qualified(resident) else ""),
    )
    return tuple((label, value) for label, value in said if value)


def _sections(transmission: Transmission) -> list[LetterSection]:
    lines = list(transmission.reconciliation.lines.select_related("current")) if transmission.reconciliation else []
    sections = [LetterSection("Le retour", (_return(transmission),))]
    if transmission.note.strip():
        sections.append(LetterSection("Remarques de l'équipe", (transmission.note.strip(),)))
    if lines:
        sections += [
            LetterSection("Les traitements, comparés", (_counts(transmission, lines), _table(lines))),
            LetterSection("Ce qui vous est demandé", tuple(_asked(lines))),
        ]
    else:
        asked = said_unchanged(transmission.document) or _READ_ONLY
        sections.append(LetterSection("Ce qui vous est demandé", (asked,)))
    return sections


_READ_ONLY = (
    "Cette lettre ne dit rien de lisible des traitements : merci de nous dire, en répondant à ce message, si quelque "
    "chose change pour ce résident."
)


def _return(transmission: Transmission) -> str:
    document = transmission.document
    hospital = f" de {document.custodian}" if document.custodian else ""
    start, end = document.said_stay
    stay = f" Séjour du {_day(start) or '?'} au {_day(end) or '?'}." if start or end else ""
    what = document.type_label or document.title
    how = f" ({document.dated_how})" if document.dated_how else ""
    return f"Document reçu{hospital} : {what}, du {_day(document.dated) or 'date inconnue'}{how}.{stay}"


def _counts(transmission: Transmission, lines: list[ReconciliationLine]) -> str:
    taken = transmission.reconciliation
    at = f" au {_day(timezone.localtime(taken.current_as_of).isoformat())}" if taken else ""
    return (
        f"{len([line for line in lines if line.current_id])} ligne(s) en cours à l'EHPAD{at}, "
        f"{len([line for line in lines if line.letter])} dans la lettre ; toutes sont ci-dessous. "
        "« Non mentionné » ne veut pas dire arrêté."
    )


def _table(lines: list[ReconciliationLine]) -> Table:
    return Table(_COLUMNS, tuple(_row(line) for line in lines))


def _row(line: ReconciliationLine) -> tuple[str, ...]:
    risk = f"À RISQUE : {line.high_risk}" if line.high_risk else ""
    known = ". ".join(part for part in (risk, line.change, line.reason) if part)
    return (
        str(line.number),
        words.held(line),
        words.in_letter(line),
        words.SUGGESTIONS[words.Status(line.status)],
        known,
    )


def _asked(lines: list[ReconciliationLine]) -> list[Block]:
    differing = [line for line in lines if line.status != words.Status.CONTINUED]
    numbers = ", ".join(str(line.number) for line in differing)
    asked: list[Block] = [
        "Valider, modifier ou refuser chaque ligne. Rien ne change pour le résident tant qu'un médecin n'a pas décidé.",
        f"Lignes qui changent ou que la lettre ne mentionne pas : {numbers or 'aucune'}.",
    ]
    risky = [line for line in lines if line.high_risk]
    if risky:
        listed = " ; ".join(f"{line.number} ({line.high_risk})" for line in risky)
        asked.append(f"Lignes de classes à risque, à regarder d'abord : {listed}.")
    asked.append(
        "Pour répondre : répondez au message (« D'accord pour tout », ou ligne par ligne par son numéro ou le nom du "
        "médicament), suivez le lien qu'il contient, ou téléphonez à l'EHPAD."
    )
    return asked


def sheet_cda(transmission: Transmission, pdf: bytes) -> bytes:
    """The sheet under a CDA header (level 1), signed by the person who sends it."""
    resident, site = transmission.resident, transmission.site
    number = str(uuid5(transmission.uuid, "fiche").int)
    author = _author(transmission.prepared_by, site)
    when = timezone.localtime(transmission.prepared_at).isoformat(timespec="seconds")
    header = DocumentHeader(
        id=Identifier(UUID_ROOT, number),
        set_id=Identifier(UUID_ROOT, str(uuid5(transmission.uuid, "lot").int)),
        version=1,
        type=TYPE,
        title=TITLE,
        effective_time=when,
        patient=_patient(resident, site),
        author=author,
        signed_by=author,
        signed_at=when,
        custodian=author.organisation,
        gp=_gp(resident),
        stay_start=transmission.document.stay_start or when,
        stay_end=transmission.document.stay_end,
        facility_code=FACILITY,
    )
    return build_level1(header, pdf, PDF)


def _package(transmission: Transmission, pdf: bytes) -> bytes:
    content = sheet_cda(transmission, pdf)
    document = read_cda(content)
    if not isinstance(document, CdaDocument):
        raise TypeError("a document of our own cannot be read")
    return build_package(
        [(document, content)],
        source_id=f"{UUID_ROOT}.{_number_of(transmission.site)}",
        submission_time=transmission.prepared_at,
        submission_id=f"{UUID_ROOT}.{transmission.uuid.int}",
        author=_author(transmission.prepared_by, transmission.site),
        title=TITLE,
    )


def _number_of(site: Site) -> int:
    """The number of the source, the same for all a site sends (an OID under 2.25, X.667)."""
    return uuid5(NAMESPACE_URL, f"finess:{site.finess}").int


def _author(user: User, site: Site) -> Professional:
    """A doctor by his RPPS; another person by the number the home gives him (identifier of type 3, FINESS/number)."""
    identifier = f"8{user.rpps}" if user.rpps else f"3{site.finess}/{_short(user.uuid)}"
    family, given = user.last_name or user.username, user.first_name
    return Professional(identifier, family, given, Organisation(f"1{site.finess}", site.name))


def _short(number: UUID) -> str:
    return number.hex[:8]


def _gp(resident: Resident) -> Professional | None:
    member = resident.care_team.filter(role=CareTeamMember.Role.GP).select_related("professional").first()
    if member is None:
        return None
    person = member.professional
    return Professional(f"8{person.rpps}" if person.rpps else "", person.family, person.given)


def _patient(resident: Resident, site: Site) -> Patient:
    """The matricule only when it is qualified (INS/va1.53); the home's own number always."""
    qualified = _is_qualified(resident)
    return Patient(
        ins=resident.ins if qualified else "",
        ins_oid=resident.ins_oid if qualified else "",
        ids=(Identifier(f"{UUID_ROOT}.{_number_of(site)}", str(resident.uuid)),),
        birth_family=resident.birth_family,
        birth_given=resident.birth_given,
        given_names=resident.given_names,
        used_family=resident.used_family,
        used_given=resident.used_given,
        birth_date=resident.birth_date,
        sex=resident.sex,
        birth_place=resident.birth_place,
    )


def _is_qualified(resident: Resident) -> bool:
    return resident.ins_status == Resident.InsStatus.QUALIFIED


def _when(transmission: Transmission) -> str:
    return timezone.localtime(transmission.prepared_at).date().isoformat()


def _day(iso: str) -> str:
    return "/".join(reversed(iso[:10].split("-"))) if iso else ""
