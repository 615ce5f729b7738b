"""Playing the scenario beside a running demo, or on a stage of its own."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import typer

from liaison.demo.config import DemoConfig
from liaison.demo.run import progress
from liaison.demo.scenario.values import TITLES, Step, Timeline
from liaison.demo.stage import (
    Say,
    Stage,
    ensure_mail_ports,
    is_running,
    only_one,
    prepare,
    set_stage,
    start_actors,
    start_over,
    start_servers,
)
from liaison.demo.world import build_world
from liaison.runtime.errors import PortInUse, RuntimeProblem
from liaison.runtime.paths import Home
from liaison.runtime.processes import Supervisor

ANSWER_AFTER_SECONDS = 1.0


def run(*, as_json: bool, reset: bool) -> int:
    """Play once, on a stage made anew if ``reset``; 0 when every step really happened.

    Raises RuntimeProblem when the stage cannot be set.
    """
    try:
        timeline = _played(as_json=as_json, reset=reset)
    except RuntimeProblem as problem:
        if as_json:
            _print(Timeline.not_begun(str(problem)))
        raise
    if as_json:
        _print(timeline)
    else:
        typer.echo("Tout le chemin est parcouru." if timeline.ok else "Le chemin s'est arrêté en route.")
    return 0 if timeline.ok else 1


def _played(*, as_json: bool, reset: bool) -> Timeline:
    if reset:
        start_over(Home.current())
    with _stage(progress()) as stage:
        from liaison.demo.scenario.play import play

        return play(stage, _silent if as_json else _show)


def _print(timeline: Timeline) -> None:
    typer.echo(json.dumps(timeline.as_json(), ensure_ascii=False, default=str))


@contextmanager
def _stage(say: Say) -> Iterator[Stage]:
    home = Home.current()
    if is_running(home):
        say("À côté de la démonstration qui tourne")
        yield _join(home)
    else:
        yield from _own(home, say)


def _join(home: Home) -> Stage:
    config = DemoConfig.load(home.demo / "config.json")
    stage = Stage(home, config, build_world(config.seed), 0)
    _set_up(stage)
    return stage


def _set_up(stage: Stage) -> None:
    os.environ.update(stage.environment())
    import django

    django.setup()


def _own(home: Home, say: Say) -> Iterator[Stage]:
    with only_one(home, {}):
        stage = set_stage(home, replace(_config(home, say), answer_after=ANSWER_AFTER_SECONDS, letter_every=0.0))
        with Supervisor(home, say).stopping_at_the_end() as supervisor:
            prepare(stage, say)
            start_servers(stage, supervisor, say)
            start_actors(stage, supervisor, say, hospital=False)
            yield stage


def _config(home: Home, say: Say) -> DemoConfig:
    """The ports once chosen are kept; the first time, free ones are taken when another program has the usual ones."""
    file = home.demo / "config.json"
    config = DemoConfig.load(file) if file.exists() else DemoConfig(home.demo)
    try:
        ensure_mail_ports(config)
    except PortInUse:
        if file.exists():
            raise
        say("Ports habituels pris : la messagerie en prend de libres")
        return config.on_free_ports()
    return config


def _show(step: Step) -> None:
    mark = "✓" if step.ok else "✗"
    typer.echo(f"{mark} {TITLES[step.name]:<50} {step.seconds:7.3f} s")
    for name, value in step.evidence.items():
        typer.echo(f"      {name} : {', '.join(map(str, value)) if isinstance(value, list) else value}")


def _silent(_step: Step) -> None:
    return
