"""`liaison demo`: the whole stage, until Ctrl-C."""

import time
import webbrowser
from dataclasses import replace

import typer

from liaison.demo.config import DemoConfig
from liaison.demo.stage import (
    Say,
    Stage,
    address,
    ensure_mail_ports,
    only_one,
    prepare,
    set_stage,
    start_actors,
    start_over,
    start_screens,
    start_servers,
)
from liaison.demo.world.values import StaffMember, demo_password
from liaison.runtime.paths import Home
from liaison.runtime.ports import ensure_free, free_port
from liaison.runtime.processes import Supervisor

SHOWN_FIRST = ("secretary", "coordinating_doctor", "nurse")


def run(*, headless: bool, reset: bool, port: int, free_ports: bool, answer_after: float) -> None:
    """Set the stage, start everybody, say where to look, and wait. Raises RuntimeProblem."""
    home = Home.current()
    say = progress()
    if reset:
        start_over(home)
        say("Tout est effacé, on recommence")
    with only_one(home, {"port": port}):
        stage = _stage(home, port, free_ports=free_ports, answer_after=answer_after)
        ensure_free(stage.web_port, "les écrans de Liaison")
        with Supervisor(home, say).stopping_at_the_end() as supervisor:
            prepare(stage, say)
            start_servers(stage, supervisor, say)
            start_screens(stage, supervisor, say)
            start_actors(stage, supervisor, say)
            typer.echo(welcome(stage))
            if not headless:
                webbrowser.open(address(stage))
            supervisor.run()
    say("Tout est arrêté, les données sont gardées")


def progress() -> Say:
    """One line for each step, with the time since the start."""
    begun = time.monotonic()

    def say(sentence: str) -> None:
        typer.echo(f"[{time.monotonic() - begun:5.1f} s] {sentence}", err=True)

    return say


def _stage(home: Home, port: int, *, free_ports: bool, answer_after: float) -> Stage:
    """The mail ports are kept once chosen: the mailboxes of the database know them."""
    file = home.demo / "config.json"
    config = DemoConfig(home.demo, answer_after=answer_after)
    if file.exists():
        kept = DemoConfig.load(file)
        config = replace(config, ports=kept.ports, mllp_port=kept.mllp_port, identity_port=kept.identity_port)
    elif free_ports:
        config = config.on_free_ports()
    ensure_mail_ports(config)
    return set_stage(home, config, port or free_port())


def welcome(stage: Stage) -> str:
    """Where to look and how to sign in."""
    members = sorted(_shown(stage), key=lambda member: SHOWN_FIRST.index(member.memberships[0].role))
    rows = "\n".join(f"    {member.username:<20} {member.password:<28} {_role(member)}" for member in members)
    doctor = stage.world.doctors[0]
    operator = stage.operators[0]
    return f"""
Liaison est prêt : {address(stage)}

Pour entrer (identifiant, mot de passe) :
{rows}

La boîte d'un médecin de ville s'ouvre avec Thunderbird ou mutt (STARTTLS) :
    {doctor.address}, mot de passe {demo_password(doctor.address)}
    IMAP {operator.host}:{operator.imap_port}   SMTP {operator.host}:{operator.smtp_port}
    autorité de certification à faire accepter : {stage.config.authority.certificate}

Ce que montre chaque courrier : docs/demonstration.md

Ctrl-C arrête tout ; les données sont gardées.
"""


def _shown(stage: Stage) -> list[StaffMember]:
    at_home = [member for member in stage.world.staff if member.memberships[0].site == stage.world.home.key]
    shown: dict[str, list[StaffMember]] = {}
    for member in at_home:
        shown.setdefault(member.memberships[0].role, []).append(member)
    return [member for role in SHOWN_FIRST for member in shown.get(role, [])[:2]]


def _role(member: StaffMember) -> str:
    labels = {"secretary": "secrétaire", "coordinating_doctor": "médecin coordonnateur", "nurse": "infirmier·e"}
    return labels[member.memberships[0].role]
