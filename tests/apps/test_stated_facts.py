"""What a letter says of problems, devices, discharge and carriage is in the record, with its source; struck with it."""

from dataclasses import replace

from tests.support.desk import Desk, make_desk, read
from tests.support.letters import discharge_letter, letter_value, patient_of, sending

from liaison.apps.filing.actions import do_unfile
from liaison.apps.filing.models import StatedFact
from liaison.apps.intake.models import Document
from liaison.apps.organisations.access import access_facts
from liaison.apps.residents.letters import HEADER
from liaison.apps.residents.models import Stay
from liaison.core.cda.build import build_discharge_letter
from liaison.core.cda.values import Code, Device, Problem


def full_letter(desk: Desk, **changes: object) -> Document:
    letter = replace(
        letter_value(patient_of(desk.resident)),
        problems=(
            Problem("Insuffisance cardiaque", (Code("I50.0", "2.16.840.1.113883.6.3"),), start="2024-05"),
            Problem("Diabète", negated=True),
        ),
        devices=(Device("Stimulateur cardiaque", start="2019-03-02"),),
        **{"resistant_bacteria_searched": True, "resistant_bacteria_found": "E. coli BLSE", **changes},
    )
    raw = sending(patient_of(desk.resident), build_discharge_letter(letter))
    document = read(desk.mailbox, raw).documents.get()
    desk.file(document)
    return document


def said(desk: Desk) -> set[tuple[str, str]]:
    return {(fact.kind, fact.label) for fact in access_facts(desk.nurse)}


def test_filing_writes_problems_devices_discharge_mode_and_carriage_each_with_its_place(desk: Desk) -> None:
    document = full_letter(desk)
    assert said(desk) == {
        ("problem", "Insuffisance cardiaque"),
        ("device", "Stimulateur cardiaque"),
        ("discharge_mode", "EHPAD"),
        ("carriage", "E. coli BLSE"),
    }
    problem = StatedFact.objects.get(kind="problem")
    assert (problem.code, problem.start, problem.document, problem.resident) == (
        "I50.0",
        "2024-05",
        document,
        desk.resident,
    )
    assert all(fact.section and fact.place for fact in StatedFact.objects.all())
    assert Stay.objects.get(document=document).place == HEADER


def test_a_search_that_names_no_germ_is_no_flag(desk: Desk) -> None:
    full_letter(desk, resistant_bacteria_found="")
    kinds = {kind for kind, _ in said(desk)}
    assert "searched" in kinds
    assert "carriage" not in kinds


def test_a_letter_without_search_says_nothing_of_carriage(desk: Desk) -> None:
    desk.filed()
    assert {kind for kind, _ in said(desk)} == {"discharge_mode"}


def test_unfiling_strikes_what_the_letter_said(desk: Desk) -> None:
    document = full_letter(desk)
    do_unfile(document.filings.get(), user=desk.secretary, reason="mauvais dossier")
    assert said(desk) == set()
    assert StatedFact.objects.filter(document=document).count() == 4


def test_what_is_said_of_a_resident_is_seen_at_his_home_only(desk: Desk) -> None:
    full_letter(desk)
    assert not access_facts(make_desk().nurse).exists()
    assert discharge_letter(patient_of(desk.resident))
