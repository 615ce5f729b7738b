"""Opens, for the time of a request, the rows of the user's sites and no other (row-level security)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from liaison.apps.organisations.row_security import close_scope, open_scope


class ScopeMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        open_scope(request.user.memberships.values_list("site_id", flat=True))
        try:
            return self.get_response(request)
        finally:
            close_scope()
