"""The hospitals' rounds: one of each case at first, then one now and then, never twice the same."""

import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.demo.conftest import Circle

from liaison.core.mail.values import Mail
from liaison.demo.config import DemoConfig
from liaison.demo.hospital import FLAWS
from liaison.demo.hospital.rounds import Diary, Rounds, later, opening, sequels
from liaison.demo.hospital.twists import STEPS, TWISTS
from liaison.demo.identity_cases import IDENTITY_CASES
from liaison.demo.world import build_world

WORLD = build_world()
HOME = "secretariat.jean-dorbais@btprms.mssante.fr"


def test_the_opening_holds_every_case_and_every_flaw() -> None:
    planned = opening(WORLD)
    assert {each.case for each in planned} == set(IDENTITY_CASES)
    assert {each.flaw for each in planned} == {None, *FLAWS}
    assert {each.kind for each in planned} == {"LDL", "CRH"}
    assert any(each.resident.site != WORLD.home.key for each in planned)
    assert any(each.resident.ins_status != "QUAL" for each in planned)
    assert sum(each.case == "certain" and each.flaw is None for each in planned) >= 8


def test_the_opening_holds_a_letter_for_another_home_and_one_that_another_home_got() -> None:
    misdirected = {(each.resident.site, each.recipient == HOME) for each in opening(WORLD) if each.recipient}
    assert misdirected == {(WORLD.sites[1].key, True), (WORLD.home.key, False)}


def test_the_opening_holds_the_first_step_of_every_twist_and_the_second_comes_later() -> None:
    assert [each.twist for each in opening(WORLD) if each.twist] == list(TWISTS)
    second = [twist for twist in TWISTS if STEPS[twist] > 1]
    assert [(each.twist, each.step) for each in sequels(WORLD)] == [(twist, 1) for twist in second]
    assert [later(WORLD, number) for number in range(1, len(second) + 1)] == list(sequels(WORLD))


def test_the_opening_never_names_a_resident_twice() -> None:
    assert Counter(each.resident.key for each in opening(WORLD)).most_common(1)[0][1] == 1


def test_what_comes_later_is_mostly_right_and_of_jean_dorbais() -> None:
    planned = [later(WORLD, number) for number in range(1, 201)]
    assert planned == [later(WORLD, number) for number in range(1, 201)]
    assert {each.resident.site for each in planned} == {WORLD.home.key}
    assert Counter(each.case for each in planned)["certain"] > 120


def test_the_diary_survives_its_file(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "hospital.json")
    diary.note(opened=1)
    diary.note(opened=1)
    diary.note(later=1)
    began = diary.begin(datetime(2026, 11, 22, 8, 30, 12, 5, tzinfo=UTC))
    again = Diary(tmp_path / "hospital.json")
    assert (again.opened, again.later) == (2, 1)
    assert again.begin(datetime(2026, 11, 23, tzinfo=UTC)) == began == datetime(2026, 11, 22, 8, 30, 12, tzinfo=UTC)


def test_a_server_that_is_down_loses_nothing(tmp_path: Path) -> None:
    config = DemoConfig(tmp_path, letter_every=0.0).on_free_ports()
    stopping = threading.Event()
    rounds = threading.Thread(
        target=Rounds(config, WORLD, lambda: datetime(2026, 11, 22, tzinfo=UTC)).run, args=[stopping]
    )
    rounds.start()
    stopping.wait(1.5)
    stopping.set()
    rounds.join(timeout=10)
    assert not rounds.is_alive()
    assert Diary(tmp_path / "hospital.json").opened == 0


def test_the_process_sends_the_opening_once(demo_circle: Circle, until: Any, tmp_path: Path) -> None:
    config = replace(demo_circle.config, letter_every=0.5)
    file = tmp_path / "config.json"
    config.save(file)
    count = sum(each.recipient in ("", HOME) for each in opening(WORLD))
    process = started(file)
    until(lambda: Diary(config.home / "hospital.json").later >= 1)
    assert stopped(process) == 0
    process = started(file)
    until(lambda: Diary(config.home / "hospital.json").later >= 2)
    assert stopped(process) == 0
    until(lambda: len(received(demo_circle)) >= count + 2)
    mails = received(demo_circle)
    assert len({mail.message_id for mail in mails}) == len(mails) == count + Diary(config.home / "hospital.json").later
    assert "laboratoire-nord.mssante.fr" in {mail.sender.email.partition("@")[2] for mail in mails}


def test_the_operator_reports_the_delivery_to_the_hospital(demo_circle: Circle, until: Any) -> None:
    """Asked for by NOTIFY at submission (RFC 3461); comes back to the mailbox that sent."""
    hospitals = [hospital.address for hospital in demo_circle.world.hospitals]
    until(lambda: any("report" in {mail.category for mail in demo_circle.mails(each)} for each in hospitals))


def received(circle: Circle) -> list[Mail]:
    return circle.mails(HOME)


def started(file: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "liaison.demo.hospital", str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "hospital ready\n"
    return process


def stopped(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(timeout=20)
    finally:
        process.kill()
        if process.stdout:
            process.stdout.close()
