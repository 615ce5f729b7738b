"""From which mailbox, to whom, with what words."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from liaison.apps.directory.models import Professional
from liaison.apps.mailboxes.models import Mailbox


class SendForm(forms.Form):
    """``destinataires`` are professionals by uuid; any professional of the directory may be chosen."""

    bal = forms.ModelChoiceField(
        label="Envoyer depuis",
        queryset=Mailbox.objects.none(),
        to_field_name="uuid",
        empty_label=None,
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"required": "Choisissez la boîte d'envoi."},
    )
    destinataires = forms.ModelMultipleChoiceField(
        label="Destinataires",
        queryset=Professional.objects.all(),
        to_field_name="uuid",
        error_messages={"required": "Choisissez au moins un destinataire."},
    )
    note = forms.CharField(
        label="Votre message (facultatif)",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 4}),
    )

    def __init__(self, *args: Any, mailboxes: QuerySet[Mailbox], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["bal"]
        field.queryset = mailboxes  # type: ignore[attr-defined]  # the field is a ModelChoiceField
        field.label_from_instance = _label  # type: ignore[attr-defined]


def _label(mailbox: Mailbox) -> str:
    return f"{mailbox.label} · boîte {mailbox.get_kind_display()} · {mailbox.address}"
