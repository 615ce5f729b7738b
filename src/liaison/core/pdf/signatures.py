"""Check the PAdES signatures of a PDF: who, when, untouched since, and up to which authorities; no network."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from liaison.core.notices import Notice
from liaison.core.pdf.sign import certificates, finished
from liaison.core.pdf.values import Signature

MAX_SIGNATURES = 20

# The library logs the names written in the certificates: no log of ours may hold a name.
for _library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_library).addHandler(logging.NullHandler())
    logging.getLogger(_library).propagate = False

_MARK = b"/ByteRange"
_USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)
_UNCHECKED = Notice("signatures_unchecked", "Les signatures du PDF n'ont pas pu être vérifiées.")


def read_signatures(data: bytes, trusted: tuple[bytes, ...]) -> tuple[tuple[Signature, ...], tuple[Notice, ...]]:
    """The signatures in the order of the file. Certificates are judged at the time the signer says, our only clock."""
    if _MARK not in data:
        return (), ()
    try:
        return tuple(_signatures(data, trusted)), ()
    except Exception:  # noqa: BLE001  a forged PDF makes the library raise anything; it must not hide the document
        return (), (_UNCHECKED,)


def _signatures(data: bytes, trusted: tuple[bytes, ...]) -> Iterator[Signature]:
    reader = PdfFileReader(BytesIO(data), strict=False)
    for _, embedded in zip(range(MAX_SIGNATURES), reader.embedded_regular_signatures, strict=False):
        yield _signature(embedded, trusted)


def _signature(embedded: EmbeddedPdfSignature, trusted: tuple[bytes, ...]) -> Signature:
    said = embedded.self_reported_timestamp
    context = ValidationContext(
        trust_roots=certificates(*trusted),
        allow_fetching=False,
        moment=said or datetime.fromtimestamp(0, UTC),
    )
    status = finished(
        async_validate_pdf_signature(embedded, signer_validation_context=context, key_usage_settings=_USAGE)
    )
    untouched = bool(status.intact and status.valid and status.docmdp_ok)
    return Signature(
        signer=_signer(embedded),
        time=said.isoformat() if said else "",
        intact=untouched,
        trusted=bool(untouched and status.trusted),
    )


def _signer(embedded: EmbeddedPdfSignature) -> str:
    """The name in the certificate: the one written beside the signature is only the signer's word."""
    certificate = embedded.signer_cert
    names = certificate.subject.native if certificate is not None else {}
    return str(names.get("common_name", ""))
