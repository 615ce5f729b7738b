"""A real Dovecot of our own, on loopback and free ports, privately configured: nothing of the machine's is used.

Needs Debian's dovecot-imapd and dovecot-lmtpd, and root (its processes leave root by themselves).
"""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from tests.support.operator import free_port

from liaison.demo.pki import Authority

BINARY = shutil.which("dovecot") or "/usr/sbin/dovecot"
START_SECONDS = 20.0
MAIL_USER, MAIL_GROUP = "mail", "mail"
CONFIGURATION = Template("""
base_dir = $folder/run
state_dir = $folder/state
log_path = $folder/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <$certificate
ssl_key = <$key
ssl_ca = <$authority
ssl_verify_client_cert = yes
ssl_require_crl = no
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = yes
auth_mechanisms = plain login external xoauth2 oauthbearer
auth_failure_delay = 0
auth_ssl_username_from_cert = yes
ssl_cert_username_field = commonName
mail_max_userip_connections = 0
passdb {
  driver = static
  mechanisms = external
  args = nopassword
}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $folder/oauth2.conf
}
passdb {
  driver = passwd-file
  args = $folder/users
}
userdb {
  driver = static
  args = uid=$user gid=$group home=$folder/mail/%u
}
mail_location = maildir:~/Maildir
mail_fsync = optimized
mail_uid = $user
mail_gid = $group
first_valid_uid = 1
first_valid_gid = 1
default_process_limit = 4000
default_client_limit = 12000
namespace inbox {
  inbox = yes
}
service imap-login {
  service_count = 0
  client_limit = 8000
  inet_listener imap {
    port = $imap_port
  }
  inet_listener imaps {
    port = $imaps_port
    ssl = yes
  }
}
service imap {
  process_limit = 4000
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = $lmtp_port
  }
}
service anvil {
  client_limit = 12000
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  client_limit = 12000
  inet_listener {
    address = 127.0.0.1
    port = $sasl_port
  }
}
protocol lmtp {
  auth_username_format = %Lu
}
""")
TOKENS = Template("""
introspection_mode = local
local_validation_key_dict = fs:posix:prefix=$folder/keys/
""")


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running server. ``folder`` is private to it; ``authority`` signed its certificate and those of its clients."""

    folder: Path
    authority: Authority
    imap_port: int
    imaps_port: int
    lmtp_port: int
    sasl_port: int
    host: str = "127.0.0.1"

    def maildir(self, address: str) -> Path:
        return self.folder / "mail" / address / "Maildir"

    def fill(self, address: str, messages: Sequence[bytes]) -> None:
        """Put messages in the INBOX as a delivery would, before any client opens it."""
        new = self.maildir(address) / "new"
        for sub in ("cur", "new", "tmp"):
            (self.maildir(address) / sub).mkdir(parents=True, exist_ok=True)
        for order, raw in enumerate(messages):
            (new / f"{1_700_000_000 + order}.M{order:06d}.liaison").write_bytes(raw)
        subprocess.run(["chown", "-R", f"{MAIL_USER}:{MAIL_GROUP}", str(self.folder / "mail" / address)], check=True)

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def token(self, address: str, seconds: int = 300) -> str:
        """An access token for the mailbox, as an OAuth server the operator trusts would sign it (RFC 7519, ES256)."""
        now = int(time.time())
        header = _coded({"alg": "ES256", "typ": "JWT"})
        claims = _coded({"email": address, "sub": address, "iat": now - 1, "nbf": now - 1, "exp": now + seconds})
        return f"{header}.{claims}.{_encode(_signed(_token_key(self), f'{header}.{claims}'.encode()))}"


def is_installed() -> bool:
    return Path(BINARY).exists() and os.geteuid() == 0


@contextmanager
def running_dovecot(authority: Authority, passwords: Mapping[str, str]) -> Iterator[Dovecot]:
    """Run it for the length of a block. ``passwords`` by address; machines sign in by their certificate's name."""
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    server = Dovecot(folder, authority, free_port(), free_port(), free_port(), free_port())
    process = _start(server, passwords)
    try:
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _start(server: Dovecot, passwords: Mapping[str, str]) -> subprocess.Popen[bytes]:
    server.folder.chmod(0o755)
    for sub in ("run", "state", "mail", "keys/default/RS256", "keys/default/ES256"):
        (server.folder / sub).mkdir(parents=True)
    shutil.chown(server.folder / "mail", MAIL_USER, MAIL_GROUP)
    users = "".join(f"{address}:{{PLAIN}}{password}\n" for address, password in passwords.items())
    (server.folder / "users").write_text(users)
    key = load_pem_private_key(_token_key(server).read_bytes(), None).public_key()
    (server.folder / "keys/default/ES256/default").write_bytes(
        key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    (server.folder / "oauth2.conf").write_text(TOKENS.substitute(folder=server.folder))
    credential = server.authority.server_certificate([server.host])
    (server.folder / "dovecot.conf").write_text(
        CONFIGURATION.substitute(
            folder=server.folder,
            certificate=credential.certificate,
            key=credential.key,
            authority=server.authority.certificate,
            user=MAIL_USER,
            group=MAIL_GROUP,
            imap_port=server.imap_port,
            imaps_port=server.imaps_port,
            lmtp_port=server.lmtp_port,
            sasl_port=server.sasl_port,
        )
    )
    process = subprocess.Popen([BINARY, "-F", "-c", str(server.folder / "dovecot.conf")])
    _wait_until_it_listens(server, process)
    return process


def _wait_until_it_listens(server: Dovecot, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex((server.host, server.imap_port)) == 0:
                return
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            log = server.folder / "log"
            raise RuntimeError(log.read_text() if log.exists() else "dovecot did not start")
        time.sleep(0.05)


def _token_key(server: Dovecot) -> Path:
    """The key of the authority signs the tokens too: one secret for the whole make-believe operator."""
    return server.authority.key


def _coded(value: dict[str, object]) -> str:
    return _encode(json.dumps(value).encode())


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _signed(key: Path, content: bytes) -> bytes:
    """ECDSA over P-256 as JOSE writes it: the two numbers side by side (RFC 7518 §3.4)."""
    private = load_pem_private_key(key.read_bytes(), None)
    assert isinstance(private, EllipticCurvePrivateKey)
    one, other = decode_dss_signature(private.sign(content, ECDSA(SHA256())))
    return one.to_bytes(32, "big") + other.to_bytes(32, "big")
