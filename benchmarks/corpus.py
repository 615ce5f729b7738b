"""A corpus of MSSanté mails, the same for the same seed: XDM package, discharge letter and PDF, by our own writers.

Every person, drug and identifier is invented here. Sizes follow what hospitals send: 100 KB to 1 MB, median 370 KB; the
letter itself is 75 to 100 KB of XML, the rest is mostly a picture in the PDF. That PDF is ``small``: one page of text
in a font every reader has; ``overflowing``: the same page, whose longest line, not broken, runs off its edge for 6,000
to 18,000 characters; or a ``letter``: the whole letter as we write it, PDF/A of five pages or so with its fonts.
"""

import ctypes
import io
import math
import random
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from PIL import Image
from pypdfium2 import PdfDocument, PdfImage, PdfMatrix, raw

from liaison.core.cda.build import build_discharge_letter
from liaison.core.cda.read import read_cda
from liaison.core.cda.values import (
    DISCHARGE_LETTER,
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
from liaison.core.identity.ins import ins_key
from liaison.core.mail.compose import compose
from liaison.core.mail.mss import compose_subject, mss_headers, pdf_name
from liaison.core.mail.values import Address, Attachment, OutgoingMail
from liaison.core.pdf.letter import letter_of_document, write_letter
from liaison.core.people import INS_TEST, Identifier, Organisation, Patient, Professional
from liaison.core.xdm.package import build_package

LOINC = "2.16.840.1.113883.6.1"
SNOMED = "2.16.840.1.113883.6.96"
CIS = "1.2.250.1.213.2.3.1"
ATC = "2.16.840.1.113883.6.73"
MEDIAN_BYTES = 370_000
SMALLEST_BYTES, LARGEST_BYTES = 100_000, 1_000_000
SPREAD = 0.55
LETTER_BYTES = (75_000, 100_000)
PAGE = (595, 842)
PAGE_LINES = 45
LINE_CHARACTERS = 115
BYTES_A_PIXEL = 0.85
START = datetime(2026, 3, 4, 16, 30, tzinfo=UTC)

HOSPITAL = Organisation("1510000029", "Centre hospitalier de la Vesle")
AUTHOR = Professional("810100000017", "HÔTE", "Zoé", HOSPITAL, "Gériatrie")
FAMILIES = ("D'ÉTÉ-LEFÈVRE", "NESSI", "CASANOVA", "ŒUVRARD", "L'HERMITE", "BOILEAU", "LE GALL", "MÜLLER")
GIVEN = ("MARIE-ANGE", "RUTH", "PAUL-ÉMILE", "ZOÉ", "INÈS", "JEAN", "FRANÇOISE", "ANDRÉ")
DRUGS = (
    ("Furosémide 40 mg, comprimé", "C03CA01"),
    ("Apixaban 2,5 mg, comprimé", "B01AF02"),
    ("Paracétamol 500 mg, comprimé", "N02BE01"),
    ("Bisoprolol 2,5 mg, comprimé", "C07AB07"),
    ("Mirtazapine 15 mg, comprimé", "N06AX11"),
    ("Macrogol 10 g, poudre", "A06AD15"),
    ("Ramipril 5 mg, gélule", "C09AA05"),
    ("Lévothyroxine 75 µg, comprimé", "H03AA01"),
)
SENTENCES = (
    "Patiente adressée pour une chute à domicile avec confusion, sans perte de connaissance rapportée.",
    "À l'entrée : apyrétique, tension artérielle 132/74, saturation 95 % en air ambiant.",
    "Le bilan retrouve une insuffisance rénale aiguë sur déshydratation, régressive après réhydratation.",
    "Échographie cardiaque : fonction systolique conservée, pas de valvulopathie significative.",
    "La marche est reprise avec aide ; kinésithérapie motrice à poursuivre dans l'établissement.",
    "Réévaluation des psychotropes avec le médecin coordonnateur, l'œdème des membres inférieurs a disparu.",
)

_FILE_ID = re.compile(rb"<[0-9A-F]{32}>(?=[<\]])")  # PDFium draws it at random
_MADE_ON = re.compile(rb"\(D:\d{14}")


@dataclass(frozen=True, slots=True)
class Sample:
    """One mail, and the pieces it was made of, for what is measured apart."""

    raw: bytes
    package: bytes
    metadata: bytes
    cda: bytes
    pdf: bytes


PdfKind = Literal["small", "overflowing", "letter"]


def make_corpus(messages: int, *, seed: int = 2026, pdf: PdfKind = "small") -> Iterator[Sample]:
    """``messages`` samples, one by one; the first n of a longer corpus are those of a shorter one."""
    for number in range(messages):
        yield make_sample(number, seed=seed, pdf=pdf)


def make_sample(number: int, *, seed: int = 2026, pdf: PdfKind = "small") -> Sample:
    return _sample(number, random.Random(f"{seed}/{number}"), pdf)  # noqa: S311  # repeatable, no secret


def _sample(number: int, chance: random.Random, kind: PdfKind) -> Sample:
    cda = build_discharge_letter(_letter(number, chance))
    read = read_cda(cda)
    if not isinstance(read, CdaDocument):
        raise TypeError(f"a letter of the corpus cannot be read: {read.notice.code}")
    package = build_package(
        [(read, cda)],
        source_id="1.2.250.1.999.9",
        submission_time=START,
        submission_id=f"1.2.250.1.999.3.{number}",
        author=AUTHOR,
    )
    pdf = _of_size(_pdf(read, kind), _wanted_bytes(chance) - len(package) * 4 // 3, chance)
    return Sample(_mail(number, read, package, pdf), package, _metadata(package), cda, pdf)


def _wanted_bytes(chance: random.Random) -> int:
    wanted = MEDIAN_BYTES * math.exp(chance.gauss(0, SPREAD))
    return round(min(max(wanted, SMALLEST_BYTES), LARGEST_BYTES))


def _letter(number: int, chance: random.Random) -> DischargeLetter:
    """A letter as long as those seen: many lines of treatment, and a synthesis that fills what is left."""
    end = START + timedelta(days=number % 300)
    letter = DischargeLetter(
        header=_header(number, chance, end),
        reason=SENTENCES[0],
        synthesis=_words(chance, 12),
        admission_mode=Code("183452005", SNOMED, "Entrée en urgence"),
        discharge_mode=Code("500", "1.2.250.1.213.1.6.1.8", "EHPAD"),
        at_discharge=tuple(_line(SECTION_DISCHARGE, end, chance) for _ in range(chance.randint(14, 20))),
        stopped=tuple(_line(SECTION_STOPPED, end, chance) for _ in range(chance.randint(3, 6))),
        allergies=(Allergy("Pénicilline", "Urticaire", "modérée"),),
        expected_results=("Hémocultures du 03/03", "Électrophorèse des protéines"),
        follow_up=(FollowUpItem("Consultation de cardiologie", (end + timedelta(days=30)).date().isoformat()),),
        resistant_bacteria_searched=True,
    )
    missing = chance.randint(*LETTER_BYTES) - len(build_discharge_letter(letter))
    return _longer(letter, chance, max(missing, 0) // 195)


def _longer(letter: DischargeLetter, chance: random.Random, sentences: int) -> DischargeLetter:
    fields = {name: getattr(letter, name) for name in letter.__slots__}
    return DischargeLetter(**(fields | {"synthesis": f"{letter.synthesis}\n{_words(chance, sentences)}"}))


def _words(chance: random.Random, sentences: int) -> str:
    return "\n".join(chance.choice(SENTENCES) for _ in range(sentences))


def patient_of(number: int) -> Patient:
    """Whom the mail of this number is about: somebody else in each."""
    chance = random.Random(f"patient/{number}")  # noqa: S311  # repeatable, no secret
    family, given = chance.choice(FAMILIES), chance.choice(GIVEN)
    birth = date(1928, 1, 1) + timedelta(days=chance.randint(0, 7000))
    sex = chance.choice("FM")
    root = f"{'2' if sex == 'F' else '1'}{birth:%y%m}51{number % 1_000_000:06}"
    return Patient(
        ins=root + ins_key(root),
        ins_oid=INS_TEST,
        ids=(Identifier("1.2.250.1.999.1.1", f"IPP-{number}"),),
        birth_family=family,
        birth_given=given,
        given_names=given,
        birth_date=birth.isoformat(),
        sex=sex,
        birth_place="51454",
    )


def _header(number: int, chance: random.Random, end: datetime) -> DocumentHeader:
    return DocumentHeader(
        id=Identifier("1.2.250.1.999.2.1", f"L-{number}"),
        set_id=Identifier("1.2.250.1.999.2.2", f"L-{number}"),
        version=1,
        type=Code(DISCHARGE_LETTER, LOINC, "Lettre de liaison à la sortie"),
        title="Lettre de liaison à la sortie de l'établissement de santé",
        effective_time=end.isoformat(),
        patient=patient_of(number),
        author=AUTHOR,
        signed_by=AUTHOR,
        signed_at=end.isoformat(),
        custodian=HOSPITAL,
        recipients=(Professional("810100000033", "ŒUVRARD", "Inès"),),
        stay_start=(end - timedelta(days=chance.randint(3, 20))).isoformat(),
        stay_end=end.isoformat(),
    )


def _line(section: str, end: datetime, chance: random.Random) -> MedicationLine:
    name, atc = chance.choice(DRUGS)
    return MedicationLine(
        section=section,
        name=name,
        codes=(Code("60000001", CIS, name), Code(atc, ATC, name)),
        start=end.date().isoformat(),
        dose="1 comprimé",
        frequency=f"{chance.randint(1, 3)} fois par jour",
        route="orale",
        reason="Insuffisance rénale aiguë" if section == SECTION_STOPPED else "",
    )


def _pdf(read: CdaDocument, kind: PdfKind) -> bytes:
    if kind == "letter":
        return write_letter(letter_of_document(read))
    lines = "\n".join(section.text for section in read.sections).splitlines()
    broken = [piece for line in lines for piece in textwrap.wrap(line, LINE_CHARACTERS)]
    return _page(lines if kind == "overflowing" else broken)


def _page(lines: list[str]) -> bytes:
    """One page of the first lines, in Helvetica."""
    document = PdfDocument.new()
    page = document.new_page(*PAGE)
    font = raw.FPDFText_LoadStandardFont(document.raw, b"Helvetica")
    for number, line in enumerate(lines[:PAGE_LINES]):
        text = raw.FPDFPageObj_CreateTextObj(document.raw, font, ctypes.c_float(8))
        letters = ctypes.create_string_buffer(line.encode("utf-16-le") + b"\0\0")
        raw.FPDFText_SetText(text, ctypes.cast(letters, ctypes.POINTER(raw.FPDF_WCHAR)))
        raw.FPDFPageObj_Transform(text, 1, 0, 0, 1, 40, PAGE[1] - 40 - number * 16)
        raw.FPDFPage_InsertObject(page.raw, text)
    page.gen_content()
    return _saved(document)


def _of_size(pdf: bytes, wanted: int, chance: random.Random) -> bytes:
    """The file, its last page bearing a picture that brings it to the size of a real one."""
    missing = wanted * 3 // 4 - len(pdf)
    return _with_picture(pdf, missing, chance) if missing > 0 else pdf


def _with_picture(pdf: bytes, size: int, chance: random.Random) -> bytes:
    """A scan that does not compress, of about ``size`` bytes."""
    side = max(int(math.sqrt(size / BYTES_A_PIXEL)), 8)
    picture = io.BytesIO()
    Image.frombytes("L", (side, side), chance.randbytes(side * side)).save(picture, "JPEG", quality=92)
    picture.seek(0)
    document = PdfDocument(pdf)
    image = PdfImage.new(document)
    image.load_jpeg(picture, inline=True)
    image.set_matrix(PdfMatrix().scale(120, 120).translate(60, 60))
    page = document[len(document) - 1]
    page.insert_obj(image)
    page.gen_content()
    return _saved(document)


def _saved(document: PdfDocument) -> bytes:
    output = io.BytesIO()
    document.save(output)
    document.close()
    undated = _MADE_ON.sub(b"(D:20260304163000", output.getvalue())
    return _FILE_ID.sub(b"<" + b"0" * 32 + b">", undated)


def _mail(number: int, read: CdaDocument, package: bytes, pdf: bytes) -> bytes:
    patient = read.patient
    return compose(
        OutgoingMail(
            message_id=f"<corpus.{number}@chu-vesle.mssante.fr>",
            sender=Address("geriatrie@chu-vesle.mssante.fr", "CH de la Vesle – Gériatrie"),
            to=(Address("secretariat@tilleuls.mssante.fr"),),
            subject=compose_subject([read.type.label], patient.birth_family, patient.birth_given, patient.birth_date),
            body="Bonjour,\n\nVeuillez trouver ci-joint la lettre de liaison de votre résident.\n\nBien à vous\n",
            date=START + timedelta(minutes=number),
            attachments=(
                Attachment("IHE_XDM.ZIP", "application/zip", package),
                Attachment(
                    pdf_name(START.date(), read.type.label, patient.birth_family, patient.birth_given),
                    "application/pdf",
                    pdf,
                ),
            ),
            headers=mss_headers([read.type.code], qualified_ins=True, product="Liaison"),
        )
    )


def _metadata(package: bytes) -> bytes:
    from liaison.core.notices import Unreadable
    from liaison.core.xdm.archive import open_archive

    opened = open_archive(package)
    if isinstance(opened, Unreadable):
        raise TypeError("a package of the corpus cannot be opened")
    return next(member.content for member in opened[0] if member.name.endswith("METADATA.XML"))
