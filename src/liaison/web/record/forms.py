"""What a person writes on the screens of the record. Posted, so that no name is ever in an address."""

from typing import Any

from django import forms


class SearchForm(forms.Form):
    """A name, a room or a date of birth."""

    texte = forms.CharField(
        label="Nom, chambre ou date de naissance",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", "type": "search"}),
    )

    def text(self) -> str:
        return str(self.cleaned_data.get("texte", "")).strip() if self.is_valid() else ""


class ResidentChoice(forms.Form):
    """Whose record a document goes into."""

    resident = forms.UUIDField(widget=forms.HiddenInput)


class MergeForm(ResidentChoice):
    """Which record is put into this one, and why."""

    motif = forms.CharField(max_length=300)


class UndoMergeForm(forms.Form):
    """Why two records are taken apart."""

    motif = forms.CharField(
        label="Pourquoi annuler la fusion ?",
        max_length=300,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )


REASONS_TO_SET_ASIDE = (
    "Document non médical (publicité, invitation, facture)",
    "Information générale, qui ne concerne aucun résident",
    "Document illisible, redemandé par téléphone",
)


class SetAsideForm(forms.Form):
    """Why a document goes into no record: one of the usual reasons, or other words."""

    raison = forms.ChoiceField(choices=[(reason, reason) for reason in REASONS_TO_SET_ASIDE], required=False)
    motif = forms.CharField(max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        """The words written win over the reason chosen; one of them is needed."""
        said = {**self.cleaned_data}
        said["motif"] = str(said.get("motif") or "").strip() or said.get("raison", "")
        if not said["motif"]:
            raise forms.ValidationError("Dites pourquoi.")
        return said


class UnfileForm(forms.Form):
    """Why a document leaves a record."""

    motif = forms.CharField(
        label="Pourquoi le retirer du dossier ?",
        max_length=300,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
