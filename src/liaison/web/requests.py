"""The request a signed-in person makes, as every screen receives it."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

from liaison.apps.organisations.models import User

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class PersonRequest(HttpRequest):
    """LoginRequiredMiddleware and HtmxMiddleware make both attributes true of every view that is not public."""

    user: User
    htmx: "HtmxDetails"
