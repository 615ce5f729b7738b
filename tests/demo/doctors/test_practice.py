"""The doctors at their mailboxes, on real servers: they read, send the receipt, answer once, and outlive a restart."""

import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.demo.conftest import Circle
from tests.demo.doctors.test_words import BODY
from tests.support.operator import running_operator

from liaison.core.mail.compose import compose
from liaison.core.mail.reports import read_reports
from liaison.core.mail.values import Address, Mail, OutgoingMail
from liaison.demo.actors import paris_now
from liaison.demo.config import DemoConfig, operator_configs
from liaison.demo.doctors.practice import Practice, desk_of
from liaison.demo.post import submit
from liaison.demo.world import build_world
from liaison.demo.world.values import Behaviour, Doctor

HOME = "secretariat.coteaux@btprms.mssante.fr"


def doctor_who(circle: Circle, behaviour: Behaviour, domain: str = "medecins") -> Doctor:
    doctors: list[Doctor] = [each for each in circle.world.doctors if each.behaviour == behaviour]
    return next(each for each in doctors if each.address.partition("@")[2].startswith(domain))


def write(
    circle: Circle, doctor: Doctor, message_id: str, *, sender: str = HOME, body: str = BODY, **more: Any
) -> None:
    mail = OutgoingMail(
        message_id=message_id,
        sender=Address(sender),
        to=(Address(doctor.address),),
        subject="XDM/1.0/DDM+Lettre de liaison à la sortie CASANOVA LETIZIA 08/09/1940 [réf ABCDEF01]",
        body=body,
        date=datetime.now(UTC),
        **more,
    )
    submit(compose(mail), circle.account(sender), [doctor.address])


def practice(circle: Circle, doctor: Doctor, folder: Path, *, answer_after: float = 0.0) -> Practice:
    return Practice(
        doctor,
        circle.account(doctor.address),
        desk_of(folder, doctor),
        homes=frozenset({HOME}),
        answer_after=answer_after,
        clock=paris_now,
    )


def answers(circle: Circle, message_id: str) -> list[Mail]:
    mails: list[Mail] = circle.mails(HOME)
    return [mail for mail in mails if mail.in_reply_to == message_id and mail.category != "report"]


def receipts(circle: Circle, message_id: str) -> list[str]:
    mails: list[Mail] = circle.mails(HOME)
    reports = [report for mail in mails for report in read_reports(mail) if report.type == "mdn"]
    return [report.action for report in reports if report.original_message_id == message_id]


def arrived(circle: Circle, doctor: Doctor, message_id: str) -> bool:
    return message_id in {mail.message_id for mail in circle.mails(doctor.address)}


@pytest.mark.parametrize("domain", ["medecins", "apicrypt"])
def test_a_doctor_of_either_operator_acknowledges_then_answers(
    demo_circle: Circle, until: Any, tmp_path: Path, domain: str
) -> None:
    doctor = doctor_who(demo_circle, "validates", domain)
    message_id = f"<{domain}@btprms.mssante.fr>"
    write(demo_circle, doctor, message_id, disposition_notification_to=HOME)
    until(lambda: arrived(demo_circle, doctor, message_id))
    at_work = practice(demo_circle, doctor, tmp_path)
    at_work.work_once()
    until(lambda: answers(demo_circle, message_id) and receipts(demo_circle, message_id))
    assert receipts(demo_circle, message_id) == ["displayed"]
    assert answers(demo_circle, message_id)[0].sender.email == doctor.address


def test_no_receipt_is_sent_unless_asked_for(demo_circle: Circle, until: Any, tmp_path: Path) -> None:
    doctor = doctor_who(demo_circle, "validates")
    write(demo_circle, doctor, "<unasked@btprms.mssante.fr>")
    until(lambda: arrived(demo_circle, doctor, "<unasked@btprms.mssante.fr>"))
    practice(demo_circle, doctor, tmp_path).work_once()
    until(lambda: answers(demo_circle, "<unasked@btprms.mssante.fr>"))
    assert receipts(demo_circle, "<unasked@btprms.mssante.fr>") == []


def test_a_restart_neither_forgets_nor_answers_twice(demo_circle: Circle, until: Any, tmp_path: Path) -> None:
    doctor = doctor_who(demo_circle, "changes_a_line")
    message_id = "<restart@btprms.mssante.fr>"
    write(demo_circle, doctor, message_id)
    until(lambda: arrived(demo_circle, doctor, message_id))
    practice(demo_circle, doctor, tmp_path, answer_after=3600).work_once()
    assert answers(demo_circle, message_id) == []
    desk = desk_of(tmp_path, doctor)
    assert len(desk.outbox) == 1
    for _ in range(2):
        late = Practice(
            doctor,
            demo_circle.account(doctor.address),
            desk_of(tmp_path, doctor),
            homes=frozenset({HOME}),
            answer_after=0,
            clock=lambda: desk.outbox[0].due,
        )
        late.work_once()
    until(lambda: answers(demo_circle, message_id))
    assert len(answers(demo_circle, message_id)) == 1


def test_a_silent_doctor_reads_and_never_answers(demo_circle: Circle, until: Any, tmp_path: Path) -> None:
    doctor = doctor_who(demo_circle, "silent")
    message_id = "<silence@btprms.mssante.fr>"
    write(demo_circle, doctor, message_id, disposition_notification_to=HOME)
    until(lambda: arrived(demo_circle, doctor, message_id))
    practice(demo_circle, doctor, tmp_path).work_once()
    until(lambda: receipts(demo_circle, message_id))
    assert answers(demo_circle, message_id) == []
    assert desk_of(tmp_path, doctor).outbox == []


def test_one_who_asked_agrees_once_he_has_his_answer(demo_circle: Circle, until: Any, tmp_path: Path) -> None:
    doctor = doctor_who(demo_circle, "asks")
    at_work = practice(demo_circle, doctor, tmp_path)
    write(demo_circle, doctor, "<question@btprms.mssante.fr>")
    until(lambda: arrived(demo_circle, doctor, "<question@btprms.mssante.fr>"))
    at_work.work_once()
    until(lambda: answers(demo_circle, "<question@btprms.mssante.fr>"))
    question = answers(demo_circle, "<question@btprms.mssante.fr>")[0]
    details = "<details@btprms.mssante.fr>"
    write(demo_circle, doctor, details, body="Créatinine à 98.", in_reply_to=question.message_id)
    until(lambda: arrived(demo_circle, doctor, details))
    at_work.work_once()
    until(lambda: answers(demo_circle, details))
    assert "pour tout" in answers(demo_circle, details)[0].body


def test_a_doctor_answers_the_homes_and_nobody_else(demo_circle: Circle, until: Any, tmp_path: Path) -> None:
    doctor, colleague = doctor_who(demo_circle, "validates"), doctor_who(demo_circle, "visits")
    write(demo_circle, doctor, "<colleague@x>", sender=colleague.address)
    until(lambda: arrived(demo_circle, doctor, "<colleague@x>"))
    practice(demo_circle, doctor, tmp_path).work_once()
    assert "<colleague@x>" in desk_of(tmp_path, doctor).read
    assert "<colleague@x>" not in {mail.in_reply_to for mail in demo_circle.mails(colleague.address)}


def test_the_process_answers_by_itself_and_stops_when_told(demo_circle: Circle, until: Any, demo_file: Path) -> None:
    doctor = doctor_who(demo_circle, "visits")
    command = [sys.executable, "-m", "liaison.demo.doctors", str(demo_file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "doctors ready\n"
        write(demo_circle, doctor, "<process@btprms.mssante.fr>")
        until(lambda: answers(demo_circle, "<process@btprms.mssante.fr>"))
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in log
    assert "CASANOVA" not in log
    assert doctor.address not in log


def test_a_doctor_at_work_outlives_a_restart_of_his_operator(until: Any, tmp_path: Path) -> None:
    config = DemoConfig(tmp_path, answer_after=0.1).on_free_ports()
    world = build_world(config.seed)
    circle = Circle(config, world)
    operator = operator_configs(config, world)[0]
    doctor = doctor_who(circle, "validates")
    stopping = threading.Event()
    at_work = threading.Thread(target=practice(circle, doctor, tmp_path / "doctors").run, args=[stopping])
    try:
        with running_operator(operator):
            at_work.start()
            write(circle, doctor, "<before@btprms.mssante.fr>")
            until(lambda: answers(circle, "<before@btprms.mssante.fr>"))
        with running_operator(operator):
            write(circle, doctor, "<after@btprms.mssante.fr>")
            until(lambda: answers(circle, "<after@btprms.mssante.fr>"))
            assert len(answers(circle, "<before@btprms.mssante.fr>")) == 1
    finally:
        stopping.set()
        at_work.join(timeout=20)
    assert not at_work.is_alive()
