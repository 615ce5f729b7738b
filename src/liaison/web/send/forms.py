"""From which mailbox, to whom, by which way, with what words."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from liaison.apps.exchanges.patient_copy import PatientCopy
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.residents.models import Resident

SEXES = (("", "Choisir"), (Resident.Sex.FEMALE, "Féminin"), (Resident.Sex.MALE, "Masculin"))


class SendForm(forms.Form):
    """The professionals ticked are beside the form's own fields: see ``chosen`` and ``lettered``."""

    bal = forms.ModelChoiceField(
        label="Envoyer depuis",
        queryset=Mailbox.objects.none(),
        to_field_name="uuid",
        empty_label=None,
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"required": "Choisissez la boîte d'envoi."},
    )
    note = forms.CharField(
        label="Votre message (facultatif)",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 4}),
    )
    copie = forms.BooleanField(label="Envoyer aussi une copie au résident (Mon espace santé)", required=False)
    naissance = forms.DateField(
        label="Sa date de naissance",
        required=False,
        widget=forms.DateInput(attrs={"class": "form-control", "type": "date"}),
    )
    sexe = forms.ChoiceField(
        label="Son sexe", required=False, choices=SEXES, widget=forms.Select(attrs={"class": "form-select"})
    )

    def __init__(self, *args: Any, mailboxes: QuerySet[Mailbox], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["bal"]
        field.queryset = mailboxes  # type: ignore[attr-defined]  # the field is a ModelChoiceField
        field.label_from_instance = _label  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("copie") and not (cleaned.get("naissance") and cleaned.get("sexe")):
            self.add_error("copie", "Confirmez la date de naissance et le sexe du résident.")
        if self.is_bound and not (chosen(self.data) or lettered(self.data) or cleaned.get("copie")):
            self.add_error(None, "Choisissez au moins un destinataire.")
        return cleaned

    def patient_copy(self) -> PatientCopy | None:
        if not self.cleaned_data["copie"]:
            return None
        return PatientCopy(self.cleaned_data["naissance"].isoformat(), self.cleaned_data["sexe"])


def chosen(data: Any) -> list[str]:
    """The values of the professionals ticked for a message."""
    return data.getlist("destinataires") if isinstance(data, QueryDict) else []


def lettered(data: Any) -> list[str]:
    """The values of the professionals ticked for a printed letter."""
    return data.getlist("lettres") if isinstance(data, QueryDict) else []


def _label(mailbox: Mailbox) -> str:
    return f"{mailbox.label} · {mailbox.address}"
