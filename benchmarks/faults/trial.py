"""One trial: a home with its own database, blobs and mailboxes, and the lives of its worker. Needs Django set up."""

import os
import shutil
import signal
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connections
from tests.support import factories
from tests.support.letters import discharge_letter, drug, patient_of, sending

from benchmarks.faults.disk import Flushes
from benchmarks.faults.life import Ends, Life, live
from benchmarks.faults.peers import PASSWORD
from benchmarks.faults.software import Software
from benchmarks.faults.world import DOMAIN, HOSPITAL, World, doctor_address, home_address
from liaison.apps.blobs import store
from liaison.apps.directory.actions import do_add_professional, do_trust_domains
from liaison.apps.mailboxes.actions import do_add_operator, do_open_mailbox
from liaison.apps.mailboxes.connection import Credentials
from liaison.apps.mailboxes.models import Mailbox, Operator
from liaison.apps.residents.models import Resident
from liaison.core.mail.values import Address

TEMPLATE = "liaison"
LONGEST_LIFE_SECONDS = 120.0


@dataclass
class Trial:
    """``number`` chooses its addresses; ``letters`` are the Message-ID and a word of each letter posted to it."""

    world: World
    number: int
    letters: dict[str, str] = field(default_factory=dict)
    flushes: Flushes = field(default_factory=Flushes)
    software: Software = field(default_factory=lambda: Software(""))

    @property
    def database(self) -> str:
        return f"trial_{self.number}"

    @property
    def blobs(self) -> Path:
        return self.world.home.folder / self.database / "blobs"

    def post(self, count: int) -> None:
        """New letters, each with a word of its own, acknowledged by the operator; and the home's software has news."""
        resident = Resident.objects.get()
        for _ in range(count):
            word = f"mot{self.number}x{len(self.letters)}"
            patient = patient_of(resident)
            raw = sending(
                patient,
                discharge_letter(patient, reason=f"Décompensation {word}", at_discharge=(drug("APIXABAN 5 mg"),)),
                to=home_address(self.number),
                sender=Address(HOSPITAL, "Hôpital"),
            )
            message_id = raw.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()
            self.world.servers.post(raw, HOSPITAL, home_address(self.number))
            self.letters[message_id] = word
            self.software.move()

    def run(self, life: Life, during: Callable[[int], None] | None = None) -> int:
        """One life of the worker in a process of its own; ``during`` is done beside it, given its number.

        Minus the signal that ended it, or its exit code.
        """
        connections.close_all()
        heard, told = os.pipe()
        said, saying = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(saying)
            _live_and_leave(life, Ends(told, self.world.door, said), self.world.folder / "lives.log")
        os.close(told)
        os.close(said)
        with ThreadPoolExecutor(1) as listener, self.software.talking(self.world.door, self.world.mllp.port, saying):
            lines = listener.submit(_all_of, heard)
            try:
                if during:
                    during(child)
                return _end_of(child)
            finally:
                self.flushes.hear(lines.result())
                connections.close_all()

    def end(self) -> None:
        """Nothing of it is kept."""
        connections.close_all()
        self.world.servers.forget(home_address(self.number), doctor_address(self.number))
        with self.world.connect("postgres") as connection:
            connection.execute(f"DROP DATABASE {self.database} WITH (FORCE)")
        shutil.rmtree(self.blobs.parent)


def _live_and_leave(life: Life, ends: Ends, log: Path) -> None:
    """In the child: whatever happens, never go back into the parent's code."""
    code = 1
    try:
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        code = live(life, ends)
    except Exception:  # noqa: BLE001 (a worker that dies of a fault says of what, in the log, and is taken over)
        traceback.print_exc()
    finally:
        os._exit(code)


def _all_of(pipe: int) -> bytes:
    with os.fdopen(pipe, "rb") as file:
        return file.read()


def _end_of(child: int) -> int:
    deadline = time.monotonic() + LONGEST_LIFE_SECONDS
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise TimeoutError("a life did not end")


def begin_trial(world: World, number: int) -> Trial:
    """A new home with one resident and his doctor, on the operator through the relays."""
    trial = Trial(world, number)
    connections.close_all()
    with world.connect("postgres") as connection:
        connection.execute(f"CREATE DATABASE {trial.database} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    use(trial)
    _furnish(trial)
    trial.software = Software(Resident.objects.get().ins)
    return trial


def use(trial: Trial) -> None:
    """Turn this process to the trial's database and blobs."""
    connections.close_all()
    connections["default"].settings_dict["NAME"] = trial.database
    settings.HOME = trial.blobs.parent
    trial.blobs.mkdir(parents=True, exist_ok=True)
    store.default_store.cache_clear()


def _furnish(trial: Trial) -> None:
    world = trial.world
    site = factories.make_site()
    secretary = factories.make_user(site)
    do_trust_domains([(DOMAIN, "essai")])
    do_add_professional(
        rpps="10000000001",
        title="Dr",
        family="Morel",
        given="Anne",
        speciality="Médecine générale",
        city="Reims",
        addresses=[doctor_address(trial.number)],
    )
    factories.make_resident(site)
    operator = do_add_operator(
        name="essai",
        host="127.0.0.1",
        imap_port=world.imap.port,
        smtp_port=world.smtp.port,
        security=Operator.Security.STARTTLS,
        authority_file=str(world.servers.authority.certificate),
    )
    do_open_mailbox(
        site=site,
        operator=operator,
        kind=Mailbox.Kind.ORGANISATIONAL,
        label="Secrétariat",
        credentials=Credentials(home_address(trial.number), password=PASSWORD),
        holders=[secretary],
    )
