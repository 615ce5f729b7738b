"""A sender asks that a document be cancelled: a person accepts or refuses, and the sender is answered."""

from django.db import transaction

from liaison.apps.audit.actions import begin, record
from liaison.apps.exchanges.answers import answer_error, answer_processed
from liaison.apps.filing.rights import check_may_file
from liaison.apps.filing.versions import standing_filing, strike
from liaison.apps.intake.actions import settle
from liaison.apps.intake.models import Document
from liaison.apps.organisations.models import User
from liaison.apps.refusals import AlreadyDone, NotPossible

State = Document.State
REFUSAL_CODE = "906"


@transaction.atomic
def do_accept_cancellation(request: Document, *, user: User) -> None:
    """Strike the document that the sender cancels, with what was derived from it, and answer « processed »."""
    begin(request.site)
    locked = _lock(request)
    _check(locked, user)
    target = _target(locked)
    resident = filing.resident if (filing := standing_filing(target)) else None
    strike(target, State.CANCELLED)
    _close(locked, "Annulation acceptée.")
    record("cancellation_accepted", target, site=locked.site, user=user, resident=resident, by=str(locked.uuid))
    settle(target.message, user)
    settle(locked.message, user)
    answer_processed(locked.message, locked, user=user)


@transaction.atomic
def do_refuse_cancellation(request: Document, *, user: User, reason: str) -> None:
    """Leave the document as it is; the sender is told with the ANS code 906 (other)."""
    begin(request.site)
    locked = _lock(request)
    _check(locked, user)
    if not reason.strip():
        raise NotPossible("Dites pourquoi l'annulation est refusée.")
    target = _target(locked)
    resident = filing.resident if (filing := standing_filing(target)) else None
    _close(locked, f"Annulation refusée : {reason.strip()}"[:300])
    record("cancellation_refused", target, site=locked.site, user=user, resident=resident, by=str(locked.uuid))
    settle(locked.message, user)
    answer_error(locked, REFUSAL_CODE, user=user)


def _lock(document: Document) -> Document:
    return Document.objects.select_for_update(of=["self"]).select_related("site", "message").get(pk=document.pk)


def _check(request: Document, user: User) -> None:
    check_may_file(user, request.site)
    if request.version_kind != "cancels":
        raise NotPossible("Ce message ne demande l'annulation d'aucun document détenu ici.")
    if request.state == State.SET_ASIDE:
        raise AlreadyDone("Quelqu'un a déjà répondu à cette demande d'annulation.")


def _target(request: Document) -> Document:
    if request.other_version is None:
        raise NotPossible("Le document à annuler n'est pas détenu ici.")
    target = _lock(request.other_version)
    if target.state == State.CANCELLED:
        raise AlreadyDone("Ce document est déjà annulé.")
    return target


def _close(request: Document, said: str) -> None:
    request.state, request.set_aside_reason = State.SET_ASIDE, said
    request.save(update_fields=["state", "set_aside_reason"])
