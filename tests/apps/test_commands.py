"""The commands as a program runs them: what they print, and the code they end with."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from tests.support.desk import Desk, make_desk
from tests.support.letters import discharge_letter, patient_of, sending
from tests.support.mail_clients import client_context, submission
from tests.support.operator import on_free_ports, running_operator
from typer.testing import CliRunner, Result

from liaison.apps.audit.models import Entry
from liaison.apps.directory.actions import do_trust_domains
from liaison.apps.exchanges.models import Recipient
from liaison.apps.intake.jobs import offer_reading
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.mailboxes.actions import do_add_operator, do_note_failure, do_open_mailbox
from liaison.apps.mailboxes.connection import Credentials
from liaison.apps.mailboxes.leases import do_hold_mailboxes
from liaison.apps.mailboxes.models import Mailbox, Operator
from liaison.cli.app import app
from liaison.core.mail.values import Address
from liaison.demo.operator.config import Account, OperatorConfig
from liaison.demo.pki import ensure_authority

in_another_process = pytest.mark.django_db(transaction=True)
DOMAIN = "bal.mssante.test"
HOME, HOSPITAL = f"ehpad@{DOMAIN}", f"hopital@{DOMAIN}"
Run = Callable[..., subprocess.CompletedProcess[str]]
Here = Callable[..., Result]


def database_url() -> str:
    """The tests' own database, as the product is told of one."""
    of = connection.settings_dict
    user, password, host = (quote(str(of[name]), safe="") for name in ("USER", "PASSWORD", "HOST"))
    return f"postgresql://{user}:{password}@{host}:{of['PORT']}/{of['NAME']}"


@pytest.fixture
def liaison(tmp_path: Path) -> Run:
    environment = {
        **os.environ,
        "LIAISON_HOME": str(tmp_path / "home"),
        "LIAISON_BLOB_KEY": settings.BLOB_KEY,
        "LIAISON_ACCEPT_TEST_INS": "true",
        "DATABASE_URL": database_url(),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "liaison", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    return run


@pytest.fixture
def here(db: None) -> Here:
    """The same commands within this process, where the tests' settings are there already."""
    del db
    return lambda *arguments: CliRunner().invoke(app, arguments)


def told(done: subprocess.CompletedProcess[str] | Result) -> dict[str, Any]:
    """The last line printed is the one JSON object."""
    return dict(json.loads(done.stdout.splitlines()[-1]))


@in_another_process
def test_status_is_0_when_nothing_waits_for_a_person(desk: Desk, liaison: Run) -> None:
    desk.letter()
    done = liaison("status", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    status = told(done)
    assert (status["unread"], status["failing"], status["drifting"], status["in_doubt"]) == (0, [], [], 0)
    ledger = {mailbox["address"]: mailbox["in_ledger"] for mailbox in status["mailboxes"]}
    assert ledger == {desk.mailbox.address: 1, desk.personal.address: 0}


def test_status_says_what_waits_since_when_and_the_heartbeat_of_each_poller(desk: Desk, here: Here) -> None:
    offer_reading(desk.letter().message_id)
    watcher = uuid4()
    do_hold_mailboxes(watcher)
    said = here("status").output
    assert re.search(r"File intake : [1-9]\d* à faire, la plus ancienne depuis le \d\d/\d\d/\d{4}", said)
    assert "Processus de travail vivants : 0 ; de relève : 1" in said
    assert f"Relève {watcher.hex[:8]} : 2 boîtes, battement de " in said
    assert f"{desk.mailbox.address} : 0 sur le serveur, 1 au registre, jamais relevée" in said


def a_failing_mailbox(desk: Desk) -> None:
    do_note_failure(desk.mailbox, failure="Le serveur de messagerie ne répond pas.")


def a_drift(desk: Desk) -> None:
    Mailbox.objects.filter(pk=desk.mailbox.pk).update(server_count=3)


def a_doubt(desk: Desk) -> None:
    desk.sent()
    Recipient.objects.update(state=Recipient.State.IN_DOUBT)


def a_failed_reading(desk: Desk) -> None:
    desk.letter()
    RawMessage.objects.update(state=RawMessage.State.FAILED)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (a_failing_mailbox, "ne répond pas"),
        (a_drift, "3 sur le serveur, 0 au registre"),
        (a_doubt, "à vérifier : 1"),
        (a_failed_reading, "lectures en échec : 1"),
    ],
)
def test_status_is_1_and_says_so_when_a_person_must_look_at(
    desk: Desk, here: Here, trouble: Callable[[Desk], None], words: str
) -> None:
    trouble(desk)
    done = here("status")
    assert done.exit_code == 1
    assert words in done.output
    assert "LEFÈVRE" not in done.output


@in_another_process
def test_drain_takes_reads_and_proposes_what_waits_on_the_server(desk: Desk, liaison: Run, tmp_path: Path) -> None:
    accounts = (Account(HOME, "secret"), Account(HOSPITAL, "secret"))
    folders = {"home": tmp_path / "operator", "pki": tmp_path / "pki"}
    config = on_free_ports(OperatorConfig(name="essai", domains=(DOMAIN,), accounts=accounts, **folders))
    Mailbox.objects.update(active=False)
    open_mailbox(desk, config)
    patient = patient_of(desk.resident)
    raw = sending(patient, discharge_letter(patient), to=HOME, sender=Address(HOSPITAL))
    with running_operator(config):
        with submission(config, client_context(ensure_authority(config.pki))) as client:
            client.login(HOSPITAL, "secret")
            client.sendmail(HOSPITAL, [HOME], raw)
        taken = 0
        for _ in range(5):
            done = liaison("drain", "--json")
            assert done.returncode == 0, done.stderr
            taken += told(done)["taken"][HOME]
            if taken:
                break
    assert taken == 1
    document = Document.objects.get()
    assert (document.state, document.proposal.resident) == (Document.State.PROPOSED, desk.resident)
    done = liaison("drain", "--json")
    assert (done.returncode, told(done)) == (1, {"taken": {HOME: 0}, "failing": [HOME]})


def open_mailbox(desk: Desk, config: OperatorConfig) -> None:
    do_trust_domains([(DOMAIN, "essai")])
    operator = do_add_operator(
        name="essai",
        host=config.host,
        imap_port=config.imap_port or 0,
        smtp_port=config.smtp_port or 0,
        security=Operator.Security.STARTTLS,
        authority_file=str(ensure_authority(config.pki).certificate),
    )
    do_open_mailbox(
        site=desk.site,
        operator=operator,
        kind=Mailbox.Kind.ORGANISATIONAL,
        label="Secrétariat",
        credentials=replace(Credentials(HOME), password="secret"),
        holders=[desk.secretary],
    )


def as_the_owner(statement: str, *parameters: Any) -> None:
    """What an administrator of the database could do: lift the wall, rewrite, raise it again."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute(statement, parameters)
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")


REWRITTEN = "UPDATE audit_entry SET user_id = NULL WHERE id = %s"
TAKEN_OUT = "DELETE FROM audit_entry WHERE id = %s"
DETAILS = "UPDATE audit_entry SET details = '{\"rule\": 2}' WHERE id = %s"


@pytest.mark.parametrize("statement", [REWRITTEN, TAKEN_OUT, DETAILS], ids=["who", "taken out", "details"])
def test_audit_verify_finds_an_entry_tampered_with_and_names_its_chain(desk: Desk, here: Here, statement: str) -> None:
    desk.filed()
    make_desk()
    assert here("audit", "verify").exit_code == 0
    as_the_owner(statement, Entry.objects.get(action="document_filed").pk)
    done = here("audit", "verify", "--json")
    assert done.exit_code == 1
    assert [name for name, report in told(done).items() if not report["sound"]] == [desk.site.finess]
    broken = next(line for line in here("audit", "verify").output.splitlines() if "ROMPUE" in line)
    assert f"Chaîne {desk.site.finess}" in broken


@in_another_process
def test_audit_verify_ends_with_1_when_a_chain_is_broken(desk: Desk, liaison: Run) -> None:
    desk.filed()
    as_the_owner(REWRITTEN, Entry.objects.get(action="document_filed").pk)
    done = liaison("audit", "verify")
    assert (done.returncode, done.stdout.count("ROMPUE")) == (1, 1)


def test_audit_verify_finds_a_chain_cut_at_its_end_by_a_head_kept_elsewhere(
    desk: Desk, here: Here, tmp_path: Path
) -> None:
    desk.filed()
    heads = tmp_path / "heads.json"
    known = told(here("audit", "verify", "--json"))
    heads.write_text(json.dumps({name: report["head"] for name, report in known.items()}))
    desk.filed()
    assert here("audit", "verify", "--heads", str(heads)).exit_code == 0
    as_the_owner("DELETE FROM audit_entry WHERE site_id = %s AND seq > 3", desk.site.pk)
    assert here("audit", "verify").exit_code == 0
    assert here("audit", "verify", "--heads", str(heads)).exit_code == 1


def test_an_unknown_command_is_2_and_help_is_0(here: Here) -> None:
    assert here("inconnu").exit_code == 2
    for command in ("status", "drain", "worker", "watch", "serve", "audit"):
        assert here(command, "--help").exit_code == 0
