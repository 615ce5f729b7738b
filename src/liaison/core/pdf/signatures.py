"""Check the PAdES signatures of a PDF: who, when, untouched since, and up to which authorities; no network."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
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
_UNREADABLE = Signature(signer="", time="", intact=False, trusted=False)
_UNCHECKED = Notice("signatures_unchecked", "Les signatures du PDF n'ont pas pu être vérifiées.")


def read_signatures(data: bytes, trusted: tuple[bytes, ...]) -> tuple[tuple[Signature, ...], tuple[Notice, ...]]:
    """The signatures in the order of the file. Certificates are judged at the time the signer says, our only clock.

    One that cannot be checked is there all the same, by nobody and not intact; what is no authority trusts nobody.
    """
    if _MARK not in data:
        return (), ()
    try:
        found = tuple(_signatures(data, tuple(_authorities(trusted))))
    except Exception:  # noqa: BLE001  a forged PDF makes the library raise anything; it must not hide the document
        return (), (_UNCHECKED,)
    return found, (_UNCHECKED,) if _UNREADABLE in found else ()


def _authorities(trusted: tuple[bytes, ...]) -> Iterator[Any]:
    for each in trusted:
        with suppress(ValueError):
            yield from certificates(each)


def _signatures(data: bytes, trusted: tuple[Any, ...]) -> Iterator[Signature]:
    """Those that can be opened in the order they were made, then the others."""
    reader = PdfFileReader(BytesIO(data), strict=False)
    fields = islice(enumerate_sig_fields(reader, filled_status=True), MAX_SIGNATURES)
    opened = [_opened(reader, name, field) for name, signed, field in fields if not _is_timestamp(signed)]
    for embedded in sorted(filter(None, opened), key=lambda each: each.signed_revision):
        yield _checked(embedded, trusted)
    yield from (_UNREADABLE for each in opened if each is None)


def _is_timestamp(signed: Any) -> bool:
    return bool(signed.get_object().get("/Type") == "/DocTimeStamp")


def _opened(reader: PdfFileReader, name: str, field: Any) -> EmbeddedPdfSignature | None:
    try:
        return EmbeddedPdfSignature(reader, field, name)
    except Exception:  # noqa: BLE001  whatever the library meets in a broken one, the others are to be read
        return None


def _checked(embedded: EmbeddedPdfSignature, trusted: tuple[Any, ...]) -> Signature:
    try:
        return _signature(embedded, trusted)
    except Exception:  # noqa: BLE001  the same
        return _UNREADABLE


def _signature(embedded: EmbeddedPdfSignature, trusted: tuple[Any, ...]) -> Signature:
    said = embedded.self_reported_timestamp
    context = ValidationContext(
        trust_roots=trusted,
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
