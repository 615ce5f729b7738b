"""What a person says of a leaving and of a return."""

from django import forms
from django.utils import timezone

from liaison.apps.exchanges.hospitals import Hospital

MOMENT = "%Y-%m-%dT%H:%M"


class LeavingForm(forms.Form):
    """When the resident left, now unless told otherwise, and for which hospital if it is known."""

    le = forms.DateTimeField(input_formats=[MOMENT, "%Y-%m-%dT%H:%M:%S"], required=False)
    hopital = forms.ChoiceField(required=False)

    def __init__(self, *args: object, hospitals: list[Hospital], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments, passed on
        self.hospitals = {hospital.address: hospital for hospital in hospitals}
        field = self.fields["hopital"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "Non précisé"), *((one.address, one.name) for one in hospitals)]

    @staticmethod
    def now() -> str:
        return timezone.localtime().strftime(MOMENT)

    def hospital(self) -> Hospital:
        return self.hospitals.get(self.cleaned_data.get("hopital", ""), Hospital("", ""))


class DayForm(forms.Form):
    """A day to come."""

    jour = forms.DateField(input_formats=["%Y-%m-%d"])


class AddressForm(forms.Form):
    """Whom to ask: an address of MSSanté, and the name it goes by."""

    adresse = forms.EmailField()
    nom = forms.CharField(max_length=200, required=False)


class DirectoryForm(forms.Form):
    """A hospital or a service, looked for in the national directory."""

    texte = forms.CharField(max_length=100, required=False)

    def text(self) -> str:
        return str(self.cleaned_data.get("texte", "")).strip() if self.is_valid() else ""
