"""Signing in, and the probe."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from liaison.apps.organisations.actions import do_note_presence
from liaison.apps.organisations.models import User
from liaison.apps.organisations.row_security import scope
from liaison.web.sign_in.forms import SignInForm


class SignIn(LoginView):
    template_name = "sign_in/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, identity=settings.PSC_NAME if settings.PSC_CLIENT_ID else "")

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        _note(self.request.user, present=True)
        return answer


class SignOut(LogoutView):
    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        _note(request.user, present=False)
        return super().post(request, *args, **kwargs)


def _note(user: object, *, present: bool) -> None:
    """Outside the scope of any request: the person was nobody before, or is nobody after."""
    if isinstance(user, User):
        with scope(user.memberships.values_list("site_id", flat=True)):
            do_note_presence(user, present=present)


@login_not_required
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 when the database answers, 503 when it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database: failing\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
