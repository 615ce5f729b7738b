"""A real Postfix of our own before a Dovecot of our own: SMTP with STARTTLS or TLS, delivering by LMTP.

People sign in by SASL through Dovecot; a machine is known by its client certificate alone, as operators run it.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

from tests.support.dovecot import Dovecot
from tests.support.operator import free_port

BINARY = shutil.which("postfix") or "/usr/sbin/postfix"
START_SECONDS = 20.0
MAIN = Template("""
compatibility_level = 3.6
queue_directory = $folder/spool
data_directory = $folder/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = $folder/mail.log
maillog_file_prefixes = $folder
myhostname = localhost
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks =
alias_maps =
alias_database =
message_size_limit = 52428800
mailbox_size_limit = 0
virtual_mailbox_domains = $domains
virtual_mailbox_maps = texthash:$folder/mailboxes
virtual_transport = lmtp:inet:127.0.0.1:$lmtp_port
default_transport = error:outside the circle of trust
smtpd_tls_cert_file = $certificate
smtpd_tls_key_file = $key
smtpd_tls_CAfile = $authority
smtpd_tls_ask_ccert = yes
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_auth_only = yes
smtpd_tls_security_level = encrypt
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:$sasl_port
smtpd_recipient_restrictions = permit_sasl_authenticated, permit_tls_all_clientcerts, reject
smtpd_relay_restrictions = permit_sasl_authenticated, permit_tls_all_clientcerts, reject
smtpd_sender_restrictions = reject_unlisted_sender
""")
MASTER = Template("""
127.0.0.1:$smtp_port inet n - n - - smtpd
127.0.0.1:$smtps_port inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
lmtp      unix  - - n - - lmtp
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
showq     unix  n - n - - showq
postlog   unix-dgram n - n - 1 postlogd
""")


@dataclass(frozen=True, slots=True)
class Postfix:
    """A running server. ``delivered`` reads its own log: what it says it gave to Dovecot."""

    folder: Path
    smtp_port: int
    smtps_port: int
    host: str = "127.0.0.1"

    def delivered(self, address: str) -> int:
        log = (self.folder / "mail.log").read_text(errors="replace")
        return len(re.findall(rf"to=<{re.escape(address)}>.*status=sent", log))


def is_installed() -> bool:
    return Path(BINARY).exists()


@contextmanager
def running_postfix(dovecot: Dovecot, addresses: list[str]) -> Iterator[Postfix]:
    """Run it for the length of a block, for these mailboxes of ``dovecot``."""
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    server = Postfix(folder, free_port(), free_port())
    process = _start(server, dovecot, addresses)
    try:
        yield server
    finally:
        _stop(server, process)
        shutil.rmtree(folder, ignore_errors=True)


def _stop(server: Postfix, process: subprocess.Popen[bytes]) -> None:
    """What was started is a script: the master it runs is the one to end, else it outlives us."""
    master = server.folder / "spool" / "pid" / "master.pid"
    os.kill(int(master.read_text()), signal.SIGTERM)
    process.wait(timeout=30)


def _start(server: Postfix, dovecot: Dovecot, addresses: list[str]) -> subprocess.Popen[bytes]:
    server.folder.chmod(0o755)
    for sub in ("spool", "data"):
        (server.folder / sub).mkdir()
    shutil.chown(server.folder / "data", "postfix")
    (server.folder / "mailboxes").write_text("".join(f"{address} yes\n" for address in addresses))
    credential = dovecot.authority.server_certificate([dovecot.host])
    settings = MAIN.substitute(
        folder=server.folder,
        domains=" ".join(sorted({address.partition("@")[2] for address in addresses})),
        lmtp_port=dovecot.lmtp_port,
        sasl_port=dovecot.sasl_port,
        certificate=credential.certificate,
        key=credential.key,
        authority=dovecot.authority.certificate,
    )
    (server.folder / "main.cf").write_text(settings)
    ports = MASTER.substitute(smtp_port=server.smtp_port, smtps_port=server.smtps_port)
    (server.folder / "master.cf").write_text(ports)
    process = subprocess.Popen(
        [BINARY, "-c", str(server.folder), "start-fg"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _wait_until_it_listens(server, process)
    return process


def _wait_until_it_listens(server: Postfix, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        if _greets(server):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            log = server.folder / "mail.log"
            raise RuntimeError(log.read_text() if log.exists() else "postfix did not start")
        time.sleep(0.05)


def _greets(server: Postfix) -> bool:
    """The port is open before its first process is ready: the greeting is what tells."""
    try:
        with socket.create_connection((server.host, server.smtp_port), timeout=START_SECONDS) as probe:
            return probe.recv(3) == b"220"
    except OSError:
        return False
