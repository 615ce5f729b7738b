"""The IMAP listener: pymap's connections, with no authentication before TLS even from the loopback."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack, closing

from proxyprotocol.sock import SocketInfoLocal
from pymap.context import connection_exit, socket_info
from pymap.exceptions import CloseConnection
from pymap.imap import IMAPConnection
from pymap.imap.state import ConnectionState
from pymap.interfaces.login import LoginInterface
from pymap.parsing.command.nonauth import StartTLSCommand
from pymap.parsing.response import CommandResponse, Response
from pymap.parsing.response.code import Capability
from pymap.selected import SelectedMailbox

from liaison.demo.operator.config import OperatorConfig
from liaison.demo.operator.folders import Folders
from liaison.demo.operator.imap import Config, Login
from liaison.demo.operator.tls import certified_addresses

log = logging.getLogger(__name__)

SILENCE_SECONDS = 30 * 60
STREAM_LIMIT = 256 * 1024


class RemoteSocket(SocketInfoLocal):
    """pymap lets the loopback authenticate in the clear; here no peer is exempt from TLS."""

    @property
    def from_localhost(self) -> bool:
        return False


class Connection(IMAPConnection):
    """Lets a silent client go, as RFC 3501 §5.4 allows after 30 minutes, and pushes whole lines.

    pymap writes a line in pieces; a client that polls while it idles (IMAPClient does) could lose the first ones.
    """

    async def write_updates(self, untagged: Iterable[Response]) -> None:
        self.writer.write(b"".join(bytes(response) for response in untagged))
        await self.writer.drain()

    async def readline(self) -> memoryview:
        async with asyncio.timeout(SILENCE_SECONDS):
            return await super().readline()


class State(ConnectionState):
    """Refuses commands slipped in the clear behind STARTTLS (the injection RFC 3207 §6 and RFC 9051 §11.1 warn of), and
    offers EXTERNAL only to a peer with a certificate: some clients (mutt) take it first and go no further.
    """

    def __init__(self, login: LoginInterface, config: Config, reader: asyncio.StreamReader) -> None:
        super().__init__(login, config)
        self._reader = reader

    @property
    def capability(self) -> Capability:
        offered = super().capability
        if certified_addresses(socket_info.get().peercert):
            return offered
        return Capability(name for name in offered.capabilities if name != b"AUTH=EXTERNAL")

    async def do_starttls(self, cmd: StartTLSCommand) -> tuple[CommandResponse, SelectedMailbox | None]:
        if await _has_more(self._reader):
            raise CloseConnection
        return await super().do_starttls(cmd)


async def _has_more(reader: asyncio.StreamReader) -> bool:
    try:
        await asyncio.wait_for(reader.read(1), timeout=0.01)
    except TimeoutError:
        return False
    return True


class ImapListener:
    """Serves IMAP on one port; ``starttls`` says whether it starts in the clear."""

    def __init__(
        self,
        operator: OperatorConfig,
        context: ssl.SSLContext,
        folders_of: Callable[[str], Folders],
        *,
        starttls: bool,
    ) -> None:
        self._config = Config(operator, context, starttls=starttls)
        self._login = Login(operator, self._config, folders_of)
        self._implicit = None if starttls else context
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> None:
        """Open the port; OSError when it is taken."""
        self._server = await asyncio.start_server(self._accept, host, port, ssl=self._implicit, limit=STREAM_LIMIT)

    async def close(self) -> None:
        if self._server:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (OSError, EOFError):
            log.info("imap connection lost")
        except Exception as error:  # noqa: BLE001 - one client's failure must not reach the loop, nor its text the log
            log.error("imap connection failed: %s", type(error).__name__)  # noqa: TRY400 - a traceback may quote mail

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        config = self._config
        connection = Connection(config.commands, config, reader, writer, RemoteSocket(writer))
        async with AsyncExitStack() as stack:
            connection_exit.set(stack)
            stack.enter_context(closing(connection))
            await connection.run(State(self._login, config, reader))
