"""A private Dovecot on loopback, TLS with an authority of its own, and mailboxes filled by writing their files."""

import grp
import imaplib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from liaison.demo.pki import ensure_authority

HOST = "localhost"
PASSWORD = "banc"  # noqa: S105 (of a server that lives as long as the bench)
START_SECONDS = 20
_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {internal_group}
first_valid_uid = 1
mail_max_userip_connections = 50
auth_username_format = %n
mail_location = maildir:~/Maildir
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the mailboxes are; every one has the same password, and ``authority`` signs the server's certificate.

    A mailbox answers to its name, with any domain after it.
    """

    folder: Path
    port: int
    authority: Path
    owner: tuple[int, int]

    def fill(self, user: str, messages: Iterable[bytes]) -> None:
        """Make a mailbox that holds these messages, in their order."""
        home = self.folder / "mail" / user
        for name in ("cur", "new", "tmp"):
            (home / "Maildir" / name).mkdir(parents=True)
        for number, raw in enumerate(messages):
            (home / "Maildir" / "cur" / f"{number:010}.banc:2,").write_bytes(raw)
        for path in (home, *home.rglob("*")):
            os.chown(path, *self.owner)
        with self.signed_in(user) as client:
            client.select("INBOX")

    @contextmanager
    def signed_in(self, user: str) -> Iterator[imaplib.IMAP4_SSL]:
        context = ssl.create_default_context(cafile=str(self.authority))
        with imaplib.IMAP4_SSL(HOST, self.port, ssl_context=context) as client:
            client.login(user, PASSWORD)
            yield client


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Dovecot from its start to its end. Raises SystemExit when it does not start."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise SystemExit("Dovecot n'est pas installé (sous Debian : apt-get install dovecot-imapd).")
    server, configuration = _prepared(folder)
    process = subprocess.Popen(  # noqa: S603 (the program found on the path, our own file)
        [program, "-F", "-c", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(server, process)
        yield server
    finally:
        process.terminate()
        process.wait()


def _prepared(folder: Path) -> tuple[Server, Path]:
    """Run by root, mail belongs to the account « mail »; else all to who runs it."""
    is_root = os.geteuid() == 0
    owner = (pwd.getpwnam("mail").pw_uid, grp.getgrnam("mail").gr_gid) if is_root else (os.getuid(), os.getgid())
    me = pwd.getpwuid(os.getuid()).pw_name
    authority = ensure_authority(folder / "pki")
    own = authority.server_certificate([HOST, "127.0.0.1"])
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "mail").mkdir()
    folder.chmod(0o755)
    configuration = folder / "dovecot.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            folder=folder,
            certificate=own.certificate,
            key=own.key,
            internal="dovecot" if is_root else me,
            login="dovenull" if is_root else me,
            internal_group="dovecot" if is_root else grp.getgrgid(os.getgid()).gr_name,
            password=PASSWORD,
            uid=owner[0],
            gid=owner[1],
            port=port,
        )
    )
    return Server(folder, port, authority.certificate, owner), configuration


def _wait_for(server: Server, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    log = server.folder / "log"
    raise SystemExit(f"Dovecot ne démarre pas :\n{log.read_text()[-2000:] if log.exists() else ''}")
