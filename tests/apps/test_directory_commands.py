"""``liaison import directory``, ``allow-list`` and ``annuaire-sante``: what they print, and the code they end with."""

import json
from pathlib import Path

import pytest
from tests.support.desk import Desk
from tests.support.directory import listed, listed_as, take
from typer.testing import CliRunner, Result

from liaison.apps.directory.models import Edition
from liaison.apps.operations.status import current_status
from liaison.cli.app import app
from liaison.core.directory.allow_list import NAMESPACE
from liaison.demo.directory import write_extraction

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["import", *arguments])


def test_an_extraction_is_put_in_service_and_told_to_a_program(tmp_path: Path) -> None:
    path = tmp_path / "extraction.zip"
    write_extraction(path, 50)
    told = run("directory", str(path), "--json")
    assert told.exit_code == 0
    assert json.loads(told.stdout) == {
        **json.loads(told.stdout),
        "done": True,
        "entries": 50,
        "lines": 50,
        "left_out": 0,
    }
    assert "En service : 50 adresses." in run("directory", str(path)).stdout


def test_a_refused_file_ends_with_1_and_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "autre.txt"
    path.write_text("nom;ville\n")
    told = run("directory", str(path), "--json")
    assert (told.exit_code, json.loads(told.stdout)["done"]) == (1, False)
    assert "31 colonnes" in json.loads(told.stdout)["refusal"]
    assert "31 colonnes" in run("directory", str(path)).stderr


def test_a_list_of_domains_is_put_in_service(tmp_path: Path) -> None:
    path = tmp_path / "liste.xml"
    path.write_text(f'<L xmlns="{NAMESPACE}"><Domaine><Nom>a.mssante.fr</Nom></Domaine></L>')
    assert "En service : 1 domaines." in run("allow-list", str(path)).stdout
    path.write_text("<L/>")
    assert run("allow-list", str(path)).exit_code == 1


def test_without_a_key_the_api_command_says_which_setting_lacks() -> None:
    told = run("annuaire-sante")
    assert (told.exit_code, "LIAISON_ANNUAIRE_SANTE_KEY" in told.stderr) == (2, True)


def test_the_status_says_the_age_of_each_copy_its_refusal_and_what_a_person_must_check(
    desk: Desk, tmp_path: Path
) -> None:
    take(tmp_path, listed_as(desk.gp))
    edition = take(tmp_path, [listed("AUTRE", "autre@ville.mssante.fr")])
    path = tmp_path / "autre.txt"
    path.write_text("nom;ville\n")
    run("directory", str(path))
    (copy,) = current_status().copies
    assert (copy.entries, copy.published_at) == (1, Edition.objects.get(pk=edition.pk).published_at)
    assert "31 colonnes" in copy.refusal
    assert current_status().addresses_to_check == 1
