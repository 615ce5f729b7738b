"""A receipt by RFC 8098, and by the volet « Transmission au LPS d'un document CDA » of the ANS (LPS)."""

import re
from collections.abc import Iterator

from liaison.core.conformance.finding import Rule
from liaison.core.mail.headers import Headers, read_headers
from liaison.core.mail.reports import APPLICATION_ERRORS, read_reports
from liaison.core.mail.values import Mail

_NOTIFICATION = "message/disposition-notification"
_DISPOSITION = re.compile(
    r"\s*(manual|automatic)-action/mdn-sent-(manually|automatically)\s*;\s*"
    r"(displayed|deleted|dispatched|processed)(/error|/failure|/warning)?\s*",
    re.IGNORECASE,
)
_CODE_INSIDE = re.compile(r"/\s*error\s*:", re.IGNORECASE)


def notifications(mail: Mail) -> list[Headers]:
    found = (leaf for leaf in mail.leaves if leaf.declared_type == _NOTIFICATION)
    return [read_headers(leaf.content.strip(b"\r\n")) for leaf in found]


def silent(mail: Mail) -> Iterator[str]:
    if not read_reports(mail):
        yield "multipart/report"


def without_field(name: str, mail: Mail) -> Iterator[str]:
    if any(not fields.raw(name.lower()) for fields in notifications(mail)):
        yield name


def code_in_disposition(mail: Mail) -> Iterator[str]:
    if any(_CODE_INSIDE.search(fields.raw("disposition")) for fields in notifications(mail)):
        yield "Disposition"


def malformed_disposition(mail: Mail) -> Iterator[str]:
    for fields in notifications(mail):
        said = fields.raw("disposition")
        if said and not _CODE_INSIDE.search(said) and not _DISPOSITION.fullmatch(said):
            yield "Disposition"


def unknown_code(mail: Mail) -> Iterator[str]:
    for report in read_reports(mail):
        if report.type == "mdn" and report.error_code and report.error_code not in APPLICATION_ERRORS:
            yield "Error"


REPORT_RULES: tuple[Rule[Mail], ...] = (
    Rule("RFC6522", "warning", "Le compte rendu ne dit pas ce qu'est devenu le message.", silent),
    Rule(
        "RFC8098-3.1",
        "error",
        "L'accusé ne dit pas ce qu'est devenu le message (Disposition).",
        lambda mail: without_field("Disposition", mail),
    ),
    Rule(
        "RFC8098-3.2.4",
        "error",
        "L'accusé ne dit pas le destinataire (Final-Recipient).",
        lambda mail: without_field("Final-Recipient", mail),
    ),
    Rule(
        "RFC8098-3.2.5",
        "warning",
        "L'accusé ne dit pas quel message il concerne (Original-Message-ID).",
        lambda mail: without_field("Original-Message-ID", mail),
    ),
    Rule("RFC8098-3.2.6", "error", "La disposition de l'accusé n'a pas la forme prévue.", malformed_disposition),
    Rule(
        "LPS-ERROR-FIELD",
        "warning",
        "Le code d'erreur est dans la disposition, forme ancienne que RFC 8098 n'admet pas.",
        code_in_disposition,
    ),
    Rule("LPS-ERROR-CODE", "warning", "Le code d'erreur n'est pas de la table (900 à 906).", unknown_code),
)
