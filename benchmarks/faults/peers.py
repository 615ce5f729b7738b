"""The mail servers a world stands on: the demo operator, or the Dovecot and the Postfix that operators run."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from smtplib import SMTP, SMTPException

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError
from tests.support.dovecot import running_dovecot
from tests.support.mail_clients import TIMEOUT, client_context
from tests.support.operator import on_free_ports, start_operator, stop_operator
from tests.support.postfix import running_postfix

from liaison.demo.operator.config import Account, OperatorConfig
from liaison.demo.pki import Authority, ensure_authority

HOST = "127.0.0.1"
PASSWORD = "secret"  # noqa: S105 (of servers that live for one run, on loopback)


@dataclass(slots=True)
class Servers:
    """Running servers: STARTTLS on ``imap_port`` and ``smtp_port``, TLS from the first byte on ``imaps_port``.

    Connections of the harness itself are kept from one use to the next.
    """

    authority: Authority
    imap_port: int
    imaps_port: int
    smtp_port: int
    _readers: dict[str, IMAPClient] = field(default_factory=dict)
    _senders: dict[str, SMTP] = field(default_factory=dict)

    def post(self, raw: bytes, sender: str, recipient: str) -> None:
        """Give a message to the server as any sender does; it counts from the moment the server answered."""
        with suppress(SMTPException, OSError):
            self._sender(sender).noop()
        if sender in self._senders and self._senders[sender].sock is None:
            del self._senders[sender]
        self._sender(sender).sendmail(sender, [recipient], raw)

    def reader(self, address: str) -> IMAPClient:
        """A connection signed in to a mailbox, alive."""
        with suppress(IMAPClientError, OSError):
            if address in self._readers:
                self._readers[address].noop()
                return self._readers[address]
        client = IMAPClient(HOST, self.imaps_port, ssl_context=client_context(self.authority), timeout=TIMEOUT)
        client.login(address, PASSWORD)
        self._readers[address] = client
        return client

    def forget(self, *addresses: str) -> None:
        for address in addresses:
            with suppress(IMAPClientError, OSError):
                if reader := self._readers.pop(address, None):
                    reader.logout()

    def _sender(self, address: str) -> SMTP:
        if address not in self._senders:
            client = SMTP(HOST, self.smtp_port, timeout=TIMEOUT)
            client.starttls(context=client_context(self.authority))
            client.login(address, PASSWORD)
            self._senders[address] = client
        return self._senders[address]


@contextmanager
def demo_operator(folder: Path, addresses: Sequence[str]) -> Iterator[Servers]:
    accounts = tuple(Account(address, PASSWORD) for address in addresses)
    domains = tuple(sorted({address.partition("@")[2] for address in addresses}))
    config = OperatorConfig("faults", domains, folder / "operator", folder / "pki", accounts=accounts)
    config = on_free_ports(replace(config, retry_after=0.2, retry_at_most=0.5))
    process = start_operator(config)
    try:
        yield Servers(
            ensure_authority(config.pki), config.imap_port or 0, config.imaps_port or 0, config.smtp_port or 0
        )
    finally:
        stop_operator(process)


@contextmanager
def dovecot_postfix(folder: Path, addresses: Sequence[str]) -> Iterator[Servers]:
    with ExitStack() as stack:
        authority = ensure_authority(folder / "pki")
        dovecot = stack.enter_context(running_dovecot(authority, dict.fromkeys(addresses, PASSWORD)))
        postfix = stack.enter_context(running_postfix(dovecot, list(addresses)))
        yield Servers(authority, dovecot.imap_port, dovecot.imaps_port, postfix.smtp_port)


PEERS: dict[str, Callable[[Path, Sequence[str]], AbstractContextManager[Servers]]] = {
    "demo": demo_operator,
    "dovecot-postfix": dovecot_postfix,
}
