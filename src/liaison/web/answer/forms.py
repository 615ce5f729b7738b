"""What a doctor types on his page: a code, then a choice for each line, a question, a visit."""

from typing import Any

from django import forms
from django.http import QueryDict

from liaison.apps.exchanges.page_answers import LineAnswer
from liaison.apps.treatments.models import ReconciliationLine

TEXT = {"class": "form-control", "autocomplete": "off"}
CODE = {
    "class": "form-control code-field",
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "maxlength": "12",
    "autofocus": True,
}
CHOICES = (
    ("ok", "D'accord"),
    ("keep", "Garder comme avant"),
    ("change", "Modifier"),
    ("stop", "Arrêter"),
    ("ask", "À discuter"),
)


class CodeForm(forms.Form):
    code = forms.CharField(label="Code reçu", max_length=12, widget=forms.TextInput(CODE))

    def clean_code(self) -> str:
        """Six digits, however they were copied."""
        return "".join(character for character in self.cleaned_data["code"] if character.isdigit())


class AnswerLineForm(forms.Form):
    """One line; without a choice nothing is said of it."""

    choix = forms.ChoiceField(label="Votre avis", choices=CHOICES, required=False)
    dose = forms.CharField(label="Dose voulue", max_length=100, required=False, widget=forms.TextInput(TEXT))
    frequence = forms.CharField(label="Fréquence voulue", max_length=200, required=False, widget=forms.TextInput(TEXT))
    remarque = forms.CharField(label="Remarque", max_length=300, required=False, widget=forms.TextInput(TEXT))

    def __init__(self, line: ReconciliationLine, data: QueryDict | None) -> None:
        super().__init__(data, prefix=f"ligne-{line.number}")
        self.line = line

    def answer(self) -> LineAnswer | None:
        said: dict[str, Any] = self.cleaned_data
        if not said["choix"]:
            return None
        return LineAnswer(self.line.number, said["choix"], said["dose"], said["frequence"], said["remarque"])


class GeneralForm(forms.Form):
    """What is said of no line in particular. ``tout`` is the button that agrees to every line left unsaid."""

    question = forms.CharField(
        label="Une question, une remarque",
        max_length=2000,
        required=False,
        widget=forms.Textarea({"class": "form-control", "rows": 3}),
    )
    visite = forms.CharField(
        label="Je passe voir le résident : quand ?", max_length=200, required=False, widget=forms.TextInput(TEXT)
    )
    tout = forms.CharField(required=False)
