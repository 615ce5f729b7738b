"""What an operator serves, to whom, on which ports; saved as JSON so that a process can start from a file."""

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox. A machine's proves itself by client certificate alone, a person's by password."""

    address: str
    password: str | None = None
    machine: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """Where the mail of a domain kept by another operator goes: the host and transport port of that operator."""

    domain: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class OperatorConfig:
    """One operator. A port of None is not opened.

    ``smtp_port``, ``imap_port`` and ``transport_port`` speak STARTTLS; ``smtps_port`` and ``imaps_port`` are TLS from
    the first byte. The trust circle is ``domains``, the domains of ``routes`` and ``allowed_domains``: mail goes
    nowhere else. ``size_limit`` is in bytes, the four waits in seconds: between two tries of a delivery (doubling up
    to ``retry_at_most``), before the sender is told of a delay, before the operator gives up.
    """

    name: str
    domains: tuple[str, ...]
    home: Path
    pki: Path
    host: str = "127.0.0.1"
    smtp_port: int | None = None
    smtps_port: int | None = None
    imap_port: int | None = None
    imaps_port: int | None = None
    transport_port: int | None = None
    accounts: tuple[Account, ...] = ()
    routes: tuple[Route, ...] = ()
    allowed_domains: tuple[str, ...] = ()
    size_limit: int = 25 * MEBIBYTE
    retry_after: float = 2.0
    retry_at_most: float = 300.0
    delayed_after: float = 4 * 3600.0
    give_up_after: float = 2 * 86400.0

    @property
    def host_names(self) -> tuple[str, ...]:
        """The names the server certificate carries; its domains too, so that another operator may check a sender."""
        return (self.host, "localhost", *(domain.lower() for domain in self.domains))

    @property
    def circle(self) -> frozenset[str]:
        names = (*self.domains, *self.allowed_domains, *(route.domain for route in self.routes))
        return frozenset(name.lower() for name in names)

    def serves(self, address: str) -> bool:
        return domain_of(address) in {domain.lower() for domain in self.domains}

    def trusts(self, address: str) -> bool:
        return domain_of(address) in self.circle

    def account(self, address: str) -> Account | None:
        wanted = address.lower()
        return next((account for account in self.accounts if account.address.lower() == wanted), None)

    def route(self, address: str) -> Route | None:
        domain = domain_of(address)
        return next((route for route in self.routes if route.domain.lower() == domain), None)

    def save(self, path: Path) -> None:
        """Write the configuration as JSON, readable by its owner alone: it holds passwords."""
        text = json.dumps(asdict(self), default=str, ensure_ascii=False, indent=2)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)

    @classmethod
    def load(cls, path: Path) -> "OperatorConfig":
        """The configuration of a file; ValueError, in French, when it cannot be one."""
        try:
            return cls._from_values(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, AttributeError, TypeError, KeyError, ValueError) as error:
            raise ValueError(f"configuration illisible : {path} ({type(error).__name__})") from error

    @classmethod
    def _from_values(cls, values: dict[str, Any]) -> "OperatorConfig":
        unknown = values.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise KeyError(*sorted(unknown))
        known = {
            **values,
            "home": Path(values["home"]),
            "pki": Path(values["pki"]),
            "domains": tuple(values["domains"]),
            "allowed_domains": tuple(values.get("allowed_domains", ())),
            "accounts": tuple(Account(**account) for account in values.get("accounts", ())),
            "routes": tuple(Route(**route) for route in values.get("routes", ())),
        }
        return cls(**known)


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()
