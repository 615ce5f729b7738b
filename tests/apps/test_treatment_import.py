"""Taking over treatments from a file: whole or not at all, nothing changed by surprise, everything kept."""

import pytest
from tests.support import factories
from tests.support.desk import Desk

from liaison.apps.audit.models import Entry
from liaison.apps.treatments.imports import TreatmentsReport, do_import_treatments
from liaison.apps.treatments.models import TreatmentLine
from liaison.core.notices import Unreadable
from liaison.core.treatment_list import TreatmentList, read_treatment_list

HEADER = "matricule_ins;medicament;dose;matin;soir;si_besoin;debut;fin;atc"


def listed(*lines: str, header: str = HEADER) -> TreatmentList:
    found = read_treatment_list("\n".join([header, *lines]).encode())
    assert isinstance(found, TreatmentList)
    return found


def taken(desk: Desk) -> list[TreatmentLine]:
    return list(desk.resident.treatment_lines.filter(ended_at__isnull=True).order_by("label"))


def take_in(desk: Desk, *lines: str, **options: bool) -> TreatmentsReport:
    return do_import_treatments(desk.site, listed(*lines), **options)


@pytest.mark.django_db
def test_a_line_is_taken_with_all_its_columns(desk: Desk) -> None:
    report = take_in(desk, f"{desk.resident.ins};LASILIX 40 mg;1 cp;1;1;non;02/01/2026;2026-12-31;C03CA01")
    (line,) = taken(desk)
    assert (report.done, report.added, report.residents) == (True, 1, 1)
    assert (line.label, line.dose, line.morning, line.evening, line.as_needed) == (
        "LASILIX 40 mg",
        "1 cp",
        "1",
        "1",
        False,
    )
    assert (line.started_at.isoformat(), line.ends_on and line.ends_on.isoformat()) == ("2026-01-02", "2026-12-31")
    assert [code["code"] for code in line.codes] == ["C03CA01"]
    assert Entry.objects.filter(action="treatments_imported", resident=desk.resident).count() == 1


@pytest.mark.django_db
def test_a_dry_run_and_a_file_with_one_fault_write_nothing(desk: Desk) -> None:
    good = f"{desk.resident.ins};LASILIX 40 mg;1 cp;1;;;;;"
    assert take_in(desk, good, dry_run=True).added == 1
    report = take_in(desk, good, "000000000000000;PLAVIX 75 mg;1 cp;;;;;;")
    assert (report.done, [problem.line for problem in report.problems]) == (False, [3])
    assert taken(desk) == []


@pytest.mark.django_db
def test_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    line = f"{desk.resident.ins};LASILIX 40 mg;1 cp;1;;;;;"
    take_in(desk, line)
    report = take_in(desk, line)
    assert (report.added, report.unchanged, len(taken(desk))) == (0, 1, 1)


@pytest.mark.django_db
def test_a_drug_taken_otherwise_is_a_fault_unless_the_file_replaces(desk: Desk) -> None:
    factories.take(desk.resident, "LASILIX 40 mg", dose="1 cp")
    factories.take(desk.resident, "PLAVIX 75 mg", dose="1 cp")
    other = f"{desk.resident.ins};LASILIX 40 mg;2 cp;2;;;;;"
    assert not take_in(desk, other).done
    report = take_in(desk, other, replace=True)
    assert (report.done, report.added, report.ended) == (True, 1, 2)
    assert [(line.label, line.dose) for line in taken(desk)] == [("LASILIX 40 mg", "2 cp")]
    assert desk.resident.treatment_lines.count() == 3


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("1;;1 cp;;;;;;", "La case medicament est vide."),
        (";LASILIX;1 cp;;;;;;", "Il faut un identifiant ou un matricule INS."),
        ("1;LASILIX;1 cp;;;ui;;;", "La case si_besoin est oui ou non."),
        ("1;LASILIX;1 cp;;;;31/02/2026;;", "La case debut n'est pas une date."),
        ("1;LASILIX", "La ligne n'a pas autant de cases que l'en-tête."),
        (f"1;{'L' * 201};1 cp;;;;;;", "La case medicament dépasse 200 caractères."),
    ],
)
def test_each_fault_of_a_line_is_said_with_its_number(line: str, fault: str) -> None:
    assert [(problem.line, problem.message) for problem in listed(line).problems] == [(2, fault)]


@pytest.mark.parametrize("content", [b"", b"nom;age\nX;1\n", b"medicament\nLASILIX\n", b'"'])
def test_a_file_that_is_no_list_of_treatments_is_refused_whole(content: bytes) -> None:
    assert isinstance(read_treatment_list(content), Unreadable)
