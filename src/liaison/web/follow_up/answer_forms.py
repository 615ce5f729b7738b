"""What a person of the home writes down or chooses about an answer."""

from django import forms
from django.http import QueryDict
from django.utils import timezone

from liaison.apps.exchanges.models import Reply

TEXT = {"class": "form-control", "autocomplete": "off"}
WAYS = [(value, label) for value, label in Reply.Source.choices if value in {Reply.Source.PHONE, Reply.Source.VISIT}]


class SpokenForm(forms.Form):
    """An answer given by telephone or on a visit."""

    voie = forms.ChoiceField(label="Comment", choices=WAYS, widget=forms.Select({"class": "form-select"}))
    interlocuteur = forms.CharField(label="Qui a répondu", max_length=200, widget=forms.TextInput(TEXT))
    quand = forms.DateTimeField(
        label="Quand",
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput({"class": "form-control", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    paroles = forms.CharField(
        label="Ce qui a été dit",
        max_length=4000,
        widget=forms.Textarea({"class": "form-control", "rows": 3}),
        help_text="Par exemple : « 1 ok, 3 : 2,5 mg, arrêt du Kardégic. Je passe jeudi. »",
    )

    def __init__(self, data: QueryDict | None = None, *, speaker: str = "", key: int = 0) -> None:
        now = timezone.localtime().replace(second=0, microsecond=0, tzinfo=None)
        super().__init__(data, initial={"interlocuteur": speaker, "quand": now}, auto_id=f"parole-{key}-%s")


class AttachForm(forms.Form):
    """The exchange a message answers."""

    echange = forms.UUIDField()
