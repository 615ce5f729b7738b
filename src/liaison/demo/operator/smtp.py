"""The SMTP side of an operator, on aiosmtpd: submission for its accounts, transport for the other operators.

aiosmtpd knows nothing of delivery status notifications: their parameters are taken off MAIL and RCPT before it looks.
"""

import asyncio
import logging
import re
import ssl
from abc import ABC, abstractmethod
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import format_datetime, getaddresses
from typing import Any
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword, Session, syntax
from aiosmtpd.smtp import Envelope as SmtpEnvelope
from pysasl.creds.plain import PlainCredentials

from liaison.demo.operator.accounts import REFUSAL_DELAY, by_certificate, by_password
from liaison.demo.operator.config import Account, OperatorConfig, domain_of
from liaison.demo.operator.queue import Envelope, Queue, Recipient, new_queue_id
from liaison.demo.operator.tls import certified_addresses, certified_domains

log = logging.getLogger(__name__)

NULL_PATH = "<>"
HOPS_AT_MOST = 30
IDLE_SECONDS = 300
COMMAND_SIZE = 990
AUTH_ATTEMPTS = 5
COMMANDS_AT_MOST = 100_000
ENVID_SIZE = 100
ORCPT_SIZE = 500
DSN_OPTIONS = {"RET", "ENVID", "NOTIFY", "ORCPT"}
NOTIFY_FORM = re.compile(r"NEVER|(SUCCESS|FAILURE|DELAY)(,(SUCCESS|FAILURE|DELAY))*")
XTEXT_FORM = re.compile(r"([!-*,-<>-~]|\+[0-9A-F]{2})+")
ORCPT_FORM = re.compile(r"[A-Za-z0-9-]+;([!-*,-<>-~]|\+[0-9A-F]{2})+")

BAD_DSN_OPTION = "501 5.5.4 Invalid delivery status notification parameter"
NOT_YOURS = "550 5.7.1 This sender address is not yours"
OUTSIDE = "550 5.7.1 Recipient outside the circle of trust"
UNKNOWN = "550 5.1.1 No such mailbox here"
NO_RELAY = "550 5.7.1 Relaying denied"
LOOPING = "554 5.4.6 Too many hops"


class Asked(SmtpEnvelope):
    """aiosmtpd's envelope, with what RFC 3461 adds to it."""

    def __init__(self) -> None:
        super().__init__()
        self.ret = self.envid = ""
        self.notify = self.orcpt = ""
        self.recipients: list[Recipient] = []

    @property
    def return_path(self) -> str:
        return "" if self.mail_from == NULL_PATH else str(self.mail_from or "")


class Protocol(SMTP):
    """aiosmtpd's server, taught the DSN parameters and to find the peer's certificate under either kind of TLS."""

    def __init__(self, handler: "Reception", **settings: Any) -> None:
        # one table of limits for each connection: aiosmtpd's is shared and grows at each EHLO
        self.command_size_limits = defaultdict(lambda: COMMAND_SIZE)
        super().__init__(handler, **settings)

    @property
    def peer_certificate(self) -> Mapping[str, Any] | None:
        return self.transport.get_extra_info("peercert") if self.transport else None

    def _create_envelope(self) -> Asked:
        return Asked()

    @syntax("MAIL FROM: <address>", extended=" [SP <mail-parameters>]")
    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd finds commands by name
        rest, options = _without_dsn_options(arg)
        if not _are_mail_options(options):
            await self.push(BAD_DSN_OPTION)
            return
        await super().smtp_MAIL(rest)
        if isinstance(self.envelope, Asked) and self.envelope.mail_from:
            self.envelope.ret = options.get("RET", "").upper()
            self.envelope.envid = options.get("ENVID", "")

    @syntax("RCPT TO: <address>", extended=" [SP <mail-parameters>]")
    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd finds commands by name
        rest, options = _without_dsn_options(arg)
        if not _are_recipient_options(options):
            await self.push(BAD_DSN_OPTION)
            return
        if isinstance(self.envelope, Asked):
            self.envelope.notify = options.get("NOTIFY", "").upper()
            self.envelope.orcpt = options.get("ORCPT", "")
        await super().smtp_RCPT(rest)


def _without_dsn_options(arg: str | None) -> tuple[str | None, dict[str, str]]:
    """The argument without its DSN parameters, and these by name; their case is kept, which ENVID and ORCPT need."""
    path, closing, tail = (arg or "").partition(">")
    options: dict[str, str] = {}
    others: list[str] = []
    for option in tail.split():
        name, _, value = option.partition("=")
        if name.upper() in DSN_OPTIONS:
            options[name.upper()] = value
        else:
            others.append(option)
    return (arg and " ".join([path + closing, *others])), options


def _are_mail_options(options: dict[str, str]) -> bool:
    if options.keys() - {"RET", "ENVID"}:
        return False
    envid = options.get("ENVID", "x")
    return (
        options.get("RET", "FULL").upper() in ("FULL", "HDRS") and len(envid) <= ENVID_SIZE and _is(XTEXT_FORM, envid)
    )


def _are_recipient_options(options: dict[str, str]) -> bool:
    if options.keys() - {"NOTIFY", "ORCPT"}:
        return False
    orcpt = options.get("ORCPT", "rfc822;x")
    return (
        _is(NOTIFY_FORM, options.get("NOTIFY", "NEVER").upper()) and len(orcpt) <= ORCPT_SIZE and _is(ORCPT_FORM, orcpt)
    )


def _is(form: re.Pattern[str], value: str) -> bool:
    return form.fullmatch(value) is not None


class Reception(ABC):
    """What submission and transport have in common: announce DSN, keep the mail, then say 250."""

    def __init__(self, operator: OperatorConfig, queue: Queue, wake: Callable[[], None]) -> None:
        self.operator = operator
        self._queue = queue
        self._wake = wake

    async def handle_EHLO(  # noqa: N802 - aiosmtpd finds hooks by name
        self, server: Protocol, session: Session, _envelope: Asked, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        certified = bool(certified_addresses(server.peer_certificate))
        known = [line if certified else line.replace(" EXTERNAL", "") for line in responses[:-1]]
        return [*(line for line in known if line.strip() != "250-AUTH"), "250-DSN", responses[-1]]

    async def handle_RCPT(  # noqa: N802
        self, _server: Protocol, _session: Session, envelope: Asked, address: str, _options: list[str]
    ) -> str:
        refusal = self.refuse_recipient(address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.recipients.append(Recipient(address, envelope.notify, envelope.orcpt))
        return "250 2.1.5 OK"

    def refuse_recipient(self, address: str) -> str:
        if self.operator.serves(address):
            return "" if self.operator.account(address) else UNKNOWN
        return "" if self.relays() and self.operator.trusts(address) else self.outside()

    @abstractmethod
    def relays(self) -> bool:
        """Whether mail for another operator is taken here."""

    @abstractmethod
    def outside(self) -> str:
        """The refusal of an address that is served neither here nor by the circle."""

    async def handle_DATA(self, _server: Protocol, session: Session, envelope: Asked) -> str:  # noqa: N802
        content = bytes(envelope.original_content or b"")
        refusal = self.refuse_content(session, content)
        if refusal:
            return refusal
        queue_id = new_queue_id()
        kept = Envelope(envelope.return_path, tuple(envelope.recipients), envelope.ret, envelope.envid)
        self._queue.add(kept, self._received(session, queue_id) + content, queue_id)
        log.info("%s accepted", queue_id)
        self._wake()
        return f"250 2.0.0 OK queued as {queue_id}"

    def refuse_content(self, _session: Session, content: bytes) -> str:
        headers = re.split(rb"\r\n\r\n", content, maxsplit=1)[0]
        hops = len(re.findall(rb"^received:", headers, re.IGNORECASE | re.MULTILINE))
        return LOOPING if hops > HOPS_AT_MOST else ""

    def _received(self, session: Session, queue_id: str) -> bytes:
        """The trace of this hop (RFC 5321 §4.4), with neither the recipient nor the sender in it."""
        helo = re.sub(r"[^A-Za-z0-9.:\[\]-]", "", session.host_name or "unknown")[:255]
        protocol = "ESMTPSA" if session.authenticated else "ESMTPS"
        date = format_datetime(datetime.now(UTC))
        trace = f"from {helo}\r\n\tby {self.operator.name} with {protocol} id {queue_id};\r\n\t{date}"
        return f"Received: {trace}\r\n".encode()

    async def handle_exception(self, error: Exception) -> str:
        """Say so without saying what: the text of an exception may quote the mail."""
        log.error("smtp session failed: %s", type(error).__name__)
        return "451 4.3.0 Internal error"


class Submission(Reception):
    """For the operator's own accounts, once they have proved who they are."""

    async def handle_MAIL(  # noqa: N802
        self, _server: Protocol, session: Session, envelope: Asked, address: str, _options: list[str]
    ) -> str:
        """Only one's own address, or the null path that an MDN needs (RFC 8098 §3)."""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        if address not in (NULL_PATH, "") and address.lower() != _address_of(session):
            return NOT_YOURS
        envelope.mail_from = address
        return "250 2.1.0 OK"

    def relays(self) -> bool:
        return True

    def outside(self) -> str:
        return OUTSIDE

    def refuse_content(self, session: Session, content: bytes) -> str:
        if authors(content) != [_address_of(session)]:
            return NOT_YOURS
        return super().refuse_content(session, content)

    async def auth_EXTERNAL(self, server: Protocol, args: list[str]) -> AuthResult:  # noqa: N802
        """RFC 4422 appendix A: who the client's certificate says; the answer may only repeat it."""
        answer = await _initial_response(server, args)
        if answer is None:
            return AuthResult(success=False, handled=True)
        account = by_certificate(self.operator, certified_addresses(server.peer_certificate))
        claimed = answer.decode("utf-8", "replace").lower()
        if account is None or claimed not in ("", account.address.lower()):
            await asyncio.sleep(REFUSAL_DELAY)
            return AuthResult(success=False, handled=False)
        return AuthResult(success=True, auth_data=account)

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: SmtpEnvelope, _mechanism: str, credentials: LoginPassword
    ) -> AuthResult:
        """aiosmtpd's callback for PLAIN and LOGIN."""
        login = credentials.login.decode("utf-8", "replace")
        account = by_password(self.operator, PlainCredentials(login, credentials.password.decode("utf-8", "replace")))
        return AuthResult(success=account is not None, handled=False, auth_data=account)


async def _initial_response(server: Protocol, args: list[str]) -> bytes | None:
    """The client's first answer, asked for when it did not come with AUTH; None once a refusal has been said."""
    if len(args) == 1:
        answer = await server.challenge_auth("")
        return answer if isinstance(answer, bytes) else None
    try:
        return b"" if args[1] == "=" else b64decode(args[1], validate=True)
    except ValueError:
        await server.push("501 5.5.2 Can't decode base64")
        return None


def _address_of(session: Session) -> str:
    account = session.auth_data
    return account.address.lower() if isinstance(account, Account) else ""


def authors(content: bytes) -> list[str]:
    """The addresses of every From header, in lower case."""
    headers = BytesHeaderParser().parsebytes(content).get_all("From", [])
    return [address.lower() for _, address in getaddresses([str(header) for header in headers])]


class Transport(Reception):
    """For the other operators of the circle, known by their certificate; it takes mail for its own domains only."""

    async def handle_MAIL(  # noqa: N802
        self, server: Protocol, _session: Session, envelope: Asked, address: str, _options: list[str]
    ) -> str:
        """The sender's domain must be one that the other operator's certificate vouches for."""
        domains = certified_domains(server.peer_certificate) & self.operator.circle
        if not domains or (address != NULL_PATH and domain_of(address) not in domains):
            return NOT_YOURS
        envelope.mail_from = address
        return "250 2.1.0 OK"

    def relays(self) -> bool:
        return False

    def outside(self) -> str:
        return NO_RELAY


class SmtpListener:
    """Serves SMTP on one port; ``starttls`` says whether it starts in the clear."""

    def __init__(self, reception: Reception, context: ssl.SSLContext, *, starttls: bool) -> None:
        self._reception = reception
        self._context = context
        self._starttls = starttls
        self._protocols: WeakSet[Protocol] = WeakSet()
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> None:
        """Open the port; OSError when it is taken."""
        implicit = None if self._starttls else self._context
        self._server = await asyncio.get_running_loop().create_server(self._protocol, host, port, ssl=implicit)

    async def close(self) -> None:
        if self._server:
            self._server.close()
        for protocol in self._protocols:
            if protocol.transport:
                protocol.transport.close()

    def _protocol(self) -> Protocol:
        reception = self._reception
        submits = isinstance(reception, Submission)
        protocol = Protocol(
            reception,
            data_size_limit=reception.operator.size_limit,
            hostname=reception.operator.name,
            ident="ESMTP",
            tls_context=self._context if self._starttls else None,
            require_starttls=self._starttls,
            auth_require_tls=self._starttls,
            auth_exclude_mechanism=() if submits else ("PLAIN", "LOGIN"),
            authenticator=reception.authenticate if isinstance(reception, Submission) else None,
            command_call_limit={"AUTH": AUTH_ATTEMPTS, "*": COMMANDS_AT_MOST},
            timeout=IDLE_SECONDS,
            loop=asyncio.get_running_loop(),
        )
        self._protocols.add(protocol)
        return protocol
