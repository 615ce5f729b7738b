"""``liaison inspect`` and ``liaison check`` as a person or a program starts them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.core.inspection.files import the_cda, the_mail, the_pdf
from tests.core.pdf.signers import signer


def liaison(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command in an environment without any setting: neither a database nor Django may be needed."""
    own = {"PATH": os.environ["PATH"], "LANG": "C", **environment}
    command = [sys.executable, "-m", "liaison", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, env=own, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in (("lettre.xml", the_cda()), ("courrier.eml", the_mail()), ("lettre.pdf", the_pdf())):
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_inspect_writes_one_line_of_json_per_file_in_the_order_given(folder: Path) -> None:
    names = [str(folder / name) for name in ("lettre.pdf", "absent.eml", "courrier.eml", ".", "lettre.xml")]
    done = liaison("inspect", *names, "--json")
    found = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert [each["file"] for each in found] == names
    assert [each["kind"] for each in found] == ["pdf", "unreadable", "message", "unreadable", "cda"]
    assert [each["code"] for each in found[1]["warnings"]] == ["file_missing"]
    assert (done.returncode, done.stderr) == (0, b"")


def test_inspect_without_json_speaks_french_in_utf8(folder: Path) -> None:
    done = liaison("inspect", folder / "lettre.xml")
    assert "Patient : D'ÉTÉ-LEFÈVRE MARIE-ANGE" in done.stdout.decode("utf-8")
    assert done.returncode == 0


def test_inspect_without_a_file_is_a_wrong_call() -> None:
    assert liaison("inspect").returncode == 2


def test_inspect_trusts_the_authorities_of_the_folder_given(folder: Path) -> None:
    practitioner = signer()
    (folder / "signed.pdf").write_bytes(practitioner.sign(the_pdf()))
    (folder / "autorite.pem").write_bytes(practitioner.authority)
    done = liaison("inspect", folder / "signed.pdf", "--json", "--trust", folder)
    assert json.loads(done.stdout)["documents"][0]["pdf"]["signatures"][0]["trusted"] is True


def test_check_says_each_finding_and_fails_on_an_error(folder: Path) -> None:
    (folder / "sans langue.xml").write_bytes(the_cda().replace(b'<languageCode code="fr-FR"/>', b""))
    names = [str(folder / name) for name in ("lettre.xml", "sans langue.xml", "absent.zip")]
    done = liaison("check", *names, "--json")
    found = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert [each["file"] for each in found] == names
    errors = [[f["rule"] for f in each["findings"] if f["severity"] == "error"] for each in found]
    assert errors == [[], ["SM-LANGUAGE"], ["LECTURE"]]
    assert list(found[0]["findings"][0]) == ["rule", "place", "severity", "message"]
    assert (done.returncode, done.stderr) == (1, b"")


def test_check_succeeds_when_nothing_is_an_error(folder: Path) -> None:
    done = liaison("check", folder / "courrier.eml", folder / "lettre.pdf")
    said = done.stdout.decode("utf-8")
    assert "courrier.eml : 2 avertissements, 1 note" in said
    assert "ATTENTION INS-KEY" in said
    assert "lettre.pdf : rien à redire" in said
    assert done.returncode == 0


def test_check_without_saxon_says_what_to_install(folder: Path) -> None:
    (folder / "saxonche.py").write_text("raise ImportError")
    done = liaison("check", folder / "lettre.xml", "--schematron", folder, PYTHONPATH=str(folder))
    assert "« saxonche », qui n'est pas installé" in done.stderr.decode("utf-8")
    assert done.returncode == 2


def test_inspect_starts_without_the_weight_of_the_product() -> None:
    heavy = "import sys; from liaison.cli.app import app; from liaison.cli import documents; "
    heavy += "print([name for name in ('django', 'psycopg', 'pyhanko', 'procrastinate') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
