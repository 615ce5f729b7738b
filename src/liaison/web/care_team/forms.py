"""What a person writes about the professionals around a resident. Posted: no name is ever in an address."""

from dataclasses import fields
from typing import Any

from django import forms

from liaison.apps.directory.adopting import Declared
from liaison.apps.residents.models import CareTeamMember, Opposition

TEXT = {"class": "form-control", "autocomplete": "off"}


def _text(label: str, longest: int, *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=required, widget=forms.TextInput(attrs=TEXT))


class PlaceForm(forms.Form):
    """Who takes which place."""

    qui = forms.CharField(max_length=60, widget=forms.HiddenInput)
    role = forms.ChoiceField(
        label="Rôle",
        choices=CareTeamMember.Role.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
    )


class DeclareForm(forms.Form):
    """A professional the directory does not list."""

    family = _text("Nom", 200, required=True)
    given = _text("Prénom", 100)
    title = _text("Civilité", 20)
    profession = _text("Profession", 100)
    speciality = _text("Spécialité", 200)
    street = _text("Numéro et voie", 300)
    postal_code = _text("Code postal", 10)
    city = _text("Ville", 100)
    phone = _text("Téléphone", 30)
    role = forms.ChoiceField(
        label="Rôle auprès du résident",
        choices=CareTeamMember.Role.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def declared(self) -> Declared:
        values: dict[str, Any] = {field.name: self.cleaned_data[field.name] for field in fields(Declared)}
        return Declared(**values)


class OppositionForm(forms.Form):
    """What the resident refuses, and who says so."""

    portee = forms.ChoiceField(
        label="Le résident s'oppose",
        choices=Opposition.Scope.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    par = _text("Exprimée par (le résident, sa personne de confiance, son tuteur…)", 200, required=True)
