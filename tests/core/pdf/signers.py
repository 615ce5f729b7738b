"""Certificates for the tests: an authority made on the spot, and the key of a practitioner under it."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache

import trustme
from cryptography.hazmat.primitives import serialization

from liaison.core.pdf.sign import sign_pdf

SIGNED_AT = datetime(2026, 3, 4, 17, 5, tzinfo=timezone(timedelta(hours=1)))


@dataclass(frozen=True)
class Signer:
    authority: bytes
    certificate: bytes
    key: bytes

    def sign(self, data: bytes, signed_at: datetime = SIGNED_AT) -> bytes:
        return sign_pdf(
            data,
            certificate=self.certificate,
            key=self.key,
            chain=(self.authority,),
            signer_name="Dr Paul L'HERMITE",
            reason="Signature de la lettre de liaison",
            signed_at=signed_at,
        )


@cache
def signer(name: str = "L'HERMITE Paul-Émile") -> Signer:
    authority = trustme.CA()
    issued = authority.issue_cert("hopital.example", common_name=name)
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    packed = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Signer(authority.cert_pem.bytes(), issued.cert_chain_pems[0].bytes(), packed)
