"""One configuration makes the demo's servers and actors agree."""

from pathlib import Path

import pytest

from liaison.demo.config import FOREIGN_DOMAIN, DemoConfig, OperatorPorts, accounts, operator_configs
from liaison.demo.neighbours import NEIGHBOURS
from liaison.demo.world import build_world
from liaison.demo.world.values import demo_password

WORLD = build_world()


def test_a_configuration_survives_its_file(tmp_path: Path) -> None:
    config = DemoConfig(tmp_path, seed=7, answer_after=1.0, letter_every=0.0).on_free_ports()
    config.save(tmp_path / "config.json")
    assert DemoConfig.load(tmp_path / "config.json") == config


BROKEN = ("", "[]", "{}", '{"home": "/x", "ports": {"champagne": {"smtp": 1}}}', '{"ports": []}')


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_configuration_is_told_in_french(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="configuration illisible"):
        DemoConfig.load(path)


def test_free_ports_are_all_different() -> None:
    ports = OperatorPorts.free()
    assert len({ports.smtp, ports.smtps, ports.imap, ports.imaps, ports.transport}) == 5


def test_every_address_has_its_account_at_the_operator_that_serves_it(tmp_path: Path) -> None:
    configs = operator_configs(DemoConfig(tmp_path), WORLD)
    served = [account for config in configs for account in config.accounts]
    qualified = sum(resident.ins_status == "QUAL" for resident in WORLD.residents)
    of_the_home_and_its_doctors = len(WORLD.mailboxes) + len(WORLD.doctors) + len(WORLD.hospitals)
    assert len(served) == len(accounts(WORLD)) == of_the_home_and_its_doctors + qualified + len(NEIGHBOURS)
    for config in configs:
        assert all(config.serves(account.address) for account in config.accounts)


def test_each_operator_knows_the_way_to_the_domains_of_the_other(tmp_path: Path) -> None:
    first, second = operator_configs(DemoConfig(tmp_path), WORLD)
    assert {route.domain for route in first.routes} == set(second.domains)
    assert {route.port for route in first.routes} == {second.transport_port}
    assert {route.domain for route in second.routes} == set(first.domains)


def test_a_person_has_a_password_and_a_machine_a_certificate() -> None:
    kinds = {mailbox.address: mailbox.kind for mailbox in WORLD.mailboxes}
    for account in accounts(WORLD):
        if account.machine:
            assert account.password is None
            assert kinds.get(account.address, "ORG") == "ORG"
        else:
            assert account.password == demo_password(account.address)


def test_the_domain_unknown_to_the_homes_is_no_domain_of_the_world(tmp_path: Path) -> None:
    assert not any(FOREIGN_DOMAIN in operator.domains for operator in WORLD.operators)
    assert all(config.trusts(f"x@{FOREIGN_DOMAIN}") for config in operator_configs(DemoConfig(tmp_path), WORLD))
