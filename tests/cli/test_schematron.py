"""Schematrons of a folder, on our own letter. Those that need Saxon are skipped where it is not installed."""

import shutil
from pathlib import Path

import lxml.isoschematron
import pytest
from tests.core.inspection.files import the_cda

from liaison.cli.schematron import SchematronProblem, Schematrons, applies, find_engine, find_schematrons, read_report
from liaison.core.conformance.finding import Finding

LDL = "1.2.250.1.213.1.1.1.29"
XSLT = Path(lxml.isoschematron.__file__).parent / "resources" / "xsl" / "iso-schematron-xslt1"
SCHEMATRON = """<schema xmlns="http://purl.oclc.org/dsdl/schematron"><ns prefix="cda" uri="urn:hl7-org:v3"/><pattern>
  <rule context="cda:ClinicalDocument"><assert test="cda:title">Le titre manque.</assert>
  <assert test="cda:code/@code = document('codes.xml')//code" id="R1">Le code est inconnu.</assert>
  <assert test="cda:copyTime" role="warning">La copie n'a pas de date.</assert>
  <report test="cda:setId">Le lot est dit.</report></rule>
</pattern></schema>"""
REPORT = """<svrl:schematron-output xmlns:svrl="http://purl.oclc.org/dsdl/svrl">
  <svrl:failed-assert location="/*:ClinicalDocument[namespace-uri()='urn:hl7-org:v3'][1]/*:id[namespace-uri()='u'][2]">
    <svrl:text>L'identifiant
      manque.</svrl:text></svrl:failed-assert>
  <svrl:failed-assert id="R2" role="info" location="/"><svrl:text>À savoir.</svrl:text></svrl:failed-assert>
  <svrl:successful-report location="/"><svrl:text>Vu.</svrl:text></svrl:successful-report>
</svrl:schematron-output>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder arranged as that of the ANS: the engine apart, parts to include, one file per model."""
    engine = tmp_path / "moteur"
    shutil.copytree(XSLT, engine)
    (engine / "iso_svrl_for_xslt1.xsl").rename(engine / "iso_svrl_for_xslt2.xsl")
    (tmp_path / "include").mkdir()
    for name in ("include/part.sch", "CI-SIS_LDL-SES_2022.01.sch", "CI-SIS_VSM_1.4.sch", "profil.sch"):
        (tmp_path / name).write_text(SCHEMATRON, encoding="utf-8")
    (tmp_path / "codes.xml").write_text("<codes><code>11490-0</code></codes>", encoding="utf-8")
    return tmp_path


def test_the_parts_that_others_include_are_not_schematrons_of_their_own(folder: Path) -> None:
    found = [path.name for path in find_schematrons(folder)]
    assert found == ["CI-SIS_LDL-SES_2022.01.sch", "CI-SIS_VSM_1.4.sch", "profil.sch"]


@pytest.mark.parametrize(
    ("name", "templates", "expected"),
    [
        ("CI-SIS_LDL-SES_2022.01.sch", [(LDL, "2022.01")], True),
        ("CI-SIS_LDL-SES_2022.01.sch", [(LDL, "")], True),
        ("CI-SIS_LDL-SES_2017.01.sch", [(LDL, "2022.01")], False),
        ("CI-SIS_VSM_2022.01.sch", [(LDL, "2022.01")], False),
        ("CI-SIS_Modeles_ANS.sch", [(LDL, "2022.01")], True),
        ("IHE.sch", [], True),
    ],
)
def test_a_schematron_of_a_model_applies_to_its_documents_only(
    name: str, templates: list[tuple[str, str]], expected: bool
) -> None:
    assert applies(Path(name), templates) is expected


def test_a_report_gives_its_rule_its_place_and_its_gravity() -> None:
    assert list(read_report(REPORT, "IHE")) == [
        Finding("IHE", "/ClinicalDocument[1]/id[2]", "error", "L'identifiant manque."),
        Finding("IHE R2", "/", "note", "À savoir."),
        Finding("IHE", "/", "note", "Vu."),
    ]


def test_the_engine_may_stand_beside_the_folder(folder: Path) -> None:
    (folder / "profils").mkdir()
    assert {path.parent for path in find_engine(folder / "profils")} == {folder / "moteur"}


def test_a_folder_without_engine_or_schematron_says_so(tmp_path: Path) -> None:
    alone = tmp_path / "a" / "b"
    alone.mkdir(parents=True)
    with pytest.raises(SchematronProblem, match="moteur"):
        find_engine(alone)
    with pytest.raises(SchematronProblem, match="aucun schématron"):
        find_schematrons(alone)


def test_the_schematrons_of_a_folder_are_run_on_a_letter(folder: Path) -> None:
    pytest.importorskip("saxonche")
    schematrons = Schematrons(folder)
    found = list(schematrons.check(the_cda(), [(LDL, "2022.01")]))
    assert [(each.rule, each.severity, each.message) for each in found] == [
        (name, severity, message)
        for name in ("CI-SIS_LDL-SES_2022.01", "profil")
        for severity, message in (("warning", "La copie n'a pas de date."), ("note", "Le lot est dit."))
    ]
    (error,) = (
        each
        for each in schematrons.check(the_cda().replace(b'"11490-0"', b'"0"'), [(LDL, "1")])
        if each.severity == "error"
    )
    assert (error.rule, error.message) == ("profil R1", "Le code est inconnu.")
    assert error.place.startswith("/ClinicalDocument")


def test_a_schematron_that_cannot_be_prepared_is_told_and_stops_nothing(folder: Path) -> None:
    pytest.importorskip("saxonche")
    (folder / "CI-SIS_LDL-SES_2022.01.sch").write_text(SCHEMATRON.replace("cda:title", "cda:title ("), encoding="utf-8")
    found = list(Schematrons(folder).check(the_cda(), [(LDL, "2022.01")]))
    assert [each.severity for each in found] == ["note", "warning", "note"]
    assert "préparé" in found[0].message


def test_a_document_with_entities_never_reaches_the_schematrons(folder: Path) -> None:
    pytest.importorskip("saxonche")
    (folder / "secret.txt").write_text("secret")
    secret = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{(folder / "secret.txt").as_uri()}">]>'.encode()
    hostile = the_cda().replace(b"<ClinicalDocument", secret + b"<ClinicalDocument", 1)
    assert list(Schematrons(folder).check(hostile, [(LDL, "2022.01")])) == []
