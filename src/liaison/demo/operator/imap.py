"""What pymap needs to know of the accounts: its settings, the proof of identity, a session over the folders."""

import asyncio
import ssl
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NoReturn

from proxyprotocol.noop import ProxyProtocolNoop
from pymap.backend.session import BaseSession
from pymap.concurrent import Subsystem
from pymap.config import BackendCapability, IMAPConfig
from pymap.context import socket_info
from pymap.exceptions import AuthorizationFailure, InvalidAuth, NotAllowedError
from pymap.interfaces.login import IdentityInterface, LoginInterface
from pymap.selected import SelectedMailbox
from pymap.token import AllTokens
from pymap.user import UserMetadata
from pysasl import SASLAuth
from pysasl.creds.external import ExternalCredentials
from pysasl.creds.plain import PlainCredentials
from pysasl.creds.server import ServerCredentials
from pysasl.hashing import Cleartext
from pysasl.mechanism.external import ExternalMechanism
from pysasl.mechanism.login import LoginMechanism
from pysasl.mechanism.plain import PlainMechanism

from liaison.demo.operator.accounts import REFUSAL_DELAY, by_certificate, by_password
from liaison.demo.operator.config import Account, OperatorConfig
from liaison.demo.operator.folders import Folders, Message
from liaison.demo.operator.tls import certified_addresses

SPECIAL_USES = {"Sent": b"\\Sent", "Drafts": b"\\Drafts", "Trash": b"\\Trash"}

FoldersOf = Callable[[str], Folders]


class Config(IMAPConfig):
    """pymap's settings. ``starttls`` says that connections start in the clear, where nobody may authenticate."""

    def __init__(self, operator: OperatorConfig, context: ssl.SSLContext, *, starttls: bool) -> None:
        super().__init__(
            Namespace(),
            host=operator.host,
            port=0,
            ssl_context=context,
            tls_enabled=starttls,
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),
            proxy_protocol=ProxyProtocolNoop(),
            reject_dnsbl=False,
            max_append_len=operator.size_limit,
        )

    @property
    def backend_capability(self) -> BackendCapability:
        return BackendCapability(idle=True, object_id=True, multi_append=True, custom=[b"SPECIAL-USE"])

    @property
    def tls_auth(self) -> SASLAuth:
        return SASLAuth([PlainMechanism(), LoginMechanism(), ExternalMechanism()])

    @property
    def greeting(self) -> bytes:
        return b"IMAP ready"


class Session(BaseSession[Message]):
    """An authenticated connection to one account."""

    def __init__(self, owner: str, config: IMAPConfig, folders: Folders) -> None:
        super().__init__(owner)
        self._config = config
        self._folders = folders

    @property
    def config(self) -> IMAPConfig:
        return self._config

    @property
    def mailbox_set(self) -> Folders:
        return self._folders

    async def list_mailboxes(
        self,
        ref_name: str,
        filter_: str,
        subscribed: bool = False,
        selected: SelectedMailbox | None = None,
    ) -> tuple[Iterable[tuple[str, str | None, Sequence[bytes]]], SelectedMailbox | None]:
        """With the special use of each folder (RFC 6154), so that a client need not guess by name."""
        entries, updates = await super().list_mailboxes(ref_name, filter_, subscribed, selected)
        return [(name, delimiter, _with_use(name, marks)) for name, delimiter, marks in entries], updates


def _with_use(name: str, marks: Sequence[bytes]) -> Sequence[bytes]:
    use = SPECIAL_USES.get(name)
    return [*marks, use.removeprefix(b"\\")] if use else marks


class Identity(IdentityInterface):
    """An account that has proved itself."""

    def __init__(self, account: Account, config: IMAPConfig, folders_of: FoldersOf) -> None:
        self._account = account
        self._config = config
        self._folders_of = folders_of

    @property
    def name(self) -> str:
        return self._account.address.lower()

    @property
    def roles(self) -> frozenset[str]:
        return frozenset()

    @asynccontextmanager
    async def new_session(self) -> AsyncIterator[Session]:
        yield Session(self.name, self._config, self._folders_of(self.name))

    async def new_token(self, *, expiration: datetime | None = None) -> None:
        """No tokens here."""

    async def get(self) -> UserMetadata:
        return UserMetadata(self._config, self.name)

    async def set(self, metadata: UserMetadata) -> NoReturn:
        raise NotAllowedError(f"The configuration alone sets {metadata.name}.")

    async def delete(self) -> NoReturn:
        raise NotAllowedError


class Login(LoginInterface):
    """Checks the credentials of an account against the configuration."""

    def __init__(self, operator: OperatorConfig, config: IMAPConfig, folders_of: FoldersOf) -> None:
        self._operator = operator
        self._config = config
        self._folders_of = folders_of
        self._tokens = AllTokens(config)

    @property
    def tokens(self) -> AllTokens:
        return self._tokens

    async def authenticate(self, credentials: ServerCredentials) -> Identity:
        account = self._proved(credentials)
        if account is None:
            await asyncio.sleep(REFUSAL_DELAY)
            raise InvalidAuth
        return Identity(account, self._config, self._folders_of)

    def _proved(self, credentials: ServerCredentials) -> Account | None:
        if isinstance(credentials, ExternalCredentials):
            return by_certificate(self._operator, certified_addresses(socket_info.get().peercert))
        if isinstance(credentials, PlainCredentials):
            return by_password(self._operator, credentials)
        return None

    async def authorize(self, authenticated: IdentityInterface, authzid: str) -> Identity:
        """Nobody acts for another."""
        if authzid.lower() not in ("", authenticated.name) or not isinstance(authenticated, Identity):
            raise AuthorizationFailure
        return authenticated
