"""When a doctor who does not answer is reminded, and when a person takes over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Act = Literal["wait", "remind", "take_over"]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one site: hours when a high-risk class changes, days otherwise, and how many reminders."""

    high_risk_hours: int = 24
    usual_days: int = 3
    reminders: int = 2

    def patience(self, *, high_risk: bool) -> timedelta:
        """How long an answer is waited for, after the message and after each reminder."""
        return timedelta(hours=self.high_risk_hours) if high_risk else timedelta(days=self.usual_days)


@dataclass(frozen=True, slots=True)
class Silence:
    """One addressee who has not answered: when he was first written to, and how many reminders he has had since."""

    sent_at: datetime
    reminders: int
    high_risk: bool


def due_at(silence: Silence, rules: Rules) -> datetime:
    """When the next act is due. Counted from the sending, so that a reminder sent late does not push the rest away."""
    return silence.sent_at + (silence.reminders + 1) * rules.patience(high_risk=silence.high_risk)


def next_act(silence: Silence, rules: Rules, now: datetime) -> Act:
    """What the rule says to do now: nothing yet, a reminder, or another way by a person."""
    if now < due_at(silence, rules):
        return "wait"
    return "remind" if silence.reminders < rules.reminders else "take_over"
