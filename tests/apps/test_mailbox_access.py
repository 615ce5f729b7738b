"""How a mailbox is opened: OAuth tokens from a real HTTPS server, revocation lists from a real HTTP one."""

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from tests.support.desk import Desk
from tests.support.smtp_double import smtp_double

from liaison.apps.audit.models import Entry
from liaison.apps.intake.poll import poll
from liaison.apps.mailboxes.actions import do_add_operator, do_refresh_revocation_list
from liaison.apps.mailboxes.connection import Credentials, Endpoint, credentials_of, smtp_endpoint
from liaison.apps.mailboxes.models import Mailbox, Operator
from liaison.apps.mailboxes.smtp import Envelope, SendingPostponed, SendingRefused, send
from liaison.apps.mailboxes.tokens import TokenRefused, access_token, do_renew_access, forget_token
from liaison.demo.pki import Authority, ensure_authority

pytestmark = pytest.mark.django_db


@dataclass
class Web:
    """A small web server: what it will answer (status, body), and what it was asked."""

    status: int = 200
    body: bytes = b"{}"
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    authorization: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def web(authority: Authority | None = None) -> Iterator[Web]:
    own = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            said = self.rfile.read(int(self.headers["Content-Length"]))
            own.asked.append(parse_qs(said.decode()))
            own.authorization.append(self.headers.get("Authorization", ""))
            self._answer()

        def _answer(self) -> None:
            self.send_response(own.status)
            self.send_header("Content-Length", str(len(own.body)))
            self.end_headers()
            self.wfile.write(own.body)

        def log_message(self, *_arguments: object) -> None:
            """Silent: the tests look at what was asked."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scheme = "http"
    if authority:
        credential = authority.server_certificate(["127.0.0.1"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(credential.certificate, credential.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    own.url = f"{scheme}://127.0.0.1:{server.server_address[1]}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield own
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return ensure_authority(tmp_path_factory.mktemp("pki"))


def open_by_token(desk: Desk, authority: Authority, url: str) -> Mailbox:
    operator = desk.mailbox.operator
    Operator.objects.filter(pk=operator.pk).update(
        token_url=url, token_client="liaison", authority_file=str(authority.certificate)
    )
    Mailbox.objects.filter(pk=desk.mailbox.pk).update(sealed_password=b"")
    mailbox = Mailbox.objects.select_related("operator", "site").get(pk=desk.mailbox.pk)
    forget_token(mailbox)
    do_renew_access(mailbox, refresh_token="premier")
    return mailbox


def says(token: str, **more: Any) -> bytes:
    return json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": 300, **more}).encode()


def test_a_token_is_asked_once_and_kept_while_it_lasts(desk: Desk, authority: Authority) -> None:
    with web(authority) as server:
        server.body = says("jeton-1")
        mailbox = open_by_token(desk, authority, server.url)
        assert [access_token(mailbox), credentials_of(mailbox).access_token] == ["jeton-1", "jeton-1"]
    (asked,) = server.asked
    assert asked == {"grant_type": ["refresh_token"], "refresh_token": ["premier"]}


def test_a_renewed_refresh_token_replaces_the_former_and_is_in_the_journal_without_its_value(
    desk: Desk, authority: Authority
) -> None:
    with web(authority) as server:
        server.body = says("jeton-1", refresh_token="deuxieme")
        mailbox = open_by_token(desk, authority, server.url)
        access_token(mailbox)
        forget_token(mailbox)
        access_token(Mailbox.objects.select_related("operator", "site").get(pk=mailbox.pk))
    assert [one["refresh_token"] for one in server.asked] == [["premier"], ["deuxieme"]]
    entries = Entry.objects.filter(action="mailbox_access_renewed")
    assert entries.count() == 3
    assert "deuxieme" not in str(list(entries.values()))


@pytest.mark.parametrize(
    ("status", "body"), [(401, b"{}"), (200, b"pas du json"), (200, b"[]"), (200, b'{"access_token": 3}'), (500, b"")]
)
def test_a_refusal_of_the_token_server_is_said_on_the_mailbox(
    desk: Desk, authority: Authority, status: int, body: bytes
) -> None:
    with web(authority) as server:
        server.status, server.body = status, body
        mailbox = open_by_token(desk, authority, server.url)
        with pytest.raises(TokenRefused, match=str(status)):
            access_token(mailbox)
        assert poll(mailbox) == 0
    mailbox.refresh_from_db()
    assert mailbox.failure == f"Le serveur de jetons refuse (réponse {status})."


def test_a_token_server_of_another_authority_is_never_given_the_secret(
    desk: Desk, authority: Authority, tmp_path: Path
) -> None:
    with web(ensure_authority(tmp_path)) as impostor:
        mailbox = open_by_token(desk, authority, impostor.url)
        with pytest.raises(TokenRefused, match="ConnectError"):
            access_token(mailbox)
    assert impostor.asked == []


def test_the_smtp_server_is_given_the_token_by_xoauth2(authority: Authority) -> None:
    with smtp_double(authority) as double:
        endpoint = Endpoint("127.0.0.1", double.port, "tls", str(authority.certificate))
        credentials = Credentials("bal@x.mssante.fr", access_token="jeton-1")
        send(endpoint, credentials, Envelope("bal@x.mssante.fr", "gp@y.mssante.fr"), b"x", timeout=5)
    (said,) = [line for line in double.heard if line.startswith("AUTH")]
    decoded = base64.b64decode(said.removeprefix("AUTH XOAUTH2 "))
    assert decoded == b"user=bal@x.mssante.fr\x01auth=Bearer jeton-1\x01\x01"


def test_a_token_refused_by_the_smtp_server_sends_nothing(authority: Authority) -> None:
    refusing = {"AUTH": "334 eyJzdGF0dXMiOiI0MDAifQ==", "": "535 5.7.8 refused"}
    with smtp_double(authority, refusing) as double:
        endpoint = Endpoint("127.0.0.1", double.port, "tls", str(authority.certificate))
        credentials = Credentials("bal@x.mssante.fr", access_token="vieux")
        with pytest.raises((SendingRefused, SendingPostponed)):
            send(endpoint, credentials, Envelope("bal@x.mssante.fr", "gp@y.mssante.fr"), b"x", timeout=5)
    assert not any(line.startswith("MAIL") for line in double.heard)


def revoking(
    authority: Authority, *serials: int, days: float = 1, since: timedelta = timedelta(hours=1)
) -> x509.CertificateRevocationList:
    key = load_pem_private_key(authority.key.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    issuer = x509.load_pem_x509_certificate(authority.certificate.read_bytes()).subject
    now = datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder(issuer, now - since, now + timedelta(days=days))
    for serial in serials:
        one = x509.RevokedCertificateBuilder(serial, now - since).build()
        builder = builder.add_revoked_certificate(one)
    return builder.sign(key, hashes.SHA256())


def serial_of_server(authority: Authority) -> int:
    credential = authority.server_certificate(["127.0.0.1"])
    return x509.load_pem_x509_certificate(credential.certificate.read_bytes()).serial_number


def declare(authority: Authority, url: str, port: int = 1) -> Operator:
    return do_add_operator(
        name="révocations",
        host="127.0.0.1",
        imap_port=port,
        smtp_port=port,
        security=Operator.Security.TLS,
        authority_file=str(authority.certificate),
        revocation_url=url,
    )


@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
def test_a_server_whose_certificate_is_revoked_is_not_spoken_to(authority: Authority, encoding: Encoding) -> None:
    with web() as server, smtp_double(authority) as double:
        server.body = revoking(authority, serial_of_server(authority)).public_bytes(encoding)
        operator = declare(authority, server.url, double.port)
        assert do_refresh_revocation_list(operator)
        operator.refresh_from_db()
        with pytest.raises(SendingPostponed, match="SSLCertVerificationError"):
            send(smtp_endpoint(operator), Credentials("a@b.fr", "x"), Envelope("a@b.fr", "c@d.fr"), b"x", timeout=5)
    assert double.heard == []


def test_a_server_whose_certificate_is_not_in_the_list_is_spoken_to(authority: Authority) -> None:
    with web() as server, smtp_double(authority) as double:
        server.body = revoking(authority, 12345).public_bytes(Encoding.DER)
        operator = declare(authority, server.url, double.port)
        do_refresh_revocation_list(operator)
        operator.refresh_from_db()
        sender = Credentials("a@b.fr", "x")
        said = send(smtp_endpoint(operator), sender, Envelope("a@b.fr", "c@d.fr"), b"x", timeout=5)
    assert said.startswith("250")


def test_the_last_good_list_stays_in_force_when_the_next_cannot_be_had_or_believed(
    authority: Authority, tmp_path: Path
) -> None:
    good = revoking(authority, 1).public_bytes(Encoding.DER)
    bad = {
        "n'est pas signée par l'autorité": revoking(ensure_authority(tmp_path), 1).public_bytes(Encoding.DER),
        "périmée": revoking(authority, 1, days=-0.01).public_bytes(Encoding.DER),
        "plus ancienne": revoking(authority, since=timedelta(hours=5)).public_bytes(Encoding.DER),
        "n'est pas une liste": b"<html>",
    }
    with web() as server:
        server.body = good
        operator = declare(authority, server.url)
        assert do_refresh_revocation_list(operator)
        for sentence, body in bad.items():
            server.body = body
            operator.refresh_from_db()
            assert not do_refresh_revocation_list(operator)
            operator.refresh_from_db()
            assert sentence in operator.revocation_problem
            assert x509.load_pem_x509_crl(bytes(operator.revocation_list)).public_bytes(Encoding.DER) == good
    operator.refresh_from_db()
    assert not do_refresh_revocation_list(operator)
    operator.refresh_from_db()
    assert "n'a pas pu être relevée" in operator.revocation_problem
