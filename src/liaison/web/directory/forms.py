"""What a person writes about a professional."""

from django import forms

DAY = {"class": "form-control", "type": "date"}


class AbsenceForm(forms.Form):
    """From which day to which, and who stands in."""

    du = forms.DateField(label="Du", widget=forms.DateInput(attrs=DAY))
    au = forms.DateField(label="Au (inclus)", widget=forms.DateInput(attrs=DAY))
    remplacant = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    precision = forms.CharField(
        label="Précision (facultatif)",
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
