"""What a prescriber chooses, line by line."""

from django import forms
from django.http import QueryDict

from liaison.apps.treatments.actions import Choice
from liaison.apps.treatments.models import Decision, ReconciliationLine

TEXT = {"class": "form-control", "autocomplete": "off"}


class LineForm(forms.Form):
    """One line; without a verdict it is left undecided."""

    verdict = forms.ChoiceField(label="Décision", choices=Decision.Verdict.choices, required=False)
    dose = forms.CharField(label="Dose", max_length=100, required=False, widget=forms.TextInput(TEXT))
    frequence = forms.CharField(label="Fréquence", max_length=200, required=False, widget=forms.TextInput(TEXT))
    motif = forms.CharField(label="Motif", max_length=500, required=False, widget=forms.TextInput(TEXT))

    def __init__(self, line: ReconciliationLine, data: QueryDict | None, initial: dict[str, str]) -> None:
        super().__init__(data, initial=initial, prefix=f"ligne-{line.number}")
        self.line = line

    def choice(self) -> Choice | None:
        """What is chosen; dose and frequency count for « Modifier » only."""
        said = self.cleaned_data
        if not said["verdict"]:
            return None
        changes = said["verdict"] == Decision.Verdict.CHANGE
        return Choice(
            number=self.line.number,
            verdict=said["verdict"],
            dose=said["dose"] if changes else "",
            frequency=said["frequence"] if changes else "",
            reason=said["motif"],
        )


class AnswerForm(forms.Form):
    """The doctor's answer the decisions rest on, if any."""

    reponse = forms.UUIDField(required=False, widget=forms.HiddenInput)
