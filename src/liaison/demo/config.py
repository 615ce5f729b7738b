"""What the demo is made of on this machine: its folder, its ports, its rhythm. The servers' settings follow from it."""

import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from liaison.demo.neighbours import NEIGHBOURS
from liaison.demo.operator.config import Account, OperatorConfig, Route
from liaison.demo.pki import Authority, ensure_authority
from liaison.demo.world import DEFAULT_SEED, World
from liaison.demo.world.people import PATIENT_DOMAIN
from liaison.demo.world.values import MailOperator, Resident, demo_password
from liaison.runtime.ports import LOOPBACK, free_port

FOREIGN_DOMAIN = "laboratoire-nord.mssante.fr"


@dataclass(frozen=True, slots=True)
class OperatorPorts:
    """The ports of one operator: ``smtp``, ``imap`` and ``transport`` speak STARTTLS, the other two TLS at once."""

    smtp: int
    smtps: int
    imap: int
    imaps: int
    transport: int

    @classmethod
    def free(cls) -> "OperatorPorts":
        """Five ports nobody listens on now."""
        return cls(*(free_port() for _ in fields(cls)))


DEFAULT_PORTS = {
    "champagne": OperatorPorts(smtp=10587, smtps=10465, imap=10143, imaps=10993, transport=10025),
    "apicrypt": OperatorPorts(smtp=11587, smtps=11465, imap=11143, imaps=11993, transport=11025),
}


@dataclass(frozen=True, slots=True)
class DemoConfig:
    """One demo. ``home`` is its own folder; the delays are in seconds.

    ``answer_after`` is what a doctor takes to answer once he has read; ``letter_every`` the time between two letters of
    the hospitals, none at all when 0. ``ports`` are those of each operator, by its key; ``mllp_port`` is where the
    home's software speaks to the product, ``identity_port`` where the stand-in for Pro Santé Connect answers.
    """

    home: Path
    seed: int = DEFAULT_SEED
    host: str = LOOPBACK
    ports: dict[str, OperatorPorts] = field(default_factory=lambda: dict(DEFAULT_PORTS))
    answer_after: float = 20.0
    letter_every: float = 240.0
    mllp_port: int = 12575
    identity_port: int = 12443

    @property
    def pki(self) -> Path:
        return self.home / "pki"

    @property
    def authority(self) -> Authority:
        return ensure_authority(self.pki)

    def on_free_ports(self) -> "DemoConfig":
        """The same demo beside another one."""
        ports = {key: OperatorPorts.free() for key in self.ports}
        return replace(self, ports=ports, mllp_port=free_port(), identity_port=free_port())

    def save(self, path: Path) -> None:
        partial = path.with_name(f"{path.name}.partial")
        partial.write_text(json.dumps(asdict(self), default=str, indent=2), encoding="utf-8")
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "DemoConfig":
        """The configuration of a file; ValueError, in French, when it cannot be one."""
        try:
            values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            ports = {key: OperatorPorts(**each) for key, each in values["ports"].items()}
            return cls(**{**values, "home": Path(values["home"]), "ports": ports})
        except (OSError, TypeError, KeyError, ValueError, AttributeError) as error:
            raise ValueError(f"configuration illisible : {path} ({type(error).__name__})") from error


def operator_configs(config: DemoConfig, world: World) -> tuple[OperatorConfig, ...]:
    """The settings of each operator: its accounts, and the way to the other's domains."""
    return tuple(_operator_config(config, world, operator) for operator in world.operators)


def _operator_config(config: DemoConfig, world: World, operator: MailOperator) -> OperatorConfig:
    ports = config.ports[operator.key]
    return OperatorConfig(
        name=operator.key,
        domains=operator.domains,
        home=config.home / "operators" / operator.key,
        pki=config.pki,
        host=config.host,
        smtp_port=ports.smtp,
        smtps_port=ports.smtps,
        imap_port=ports.imap,
        imaps_port=ports.imaps,
        transport_port=ports.transport,
        accounts=tuple(account for account in accounts(world) if world.operator_of(account.address) == operator),
        routes=tuple(_routes(config, world, operator)),
        # Newly in the trust circle: the operator already knows of it, the homes' copy of the list does not.
        allowed_domains=(FOREIGN_DOMAIN,),
    )


def _routes(config: DemoConfig, world: World, operator: MailOperator) -> list[Route]:
    return [
        Route(domain, config.host, config.ports[other.key].transport)
        for other in world.operators
        if other != operator
        for domain in other.domains
    ]


def patient_address(resident: Resident) -> str:
    """The resident's own mailbox, in Mon espace santé."""
    return f"{resident.ins}@{PATIENT_DOMAIN}"


def accounts(world: World) -> tuple[Account, ...]:
    """Every mailbox of the world. A certificate opens the organisational ones, a password a person's."""
    organisational = [mailbox.address for mailbox in world.mailboxes if mailbox.kind == "ORG"]
    machines = [*organisational, *(hospital.address for hospital in world.hospitals)]
    personal = [mailbox.address for mailbox in world.mailboxes if mailbox.kind == "PER"]
    patients = [patient_address(resident) for resident in world.residents if resident.ins_status == "QUAL"]
    neighbours = [listed.email for listed in NEIGHBOURS]
    people = [*personal, *patients, *neighbours, *(doctor.address for doctor in world.doctors)]
    return (
        *(Account(address, machine=True) for address in machines),
        *(Account(address, demo_password(address)) for address in people),
    )
