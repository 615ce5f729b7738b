"""A call to a doctor, and the rules of a site's reminders."""

from typing import Any

from django import forms

from liaison.apps.exchanges.models import Call
from liaison.apps.exchanges.reminders import LIMITS
from liaison.core.follow_up.rules import Rules

_LABELS = {
    "high_risk_hours": "Heures d'attente, pour une classe à risque",
    "usual_days": "Jours d'attente, pour le reste",
    "reminders": "Rappels avant de joindre autrement",
}


class CallForm(forms.Form):
    """What came of a telephone call."""

    issue = forms.ChoiceField(label="Issue", choices=Call.Outcome.choices)
    interlocuteur = forms.CharField(label="Interlocuteur", max_length=200, required=False)
    mots = forms.CharField(label="Ce qui a été dit", max_length=4000, required=False)


def _number(name: str) -> forms.IntegerField:
    least, most = LIMITS[name]
    label = _LABELS[name]
    widget = forms.NumberInput({"class": "form-control", "min": least, "max": most})
    return forms.IntegerField(label=label, min_value=least, max_value=most, widget=widget)


class RulesForm(forms.Form):
    """When doctors are reminded, within the limits of the rules."""

    high_risk_hours = _number("high_risk_hours")
    usual_days = _number("usual_days")
    reminders = _number("reminders")

    def rules(self) -> Rules:
        said: dict[str, Any] = self.cleaned_data
        return Rules(said["high_risk_hours"], said["usual_days"], said["reminders"])
