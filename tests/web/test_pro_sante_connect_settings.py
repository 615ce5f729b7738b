"""The settings of Pro Santé Connect: whole, or none; half of them stops the start."""

import runpy
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

HALVES: list[dict[str, str]] = [
    {"LIAISON_PSC_CLIENT_ID": "client", "LIAISON_PUBLIC_URL": "https://ehpad.example"},
    {"LIAISON_PSC_CLIENT_SECRET": "secret", "LIAISON_PUBLIC_URL": "https://ehpad.example"},
    {"LIAISON_PSC_CLIENT_ID": "client", "LIAISON_PSC_CLIENT_SECRET": "secret"},
    {"LIAISON_PSC_ISSUER": "http://auth.example/realms/esante-wallet"},
    {"LIAISON_PSC_AUTHORITY": "/nowhere.pem"},
]


@pytest.mark.parametrize("half", HALVES)
def test_half_a_configuration_stops_the_start(half: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured):
        settings_with(half, monkeypatch)


def test_a_whole_configuration_starts_and_none_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_with({}, monkeypatch)["PSC_CLIENT_ID"] == ""
    assert settings_with({**HALVES[0], **HALVES[1]}, monkeypatch)["PSC_CLIENT_ID"] == "client"


def settings_with(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_module("liaison.config.settings")
