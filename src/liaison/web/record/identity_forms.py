"""The identity of a resident as a person writes it: the traits, what was checked, and why."""

import re
from typing import Any

from django import forms
from django.conf import settings

from liaison.apps.residents.correcting import Checked
from liaison.apps.residents.models import Resident
from liaison.core.identity.status import PROOFS
from liaison.core.identity.traits import strict_code
from liaison.core.people import INS_DEMO, INS_NIA, INS_NIR, INS_TEST
from liaison.core.roster import is_known_date, iso_date
from liaison.web.words import stated_date

_PLACE = re.compile(r"\d{5}|2[AB]\d{3}", re.ASCII)
_ROOTS = ((INS_NIR, "NIR"), (INS_NIA, "NIA (identifiant d'attente)"))
_TEST_ROOTS = ((INS_TEST, "INS de test"), (INS_DEMO, "INS de démonstration"))
FIELDS = {
    "nom_naissance": "birth_family",
    "premier_prenom": "birth_given",
    "prenoms_naissance": "given_names",
    "date_naissance": "birth_date",
    "sexe": "sex",
    "lieu_naissance": "birth_place",
    "nom_utilise": "used_family",
    "prenom_utilise": "used_given",
    "matricule": "ins",
    "nature": "ins_oid",
    "attribut": "doubt",
}


def _text(label: str, most: int, *, required: bool = False, hint: str = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"})
    return forms.CharField(label=label, max_length=most, required=required, help_text=hint, widget=widget)


def _choice(label: str, choices: list[tuple[str, str]], *, required: bool = False, hint: str = "") -> forms.ChoiceField:
    widget = forms.Select(attrs={"class": "form-select"})
    return forms.ChoiceField(label=label, choices=choices, required=required, help_text=hint, widget=widget)


class IdentityForm(forms.Form):
    """The fields in the order of the screen."""

    nom_naissance = _text("Nom de naissance", 100, required=True)
    premier_prenom = _text("Premier prénom de naissance", 100, required=True)
    prenoms_naissance = _text("Tous les prénoms de naissance", 200, hint="Dans l'ordre de l'état civil.")
    date_naissance = _text(
        "Date de naissance", 10, required=True, hint="JJ/MM/AAAA ; AAAA seul si le reste est inconnu."
    )
    sexe = _choice("Sexe", [("F", "Féminin"), ("M", "Masculin"), ("U", "Inconnu")], required=True)
    lieu_naissance = _text("Lieu de naissance (code INSEE)", 5, hint="Cinq caractères ; 99 et le pays pour l'étranger.")
    nom_utilise = _text("Nom utilisé", 100)
    prenom_utilise = _text("Prénom utilisé", 100)
    matricule = _text("Matricule INS", 21, hint="Quinze caractères, clé comprise.")
    nature = _choice("Nature du matricule", [])
    piece = _choice(
        "Pièce d'identité vue aujourd'hui", [("", "aucune"), *PROOFS.items()], hint="La pièce, jamais un courrier reçu."
    )
    insi = forms.BooleanField(label="Le téléservice INSi a été interrogé et a rendu ces traits", required=False)
    attribut = _choice("Attribut", [("", "aucun"), *Resident.Doubt.choices])
    homonyme = forms.BooleanField(label="Homonyme : un autre résident porte ces nom et prénom", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nature = self.fields["nature"]
        if isinstance(nature, forms.ChoiceField):
            nature.choices = [("", "aucun"), *_ROOTS, *(_TEST_ROOTS if settings.ACCEPT_TEST_INS else ())]

    def clean_date_naissance(self) -> str:
        written = iso_date(self.cleaned_data["date_naissance"])
        if not is_known_date(written):
            raise forms.ValidationError("Ce n'est pas une date : JJ/MM/AAAA, ou AAAA.")
        return written

    def clean_lieu_naissance(self) -> str:
        place = strict_code(self.cleaned_data["lieu_naissance"])
        if place and not _PLACE.fullmatch(place):
            raise forms.ValidationError("Le code INSEE a cinq caractères (51454, 2A004, 99109).")
        return place

    def clean_matricule(self) -> str:
        return strict_code(self.cleaned_data["matricule"])

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = {**self.cleaned_data}
        if said.get("matricule") and not said.get("nature"):
            said["nature"] = INS_NIR
        if not said.get("matricule"):
            said["nature"] = ""
        said["prenoms_naissance"] = said.get("prenoms_naissance") or said.get("premier_prenom", "")
        return said

    @property
    def traits(self) -> dict[str, str]:
        """Under the names of the model."""
        return {trait: str(self.cleaned_data[field]).strip() for field, trait in FIELDS.items()}

    @property
    def checked(self) -> Checked:
        return Checked(proof=self.cleaned_data["piece"], insi_called=self.cleaned_data["insi"])


class CorrectionForm(IdentityForm):
    """The identity of a resident known here, and why it changes."""

    motif = _text("Pourquoi corriger ?", 300, required=True)


class TakeInForm(IdentityForm):
    """A resident who is not known here."""

    etablissement = forms.UUIDField(widget=forms.Select(attrs={"class": "form-select"}), label="Établissement")
    chambre = _text("Chambre", 20)
    autre_personne = forms.BooleanField(
        label="C'est une autre personne que le résident du même nom, né le même jour", required=False
    )


def held_by(resident: Resident) -> dict[str, Any]:
    """The form as the record stands now."""
    held = {field: getattr(resident, trait) for field, trait in FIELDS.items()}
    return {**held, "date_naissance": stated_date(resident.birth_date), "homonyme": resident.homonym}
