"""One operator, started and stopped: its ports, its courier, its database."""

import asyncio
import errno
import fcntl
import logging
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

from liaison.demo.operator.config import OperatorConfig
from liaison.demo.operator.database import Database
from liaison.demo.operator.delivery import Courier
from liaison.demo.operator.folders import Folders
from liaison.demo.operator.imap_server import ImapListener
from liaison.demo.operator.mailstore import MailStore
from liaison.demo.operator.queue import Queue
from liaison.demo.operator.smtp import SmtpListener, Submission, Transport
from liaison.demo.operator.tls import client_facing, operator_facing, towards_operator
from liaison.demo.pki import ensure_authority

LIBRARY_LOGS = ("mail.log", "mail.debug", "pymap", "asyncio")


class CannotStartError(Exception):
    """Why the operator cannot start, in French, for the person who started it."""


class Operator:
    """``start()`` returns once every port listens; ``stop()`` closes them and leaves the rest on disk.

    ``courier`` ends only on a failure that it cannot outlive: whoever runs the operator must then stop it.
    """

    courier: asyncio.Task[None]

    def __init__(self, config: OperatorConfig) -> None:
        self._config = config
        self._folders: dict[str, Folders] = {}
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        async with AsyncExitStack() as stack:
            await self._start(stack)
            self._stack = stack.pop_all()

    async def stop(self) -> None:
        await self._stack.aclose()

    async def _start(self, stack: AsyncExitStack) -> None:
        config = self._config
        config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        stack.enter_context(_locked(config))
        database = Database(config.home / "operator.sqlite3")
        stack.callback(database.close)
        self._store = MailStore(database)
        for account in config.accounts:
            self._folders_of(account.address.lower())
        await self._open_ports(stack, Queue(database))

    async def _open_ports(self, stack: AsyncExitStack, queue: Queue) -> None:
        config = self._config
        authority = await asyncio.to_thread(ensure_authority, config.pki)
        credential = await asyncio.to_thread(authority.server_certificate, config.host_names)
        courier = Courier(config, queue, self._store, self._folders_of, towards_operator(authority, credential))
        clients = client_facing(authority, credential)
        submission = Submission(config, queue, courier.wake)
        transport = Transport(config, queue, courier.wake)
        listeners = (
            (config.smtp_port, SmtpListener(submission, clients, starttls=True)),
            (config.smtps_port, SmtpListener(submission, clients, starttls=False)),
            (config.imap_port, ImapListener(config, clients, self._folders_of, starttls=True)),
            (config.imaps_port, ImapListener(config, clients, self._folders_of, starttls=False)),
            (config.transport_port, SmtpListener(transport, operator_facing(authority, credential), starttls=True)),
        )
        for port, listener in listeners:
            if port is not None:
                await _open(listener, config.host, port)
                stack.push_async_callback(listener.close)
        self.courier = asyncio.get_running_loop().create_task(courier.run())
        stack.push_async_callback(_cancel, self.courier)

    def _folders_of(self, address: str) -> Folders:
        if address not in self._folders:
            self._folders[address] = Folders(self._store, address)
        return self._folders[address]


async def _open(listener: SmtpListener | ImapListener, host: str, port: int) -> None:
    try:
        await listener.listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStartError(f"le port {port} de {host} est déjà utilisé par un autre programme") from error
        raise CannotStartError(f"impossible d'ouvrir le port {port} de {host} : {error.strerror}") from error


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@contextmanager
def _locked(config: OperatorConfig) -> Iterator[None]:
    """One process at a time on a folder: sessions hear of changes from their own process only."""
    with (config.home / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStartError(f"un autre opérateur utilise déjà le dossier {config.home}") from error
        yield


def quiet_libraries() -> None:
    """The libraries log addresses, commands and tracebacks, which name people; the operator logs queue ids."""
    for name in LIBRARY_LOGS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
