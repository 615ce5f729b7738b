"""The certificate authority of the demo, standing in for the IGC-Santé: made at first start, then kept.

Every file is PEM and readable by its owner alone. Certificates are stable across restarts: one is written again only
when it nears its end; other names make another certificate.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE = timedelta(days=3650)
CERTIFICATE_LIFE = timedelta(days=820)
RENEW_BEFORE = timedelta(days=60)
ORGANISATION = "Liaison – démonstration"


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate and its private key, two PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Authority:
    """The local certificate authority; ``certificate`` is what clients and servers must trust, and nothing else."""

    folder: Path
    certificate: Path
    key: Path

    def server_certificate(self, names: Iterable[str]) -> Credential:
        """A certificate for the host names and IP addresses of ``names``, fit for a server and for its mutual TLS."""
        wanted = sorted(set(names))
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        return self._ensure("server-" + _digest(wanted), _common_name(wanted[0]), _host_names(wanted), usages)

    def client_certificate(self, address: str) -> Credential:
        """The certificate of a machine mailbox: its e-mail subject alternative name (RFC 5280 §4.2.1.6) says which."""
        names: list[x509.GeneralName] = [x509.RFC822Name(address.lower())]
        stem = "client-" + _digest([address.lower()])
        return self._ensure(stem, _common_name(address.lower()), names, [ExtendedKeyUsageOID.CLIENT_AUTH])

    def signing_certificate(self, person: str, rpps: str) -> Credential:
        """A practitioner's certificate for signatures (PAdES), with non-repudiation and the RPPS as serial number."""
        subject = [
            x509.NameAttribute(NameOID.COMMON_NAME, person),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, rpps),
        ]
        return self._ensure("signature-" + _digest([person, rpps]), subject, [], [ExtendedKeyUsageOID.EMAIL_PROTECTION])

    def _ensure(
        self,
        stem: str,
        subject: list[x509.NameAttribute[str]],
        names: list[x509.GeneralName],
        usages: list[x509.ObjectIdentifier],
    ) -> Credential:
        credential = Credential(self.folder / f"{stem}.crt", self.folder / f"{stem}.key")
        with _locked(self.folder):
            if not _is_fresh(credential.certificate) or not credential.key.exists():
                self._issue(credential, subject, names, usages)
        return credential

    def _issue(
        self,
        credential: Credential,
        subject: list[x509.NameAttribute[str]],
        names: list[x509.GeneralName],
        usages: list[x509.ObjectIdentifier],
    ) -> None:
        authority = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        authority_key = _load_key(self.key)
        key = ec.generate_private_key(ec.SECP256R1())
        signs = not names
        builder = (
            _builder(subject, authority.subject, key.public_key(), CERTIFICATE_LIFE)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(content_commitment=signs), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
            )
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        _write(credential.key, _pem(key))
        _write(credential.certificate, builder.sign(authority_key, hashes.SHA256()).public_bytes(Encoding.PEM))


def ensure_authority(folder: Path) -> Authority:
    """The authority kept in ``folder``, made there at first call; safe when several processes call it at once."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = Authority(folder, folder / "authority.crt", folder / "authority.key")
    with _locked(folder):
        if not authority.certificate.exists() or not authority.key.exists():
            _make_authority(authority)
    return authority


def _make_authority(authority: Authority) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _common_name("Autorité de certification de démonstration")
    certificate = (
        _builder(subject, _name(subject), key.public_key(), AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(key_cert_sign=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(authority.key, _pem(key))
    _write(authority.certificate, certificate.public_bytes(Encoding.PEM))


def _builder(
    subject: list[x509.NameAttribute[str]], issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, content_commitment: bool = False, key_cert_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=key_cert_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _common_name(name: str) -> list[x509.NameAttribute[str]]:
    return [x509.NameAttribute(NameOID.COMMON_NAME, name[:64])]


def _name(subject: list[x509.NameAttribute[str]]) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION), *subject])


def _host_names(names: Iterable[str]) -> list[x509.GeneralName]:
    return [_host_name(name) for name in names]


def _host_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _digest(names: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:20]


def _is_fresh(path: Path) -> bool:
    if not path.exists():
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.not_valid_after_utc - datetime.now(UTC) > RENEW_BEFORE


def _load_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is not an elliptic curve key")
    return key


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        os.fsync(file.fileno())
    partial.rename(path)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
