"""What an administrator sets on the page of the installation."""

from django import forms


class PurgeForm(forms.Form):
    """After how many days the operator's copies go; nothing typed: never. The act itself knows the limits."""

    jours = forms.IntegerField(required=False, min_value=0)
