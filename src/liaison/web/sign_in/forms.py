"""The sign-in form."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """Identifier and password, in that order of focus."""

    error_messages = {  # noqa: RUF012 (as Django declares it)
        "invalid_login": "Identifiant ou mot de passe inconnu. Vérifiez les majuscules.",
        "inactive": "Ce compte n'est plus actif.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Identifiant"
        self.fields["password"].label = "Mot de passe"
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"
