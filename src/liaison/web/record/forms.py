"""What a person writes on the screens of the record. Posted, so that no name is ever in an address."""

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


class SetAsideForm(forms.Form):
    """Why a document goes into no record, and whether its sender is told."""

    motif = forms.CharField(
        label="Pourquoi l'écarter ?",
        max_length=300,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    prevenir = forms.BooleanField(label="Prévenir l'expéditeur que le document n'est pas intégré", required=False)


class UnfileForm(forms.Form):
    """Why a document leaves a record."""

    motif = forms.CharField(
        label="Pourquoi le retirer du dossier ?",
        max_length=300,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
