"""The TLS of an operator: version 1.2 at least (ECO.1.1.1), and no trust but the demo's own authority."""

import ssl
from collections.abc import Mapping
from typing import Any

from liaison.demo.pki import Authority, Credential


def client_facing(authority: Authority, credential: Credential) -> ssl.SSLContext:
    """For mail clients: a certificate is checked when one is shown; who shows none must have a password."""
    return _server(authority, credential, ssl.CERT_OPTIONAL)


def operator_facing(authority: Authority, credential: Credential) -> ssl.SSLContext:
    """For other operators: mutual TLS, always."""
    return _server(authority, credential, ssl.CERT_REQUIRED)


def towards_operator(authority: Authority, credential: Credential) -> ssl.SSLContext:
    """To hand mail over: the other's certificate is checked, name included, and ours is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority.certificate)
    context.load_cert_chain(credential.certificate, credential.key)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _server(authority: Authority, credential: Credential, verify: ssl.VerifyMode) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(credential.certificate, credential.key)
    context.load_verify_locations(authority.certificate)
    context.verify_mode = verify
    return context


def certified_addresses(certificate: Mapping[str, Any] | None) -> frozenset[str]:
    """The e-mail addresses a peer's certificate vouches for; it comes as ``SSLSocket.getpeercert()`` gives it."""
    return _names(certificate, "email")


def certified_domains(certificate: Mapping[str, Any] | None) -> frozenset[str]:
    """The domains a peer's certificate vouches for."""
    return _names(certificate, "DNS")


def _names(certificate: Mapping[str, Any] | None, kind: str) -> frozenset[str]:
    names = (certificate or {}).get("subjectAltName", ())
    return frozenset(value.lower() for name, value in names if name == kind)
