"""What a user would otherwise run, each asked for the same: every leaf of a mail with its bytes, or a letter's data."""

import email
import email.policy
import io
import logging
from collections.abc import Callable
from contextlib import closing
from email.message import Message
from importlib.metadata import version
from typing import Any
from zipfile import ZipFile

import ccda_to_fhir
import fast_mail_parser
import mailparser
from lxml import etree
from pypdfium2 import PdfDocument

from benchmarks.corpus import Sample
from liaison.core.cda.read import read_cda
from liaison.core.cda.values import CdaDocument

Reader = Callable[[Sample], Any]


def stdlib_compat32(sample: Sample) -> list[bytes]:
    return _leaves(email.message_from_bytes(sample.raw))


def stdlib_default(sample: Sample) -> list[bytes]:
    return _leaves(email.message_from_bytes(sample.raw, policy=email.policy.default))


def _leaves(message: Message) -> list[bytes]:
    return [bytes(part.get_payload(decode=True) or b"") for part in message.walk() if not part.is_multipart()]


def mail_parser(sample: Sample) -> tuple[str, list[dict[str, Any]]]:
    parsed = mailparser.parse_from_bytes(sample.raw)
    return parsed.body, parsed.attachments


def rust_parser(sample: Sample) -> tuple[list[str], list[bytes]]:
    parsed = fast_mail_parser.parse_email(sample.raw)
    return parsed.text_plain, [attachment.content for attachment in parsed.attachments]


def ccda(sample: Sample) -> dict[str, Any]:
    converted: dict[str, Any] = ccda_to_fhir.convert_document(sample.cda.decode())
    return converted


def xml_alone(sample: Sample) -> object:
    return etree.fromstring(sample.cda)


def zip_alone(sample: Sample) -> list[bytes]:
    with ZipFile(io.BytesIO(sample.package)) as archive:
        return [archive.read(name) for name in archive.namelist()]


def pdfium_alone(sample: Sample) -> list[str]:
    with closing(PdfDocument(sample.pdf)) as document:
        return [page.get_textpage().get_text_range() for page in document]


def quieten() -> None:
    """A library that logs each resource would be timed writing on the terminal."""
    logging.disable(logging.CRITICAL)


MAIL_PEERS: dict[str, Reader] = {
    "email (compat32)": stdlib_compat32,
    "email (default)": stdlib_default,
    f"mail-parser {version('mail-parser')}": mail_parser,
    f"fast-mail-parser {version('fast-mail-parser')}": rust_parser,
}
FLOORS: dict[str, Reader] = {
    "zipfile seul": zip_alone,
    "lxml seul, arbre du CDA": xml_alone,
    "PDFium seul": pdfium_alone,
}
CDA_PEERS: dict[str, Reader] = {f"ccda-to-fhir {version('ccda-to-fhir')}": ccda}


def what_ccda_reads(sample: Sample) -> dict[str, int]:
    """How much of a French letter the peer keeps: treatments and allergies found, beside those that we find."""
    ours = read_cda(sample.cda)
    assert isinstance(ours, CdaDocument)  # noqa: S101  # the corpus was read once while it was made
    kinds = [entry["resource"]["resourceType"] for entry in ccda(sample)["bundle"]["entry"]]
    return {
        "treatments_there": len(ours.medications),
        "treatments_found": kinds.count("MedicationRequest") + kinds.count("MedicationStatement"),
        "allergies_there": len(ours.allergies),
        "allergies_found": kinds.count("AllergyIntolerance"),
    }
