"""Two operators of one trust circle, each a real process, shared by the tests of this folder."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.support.operator import on_free_ports, running_operator

from liaison.demo.operator.config import Account, OperatorConfig, Route
from liaison.demo.pki import Authority, ensure_authority

HOME_DOMAIN = "btprms.mssante.test"
HOSPITAL_DOMAIN = "chu-reims.mssante.test"
DOCTOR = "anne.martin@btprms.mssante.test"
SECRETARY = "secretariat@btprms.mssante.test"
MACHINE = "orbais@btprms.mssante.test"
HOSPITAL = "geriatrie@chu-reims.mssante.test"


def operator_config(root: Path, name: str, domain: str, *accounts: Account) -> OperatorConfig:
    return on_free_ports(
        OperatorConfig(
            name=name,
            domains=(domain,),
            home=root / name,
            pki=root / "pki",
            accounts=accounts,
            size_limit=12 * 1024 * 1024,
            retry_after=0.2,
            retry_at_most=0.5,
        )
    )


def home_config(root: Path) -> OperatorConfig:
    accounts = (Account(DOCTOR, "mot de passe"), Account(SECRETARY, "secret"), Account(MACHINE, machine=True))
    return operator_config(root, "maison", HOME_DOMAIN, *accounts)


def route_to(config: OperatorConfig) -> Route:
    assert config.transport_port is not None
    return Route(config.domains[0], config.host, config.transport_port)


@dataclass(frozen=True)
class Circle:
    home: OperatorConfig
    hospital: OperatorConfig
    authority: Authority


@pytest.fixture(scope="module")
def circle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Circle]:
    root = tmp_path_factory.mktemp("circle")
    hospital = operator_config(root, "hopital", HOSPITAL_DOMAIN, Account(HOSPITAL, "secret"))
    home = replace(home_config(root), routes=(route_to(hospital),), allowed_domains=("perdu.mssante.test",))
    hospital = replace(hospital, routes=(route_to(home),))
    with running_operator(home), running_operator(hospital):
        yield Circle(home, hospital, ensure_authority(root / "pki"))


@pytest.fixture
def home(tmp_path: Path) -> OperatorConfig:
    """An operator not started yet, with a folder of its own."""
    return home_config(tmp_path)
