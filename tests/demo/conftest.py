"""The two operators of the world, each a real process, and a way to look into a mailbox."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from imapclient import IMAPClient
from tests.support.operator import running_operator

from liaison.core.mail.message import read_mail
from liaison.core.mail.values import Mail
from liaison.demo.config import DemoConfig, operator_configs
from liaison.demo.post import MailAccount, machine_account, person_account
from liaison.demo.world import World, build_world


@dataclass(frozen=True)
class Circle:
    """The world with its operators running."""

    config: DemoConfig
    world: World

    def account(self, address: str) -> MailAccount:
        machines = {mailbox.address for mailbox in self.world.mailboxes if mailbox.kind == "ORG"}
        machines |= {hospital.address for hospital in self.world.hospitals}
        make = machine_account if address in machines else person_account
        return make(self.config, self.world, address)

    def mails(self, address: str) -> list[Mail]:
        """What stands in the INBOX of an address now."""
        return [read_mail(raw) for raw in self.raws(address)]

    def raws(self, address: str) -> list[bytes]:
        account = self.account(address)
        with IMAPClient(account.host, account.imap_port, ssl=False, timeout=20) as client:
            client.starttls(account.tls())
            if account.credential:
                client.sasl_login("EXTERNAL", lambda _challenge: address.encode())
            else:
                client.login(address, account.password)
            client.select_folder("INBOX", readonly=True)
            found = client.fetch(client.search(), ["BODY.PEEK[]"])
            return [found[uid][b"BODY[]"] for uid in sorted(found)]


@pytest.fixture(scope="session")
def demo_circle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Circle]:
    config = DemoConfig(tmp_path_factory.mktemp("demo"), answer_after=0.2, letter_every=0.0).on_free_ports()
    world = build_world(config.seed)
    with ExitStack() as stack:
        for operator in operator_configs(config, world):
            stack.enter_context(running_operator(operator))
        yield Circle(config, world)


Wait = Callable[[Callable[[], object]], None]


@pytest.fixture
def until() -> Wait:
    """Wait for something of the outside to become true, twenty seconds at most."""
    import time

    def wait(holds: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < deadline, "it never came"
            time.sleep(0.1)

    return wait


@pytest.fixture
def demo_file(demo_circle: Circle, tmp_path: Path) -> Path:
    """The configuration an actor's process starts from."""
    path = tmp_path / "config.json"
    demo_circle.config.save(path)
    return path
