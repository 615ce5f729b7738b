"""The certificates an operator's authority has revoked (CRL, RFC 5280 §5): fetched, proven, the last good one kept."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings

from liaison.apps.mailboxes.models import Operator

LARGEST_LIST_BYTES = 20 * 1024 * 1024
PEM_MARK = b"-----BEGIN"


class RevocationListRefused(Exception):  # noqa: N818 (a state of the world, named as such)
    """The list cannot be fetched, read or believed. The text is French; the list held before stays in force."""


def fetch_revocation_list(operator: Operator) -> bytes:
    """The operator's list as PEM, once it is proven: signed by a trusted authority, current, not older than ours.

    A CRL is published over plain HTTP on purpose (RFC 5280 §8): its signature is what is trusted. Raises
    RevocationListRefused.
    """
    found = _parse(_download(operator.revocation_url))
    _prove(found, x509.load_pem_x509_certificates(Path(operator.authority_file).read_bytes()))
    held = bytes(operator.revocation_list)
    if held and found.last_update_utc < _parse(held).last_update_utc:
        raise RevocationListRefused("La liste reçue est plus ancienne que celle que nous avons.")
    return found.public_bytes(Encoding.PEM)


def _download(url: str) -> bytes:
    content = b""
    try:
        with httpx2.stream("GET", url, timeout=settings.MAIL_TIMEOUT_SECONDS, follow_redirects=False) as answer:
            answer.raise_for_status()
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > LARGEST_LIST_BYTES:
                    raise RevocationListRefused("La liste reçue est trop grande.")
    except (httpx2.HTTPError, OSError) as error:
        raise RevocationListRefused(f"La liste n'a pas pu être relevée ({type(error).__name__}).") from error
    return content


def _parse(content: bytes) -> x509.CertificateRevocationList:
    load = x509.load_pem_x509_crl if PEM_MARK in content[:1000] else x509.load_der_x509_crl
    try:
        return load(content)
    except ValueError as error:
        raise RevocationListRefused("Ce qui a été reçu n'est pas une liste de révocation.") from error


def _prove(found: x509.CertificateRevocationList, authorities: Iterable[x509.Certificate]) -> None:
    issuers = [one for one in authorities if one.subject == found.issuer]
    if not any(_signed_by(found, one) for one in issuers):
        raise RevocationListRefused("La liste n'est pas signée par l'autorité de l'opérateur.")
    if found.next_update_utc is not None and found.next_update_utc < datetime.now(UTC):
        raise RevocationListRefused("La liste reçue est périmée.")


def _signed_by(found: x509.CertificateRevocationList, authority: x509.Certificate) -> bool:
    key = authority.public_key()
    return isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) and found.is_signature_valid(key)
