"""The stage of the demo: one home, its servers started in order, its world written once."""

import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from liaison.demo.config import DemoConfig, operator_configs
from liaison.demo.operator.config import OperatorConfig
from liaison.demo.pro_sante_connect.names import CLIENT_ID, CLIENT_SECRET, NAME, REALM
from liaison.demo.world import World, build_world
from liaison.runtime.environment import product_environment
from liaison.runtime.errors import RuntimeProblem
from liaison.runtime.paths import Home
from liaison.runtime.ports import LOOPBACK, ensure_free, is_free
from liaison.runtime.postgres import EmbeddedPostgres
from liaison.runtime.processes import Child, Supervisor

Say = Callable[[str], None]
DEFAULT_WEB_PORT = 8000
SOURCES = Path(__file__).resolve().parent.parent / "web"


class AlreadyRunning(RuntimeProblem):
    """A demo runs in this home already."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where one demo plays. ``web_port`` is the screens'."""

    home: Home
    config: DemoConfig
    world: World
    web_port: int

    @property
    def config_file(self) -> Path:
        return self.home.demo / "config.json"

    @property
    def signature_authorities(self) -> Path:
        return self.home.demo / "signature-authorities"

    @property
    def operators(self) -> tuple[OperatorConfig, ...]:
        return operator_configs(self.config, self.world)

    def operator_file(self, operator: OperatorConfig) -> Path:
        return self.home.demo / f"operator-{operator.name}.json"

    def environment(self) -> dict[str, str]:
        """The product's, told to accept test matricules and to trust the demo's signatures."""
        return {
            **product_environment(self.home),
            "LIAISON_ACCEPT_TEST_INS": "true",
            "LIAISON_TRUSTED_SIGNATURE_FOLDER": str(self.signature_authorities),
            "LIAISON_POLL_SECONDS": "20",
            "LIAISON_PUBLIC_URL": address(self),
            **self._identity(),
        }

    def _identity(self) -> dict[str, str]:
        provider = f"http://{LOOPBACK}:{self.config.identity_port}"
        return {
            "LIAISON_PSC_CLIENT_ID": CLIENT_ID,
            "LIAISON_PSC_CLIENT_SECRET": CLIENT_SECRET,
            "LIAISON_PSC_ISSUER": f"{provider}{REALM}",
            "LIAISON_PSC_AUTHORIZATION_URL": f"{provider}/auth",
            "LIAISON_PSC_NAME": NAME,
        }


def ensure_mail_ports(config: DemoConfig) -> None:
    """Before anything is written: the ports of the operators are free. Raises PortInUse."""
    for name, ports in config.ports.items():
        for port in (ports.smtp, ports.smtps, ports.imap, ports.imaps, ports.transport):
            ensure_free(port, f"l'opérateur {name}")
    ensure_free(config.mllp_port, "le logiciel de l'établissement (HL7)")
    ensure_free(config.identity_port, "Pro Santé Connect (démonstration)")


def set_stage(home: Home, config: DemoConfig, web_port: int = DEFAULT_WEB_PORT) -> Stage:
    """Write the configurations the children start from."""
    home.create()
    stage = Stage(home, config, build_world(config.seed), web_port)
    stage.signature_authorities.mkdir(mode=0o700, exist_ok=True)
    authority = config.authority.certificate.read_bytes()
    (stage.signature_authorities / "demo.pem").write_bytes(authority)
    config.save(stage.config_file)
    for operator in stage.operators:
        operator.save(stage.operator_file(operator))
    return stage


def prepare(stage: Stage, say: Say) -> bool:
    """The database, the static files, the world; True when the world was written just now."""
    say("PostgreSQL")
    os.environ.update(stage.environment())
    import django

    django.setup()
    from liaison.apps.operations.setup import collect_static, migrate
    from liaison.demo.seed import is_seeded, seed

    applied = migrate()
    say(f"Base de données : {applied} migrations" if applied else "Base de données à jour")
    if collect_static(_static_version()):
        say("Fichiers statiques réunis")
    if is_seeded():
        say("Le monde du dépliant est là, avec ses données")
        return False
    say("Écriture du monde du dépliant…")
    seed(stage.world, {operator.name: operator for operator in stage.operators}, stage.config.authority, say)
    return True


def _static_version() -> str:
    digest = hashlib.sha256()
    for path in sorted((SOURCES / "static").rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def start_servers(stage: Stage, supervisor: Supervisor, say: Say) -> None:
    """The two operators, then the home: worker and watcher."""
    for operator in stage.operators:
        supervisor.start(_operator(stage, operator))
        say(f"Opérateur {operator.name} : SMTP {operator.smtp_port}, IMAP {operator.imap_port}")
    supervisor.start(_command("worker", "l'exécutant", ready_line="worker ready"))
    supervisor.start(_command("watch", "la relève des boîtes", ready_line="watch ready"))
    say("Relève des boîtes et traitements en route")


def start_screens(stage: Stage, supervisor: Supervisor, say: Say) -> None:
    ensure_free(stage.web_port, "les écrans de Liaison")
    ready = partial(_answers, stage.web_port)
    supervisor.start(_command("serve", "les écrans", "--port", str(stage.web_port), ready=ready))
    say(f"Écrans : {address(stage)}")


def start_actors(stage: Stage, supervisor: Supervisor, say: Say, *, hospital: bool = True) -> None:
    """The doctors; and the hospitals and the home's software when they are to speak by themselves."""
    supervisor.start(_actor(stage, "pro_sante_connect", NAME))
    supervisor.start(_actor(stage, "doctors", "les médecins de ville"))
    if hospital:
        supervisor.start(_actor(stage, "hospital", "les hôpitaux"))
        supervisor.start(_actor(stage, "neighbour", "la secrétaire d'un autre établissement"))
        _start_software(stage, supervisor, say)
    say("Hôpitaux et médecins de ville en scène" if hospital else "Médecins de ville en scène")


def _start_software(stage: Stage, supervisor: Supervisor, say: Say) -> None:
    """The home's software, and the door of the product it speaks to."""
    finess, port = stage.world.home.finess, stage.config.mllp_port
    options = ("--site", finess, "--port", str(port))
    supervisor.start(_command("mllp", "la porte HL7", *options, ready_line="mllp ready"))
    supervisor.start(_actor(stage, "software", "le logiciel de l'établissement"))
    say(f"Logiciel de l'établissement : HL7 sur le port {port}")


def address(stage: Stage) -> str:
    return f"http://{LOOPBACK}:{stage.web_port}/"


def _operator(stage: Stage, operator: OperatorConfig) -> Child:
    arguments = [sys.executable, "-m", "liaison.demo.operator", str(stage.operator_file(operator))]
    ready = f"operator {operator.name} ready"
    return Child(f"operator-{operator.name}", f"l'opérateur {operator.name}", arguments, ready_line=ready)


def _command(
    name: str, title: str, *options: str, ready_line: str | None = None, ready: Callable[[], bool] | None = None
) -> Child:
    arguments = [sys.executable, "-m", "liaison", name, *options]
    return Child(name, title, arguments, ready_line=ready_line, ready=ready)


def _answers(port: int) -> bool:
    return not is_free(port)


def _actor(stage: Stage, name: str, title: str) -> Child:
    arguments = [sys.executable, "-m", f"liaison.demo.{name}", str(stage.config_file)]
    return Child(name, title, arguments, ready_line=f"{name} ready")


@contextmanager
def only_one(home: Home, running: dict[str, object]) -> Iterator[None]:
    """Hold the home for one demo; ``running`` tells the others what it serves. Raises AlreadyRunning."""
    home.create()
    with _lock_file(home).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning("Une démonstration tourne déjà dans ce dossier.") from error
        file.truncate(0)
        file.write(json.dumps(running))
        file.flush()
        yield


def is_running(home: Home) -> bool:
    """Whether a demo holds the home now."""
    if not _lock_file(home).exists():
        return False
    with _lock_file(home).open("r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _lock_file(home: Home) -> Path:
    return home.run / "demo.lock"


def start_over(home: Home) -> None:
    """Erase the demo: database, blobs, mailboxes. Refused on a database that is not ours."""
    if os.environ.get("DATABASE_URL"):
        raise RuntimeProblem("--reset n'efface pas une base donnée par DATABASE_URL : videz-la vous-même.")
    if is_running(home):
        raise AlreadyRunning("Une démonstration tourne dans ce dossier : arrêtez-la avant de tout remettre à zéro.")
    EmbeddedPostgres(home).erase()
    for folder in (home.blobs, home.demo, home.keys):
        shutil.rmtree(folder, ignore_errors=True)
