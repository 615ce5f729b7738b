"""Sign a PDF: PAdES baseline B (ETSI EN 319 142-1), without a time stamp server and without any network."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from io import BytesIO
from typing import Any, TypeVar

from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import DictionaryObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, SimpleSigner
from pyhanko_certvalidator.registry import CertificateRegistry

_DIGEST = "sha256"
_SIGNATURE_BYTES = 8192

Result = TypeVar("Result")


class _SameDocument(IncrementalPdfFileWriter):
    """Appends a signature and nothing else: a new modification date in one of the two metadata would break PDF/A."""

    output_version = (1, 4)

    def _update_meta(self) -> None:
        """Leave the metadata as the author wrote them."""


def sign_pdf(
    data: bytes,
    *,
    certificate: bytes,
    key: bytes,
    chain: tuple[bytes, ...],
    signer_name: str,
    reason: str,
    signed_at: datetime,
) -> bytes:
    """``data`` with one more signature, appended: a PDF/A-1 stays one.

    ``certificate``, ``key`` (PKCS #8, not encrypted) and ``chain`` are DER or PEM; ``signed_at`` has its zone and is
    the signer's own word. For our own documents: raises ValueError on what is not a PDF, a key or a certificate.
    """
    signer = _signer(certificate, key, chain)
    writer = _SameDocument(BytesIO(data))
    embedding = PdfCMSEmbedder().write_cms(f"Signature-{_count(writer) + 1}", writer)
    _give_appearance(writer, next(embedding).get_object())
    signature = SignatureObject(
        timestamp=signed_at,
        subfilter=SigSeedSubFilter.PADES,
        name=signer_name,
        reason=reason,
        bytes_reserved=2 * (_SIGNATURE_BYTES + len(certificate) + sum(map(len, chain))),
    )
    embedding.send(SigObjSetup(sig_placeholder=signature))
    prepared, output = embedding.send(SigIOSetup(md_algorithm=_DIGEST))
    embedding.send(_signed(signer, prepared.document_digest, signed_at))
    return bytes(output.getvalue())


def _signer(certificate: bytes, key: bytes, chain: tuple[bytes, ...]) -> SimpleSigner:
    return SimpleSigner(
        signing_cert=next(certificates(certificate)),
        signing_key=load_private_key_from_pemder_data(key, None),
        cert_registry=CertificateRegistry.build(certs=certificates(*chain)),
        embed_roots=False,
    )


def certificates(*pemder: bytes) -> Iterator[Any]:
    """The certificates of DER or PEM data, of which PEM may hold several."""
    return (certificate for data in pemder for certificate in load_certs_from_pemder_data(data))


def _count(writer: IncrementalPdfFileWriter) -> int:
    return len(list(writer.prev.embedded_signatures))


def _give_appearance(writer: IncrementalPdfFileWriter, field: DictionaryObject) -> None:
    """PDF/A-1 wants an appearance for each form field (ISO 19005-1, 6.9), even one that shows nothing."""
    nothing = writer.add_object(RawContent(b"", box=BoxConstraints(width=1, height=1)).as_form_xobject())
    appearance = DictionaryObject({pdf_name("/N"): nothing})  # type: ignore[no-untyped-call]  # pyhanko left it untyped
    field[pdf_name("/AP")] = appearance


def _signed(signer: SimpleSigner, digest: bytes, signed_at: datetime) -> Any:
    attributes = PdfCMSSignedAttributes(signing_time=signed_at)
    return finished(signer.async_sign(digest, _DIGEST, use_pades=True, signed_attr_settings=attributes))


def finished(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """The result of a pyhanko coroutine, in a thread of its own: the caller may be inside an event loop already."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
