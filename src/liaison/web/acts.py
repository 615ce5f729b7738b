"""Doing an act for a person, and telling the person in French what came of it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from liaison.apps.refusals import Refused
from liaison.web.requests import PersonRequest


def attempt(request: PersonRequest, act: Callable[[], object], done: str) -> bool:
    """Whether the act was done. A refusal is shown in its own words; ``done`` is the sentence of success."""
    try:
        act()
    except Refused as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(request, done)
    return True


def back(request: PersonRequest, fallback: str, *args: object) -> HttpResponseRedirect:
    """To the screen named by the form's ``retour`` field when it is one of ours, else to ``fallback``."""
    wanted = request.POST.get("retour", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure())
    return redirect(wanted) if wanted.startswith("/") and ours else redirect(fallback, *args)
