"""What the hospitals of the demo send, and when: an opening batch on a fresh world, then a letter now and then."""

import json
import logging
import smtplib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from liaison.demo.config import DemoConfig
from liaison.demo.hospital.flaws import FOREIGN_SENDER, Flaw, compose_flawed
from liaison.demo.hospital.sending import Kind, Sending, compose_sending, send
from liaison.demo.hospital.twists import STEPS, TWISTS, Setting, Twist, compose_twist
from liaison.demo.identity_cases import IdentityCase, corrected, typed_twice
from liaison.demo.post import deliver_from_outside, machine_account
from liaison.demo.software.diary import returning
from liaison.demo.world import World
from liaison.demo.world.dice import Dice
from liaison.demo.world.residents import REMARKABLE
from liaison.demo.world.values import Resident

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
PERMANENT = 500
_KINDS: tuple[tuple[Kind, int], ...] = (("LDL", 75), ("CRH", 25))
_CASES: tuple[tuple[IdentityCase, int], ...] = (
    ("certain", 76), ("trait_differs", 8), ("no_ins", 8), ("incomplete_ins", 4), ("unknown", 4),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planned:
    """One sending to come: of whom, what, and how right or wrong. ``beside`` is the other patient of a mix-up.

    ``recipient`` is the mailbox when it is not that of the resident's home: the hospital chose the wrong one.
    """

    resident: Resident
    kind: Kind = "LDL"
    case: IdentityCase = "certain"
    flaw: Flaw | None = None
    number: int = 0
    twist: Twist | None = None
    step: int = 0
    beside: Resident | None = None
    recipient: str = ""


def opening(world: World) -> tuple[Planned, ...]:
    """At least one of each case; most are letters that file themselves or wait for one look."""
    ordinary = _ordinary(world)
    twin, homonym, corsican = world.residents[0], world.residents[2], world.residents[4]
    unqualified = [resident for resident in world.residents_of(world.home) if resident.ins_status != "QUAL"]
    neighbour = world.sites[1]
    elsewhere = next(resident for resident in world.residents_of(neighbour) if resident.ins_status == "QUAL")
    homes = {mailbox.site: mailbox.address for mailbox in reversed(world.mailboxes) if mailbox.kind == "ORG"}
    return (
        *(Planned(next(ordinary)) for _ in range(5)),
        Planned(next(ordinary), "CRH"),
        Planned(next(ordinary), "CRH"),
        Planned(corsican),
        Planned(twin, case="trait_differs", number=1),
        Planned(next(ordinary), case="trait_differs"),
        Planned(homonym, case="no_ins"),
        Planned(next(ordinary), "CRH", "no_ins"),
        Planned(next(ordinary), case="incomplete_ins"),
        Planned(unqualified[0]),
        Planned(next(ordinary), case="unknown"),
        Planned(elsewhere, recipient=homes[world.home.key]),
        Planned(typed_twice(world)),
        Planned(corrected(world)),
        Planned(next(ordinary), flaw="unreadable_zip"),
        Planned(next(ordinary), flaw="not_xml"),
        Planned(next(ordinary), flaw="no_attachment"),
        Planned(next(ordinary), flaw="empty"),
        Planned(next(ordinary), flaw="pdf_alone"),
        Planned(next(ordinary), flaw="unknown_domain"),
        *(Planned(next(ordinary), twist=twist, beside=next(ordinary)) for twist in TWISTS),
        Planned(next(ordinary), recipient=homes[neighbour.key]),
    )


def sequels(world: World) -> tuple[Planned, ...]:
    """The second steps of the twists, sent one at a time once the opening is over: somebody has the time to file."""
    begun = (planned for planned in opening(world) if planned.twist)
    return tuple(replace(each, step=1) for each in begun if each.twist and STEPS[each.twist] > 1)


def _ordinary(world: World) -> Iterator[Resident]:
    """Qualified residents of Jean d'Orbais, without the remarkable ones, in an order of their own."""
    at_home = world.residents_of(world.home)[len(REMARKABLE) :]
    qualified = [resident for resident in at_home if resident.ins_status == "QUAL"]
    yield from Dice(world.seed, "opening").sample(qualified, len(qualified))


def later(world: World, count: int) -> Planned:
    """The sending number ``count`` (from 1) after the opening: the sequels, then letters of those who come back."""
    following = sequels(world)
    if count <= len(following):
        return following[count - 1]
    dice = Dice(world.seed, "later", count)
    return Planned(returning(world, count), dice.weighted(_KINDS), dice.weighted(_CASES), number=count)


class Diary:
    """What was sent already, kept in a file: a restart goes on where the demo stopped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        values = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.opened = int(values.get("opened", 0))
        self.later = int(values.get("later", 0))
        self.began = str(values.get("began", ""))

    def begin(self, now: datetime) -> datetime:
        """When the demo began, to the second: now, the first time it is asked."""
        if not self.began:
            self.began = now.isoformat(timespec="seconds")
            self.note()
        return datetime.fromisoformat(self.began).astimezone(now.tzinfo)

    def note(self, *, opened: int = 0, later: int = 0) -> None:
        """Add to what was sent; on the disk when it returns."""
        self.opened += opened
        self.later += later
        values = {"opened": self.opened, "later": self.later, "began": self.began}
        partial = self._path.with_name(f"{self._path.name}.partial")
        partial.write_text(json.dumps(values), encoding="utf-8")
        partial.replace(self._path)


class Rounds:
    """The hospitals at work, until ``stopping`` is set."""

    def __init__(self, config: DemoConfig, world: World, clock: Callable[[], datetime]) -> None:
        self._config = config
        self._world = world
        self._clock = clock
        self._diary = Diary(config.home / "hospital.json")
        self._senders: Mapping[str, Callable[[Sending], None]] = {FOREIGN_SENDER.email: self._deliver}

    def run(self, stopping: threading.Event) -> None:
        for planned in opening(self._world)[self._diary.opened :]:
            if not self._send(planned, stopping):
                return
            self._diary.note(opened=1)
        while self._config.letter_every and not stopping.wait(self._config.letter_every):
            if self._send(later(self._world, self._diary.later + 1), stopping):
                self._diary.note(later=1)

    def _send(self, planned: Planned, stopping: threading.Event) -> bool:
        """Try until the operator takes the message or refuses it for good; False when stopped before that."""
        sending = self.compose(planned)
        wait = FIRST_WAIT
        while not stopping.is_set():
            try:
                self._senders.get(sending.sender, self._submit)(sending)
            except (smtplib.SMTPException, OSError) as error:
                log.warning("%s not sent: %s", sending.message_id, type(error).__name__)
                if _is_final(error):
                    return True
                stopping.wait(wait)
                wait = min(2 * wait, LONGEST_WAIT)
            else:
                log.info("%s sent", sending.message_id)
                return True
        return False

    def compose(self, planned: Planned) -> Sending:
        """The message of one planned sending, as of now."""
        world, authority, now = self._world, self._config.authority, self._clock()
        if planned.twist:
            beside = planned.beside or planned.resident
            setting = Setting(world, planned.resident, beside, self._diary.begin(now), now, authority)
            return compose_twist(setting, twist=planned.twist, step=planned.step)
        if planned.flaw:
            return compose_flawed(world, planned.resident, flaw=planned.flaw, now=now, authority=authority)
        return compose_sending(
            world,
            planned.resident,
            kind=planned.kind,
            case=planned.case,
            number=planned.number,
            now=now,
            authority=authority,
            recipient=planned.recipient,
        )

    def _submit(self, sending: Sending) -> None:
        send(sending, machine_account(self._config, self._world, sending.sender))

    def _deliver(self, sending: Sending) -> None:
        deliver_from_outside(sending.raw, self._config, self._world, sending.sender, sending.recipient)


def _is_final(error: Exception) -> bool:
    """Whether the server said no in a way that asking again will not change (5yz, RFC 5321 §4.2.1)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= PERMANENT
