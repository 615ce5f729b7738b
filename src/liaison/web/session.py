"""Around the session: a page that refreshes itself keeps nobody signed in, and health data is never cached."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRefresh


class PresenceMiddleware:
    """Extends the session at each act of a person; the inbox asking for news by itself is not one.

    When the session has ended, the live part of a page is told to reload whole, which shows the sign-in page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        live = request.headers.get("HX-Request") == "true"
        by_itself = live and request.method == "GET"
        if not by_itself and request.user.is_authenticated:
            request.session.modified = True
        response = self.get_response(request)
        if live and _is_to_sign_in(response):
            return HttpResponseClientRefresh()
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def _is_to_sign_in(response: HttpResponse) -> bool:
    location = response.headers.get("Location", "")
    return bool(location) and urlsplit(location).path == resolve_url(settings.LOGIN_URL)
