"""A line of treatment as a person writes it, who prescribed it, and the file of a whole home."""

from collections.abc import Sequence
from typing import Any

from django import forms

from liaison.apps.treatments.models import TreatmentLine
from liaison.apps.treatments.prescribers import Prescriber
from liaison.apps.treatments.written import Written
from liaison.core.cda.values import Code
from liaison.core.medication.line import ATC, CIP, CIS, UCD

SYSTEMS = {"cis": CIS, "cip": CIP, "ucd": UCD, "atc": ATC}


def _text(label: str, most: int, *, required: bool = False, hint: str = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"})
    return forms.CharField(label=label, max_length=most, required=required, help_text=hint, widget=widget)


def _date(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"class": "form-control", "type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class PrescriberForm(forms.Form):
    """In whose name. The first of the list is the person who writes, when he prescribes here."""

    prescripteur = forms.ChoiceField(label="Prescripteur", widget=forms.Select(attrs={"class": "form-select"}))

    def __init__(self, prescribers: Sequence[Prescriber], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["prescripteur"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "Choisir"), *((each.rpps, f"{each.name} ({each.rpps})") for each in prescribers)]


class StopForm(PrescriberForm):
    """Why a line ends."""

    motif = _text("Pourquoi arrêter ?", 300, required=True)


class LineForm(PrescriberForm):
    """The fields in the order of the screen."""

    medicament = _text("Médicament", 200, required=True, hint="Nom, dosage et forme.")
    dci = _text("Substance (DCI)", 200)
    dose = _text("Dose par prise", 100)
    unite = _text("Unité", 40, hint="Comprimé, goutte, mg…")
    matin = _text("Matin", 40)
    midi = _text("Midi", 40)
    soir = _text("Soir", 40)
    coucher = _text("Coucher", 40)
    frequence = _text("Fréquence", 200, hint="Quand les moments ne suffisent pas : « un jour sur deux ».")
    voie = _text("Voie", 100)
    si_besoin = forms.BooleanField(label="Si besoin", required=False)
    debut = _date("Début")
    fin = _date("Fin prévue")
    indication = _text("Indication", 300)
    cis = _text("CIS", 8)
    cip = _text("CIP", 13)
    ucd = _text("UCD", 13)
    atc = _text("ATC", 7)
    motif = _text("Motif", 300, hint="Ordonnance du …, appel du médecin…")
    seconde = forms.BooleanField(
        label="C'est une seconde ligne d'un médicament que le résident prend déjà", required=False
    )

    def written(self) -> Written:
        said = self.cleaned_data
        return Written(
            label=said["medicament"],
            substance=said["dci"],
            codes=tuple(Code(said[name], system) for name, system in SYSTEMS.items() if said[name]),
            dose=said["dose"],
            unit=said["unite"],
            morning=said["matin"],
            noon=said["midi"],
            evening=said["soir"],
            bedtime=said["coucher"],
            frequency=said["frequence"],
            route=said["voie"],
            as_needed=said["si_besoin"],
            start=said["debut"],
            ends_on=said["fin"],
            indication=said["indication"],
        )


class FileForm(forms.Form):
    """The file, the home it is of, and what becomes of what it does not say."""

    etablissement = forms.UUIDField(label="Établissement")
    fichier = forms.FileField(
        label="Fichier CSV",
        widget=forms.ClearableFileInput(attrs={"class": "form-control", "accept": ".csv,text/csv,text/plain"}),
    )
    tout = forms.BooleanField(
        label="Le fichier est tout le traitement des résidents qu'il nomme : ce qu'il ne dit pas prend fin",
        required=False,
    )


def held_by(line: TreatmentLine) -> dict[str, Any]:
    """The form as the line stands."""
    codes = {system: code["code"] for code in line.codes for system in [code["system"]]}
    return {
        "medicament": line.label,
        "dci": line.substance,
        "dose": line.dose,
        "unite": line.unit,
        "matin": line.morning,
        "midi": line.noon,
        "soir": line.evening,
        "coucher": line.bedtime,
        "frequence": line.frequency,
        "voie": line.route,
        "si_besoin": line.as_needed,
        "debut": line.started_at,
        "fin": line.ends_on,
        "indication": line.reason,
        **{name: codes.get(system, "") for name, system in SYSTEMS.items()},
    }
