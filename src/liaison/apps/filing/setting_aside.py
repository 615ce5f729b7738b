"""A document that goes into no record here: not medical, or not ours; and taken up again when that was wrong."""

from django.db import transaction

from liaison.apps.audit.actions import begin, record
from liaison.apps.exchanges.answers import answer_error, answer_processed, way_to_answer
from liaison.apps.exchanges.models import Answer
from liaison.apps.filing.models import Proposal
from liaison.apps.filing.rights import check_may_file
from liaison.apps.intake.actions import settle
from liaison.apps.intake.models import Document
from liaison.apps.organisations.models import User
from liaison.apps.refusals import AlreadyDone, NotPossible
from liaison.core.mail.report_writing import APPLICATION_ERRORS
from liaison.core.versions.decide import rule_of

State = Document.State
UNKNOWN_HERE = "902"
SENT_BACK = "Renvoyé à l'expéditeur"
ASIDE = (State.TO_MATCH, State.PROPOSED)


@transaction.atomic
def do_set_aside(document: Document, *, user: User, reason: str) -> None:
    """Say that a document goes into no record: an invitation, an invoice, an empty page. The sender is not told."""
    begin(document.site)
    locked = _lock(document, user)
    if not reason.strip():
        raise NotPossible("Dites pourquoi ce document est écarté.")
    _set_aside(locked, reason.strip())
    record("document_set_aside", locked, site=locked.site, user=user)
    settle(locked.message, user)
    filed = locked.message.documents.filter(state=State.FILED).first()
    if filed is not None:
        answer_processed(locked.message, filed, user=user)


@transaction.atomic
def do_send_back(document: Document, *, user: User) -> Answer:
    """Say that the patient is nobody's here, and tell the sender by the ANS code of the rule (error MDN, else mail).

    Raises NotPossible when the sender cannot be answered: the document then waits to be set aside.
    """
    begin(document.site)
    locked = _lock(document, user)
    if way_to_answer(locked.message) is None:
        raise NotPossible("Rien ne peut être répondu à cet expéditeur : écartez le document, et prévenez-le autrement.")
    code = error_code_of(locked)
    answer = answer_error(locked, code, user=user)
    if answer is None:
        raise AlreadyDone("L'expéditeur a déjà sa réponse pour ce document : écartez-le.")
    _set_aside(locked, f"{SENT_BACK} ({code} : {APPLICATION_ERRORS[code].lower()})")
    record("document_sent_back", locked, site=locked.site, user=user, error_code=code, message_id=answer.message_id)
    settle(locked.message, user)
    return answer


@transaction.atomic
def do_take_up_again(document: Document, *, user: User) -> None:
    """Undo a setting aside: the document waits for its resident as before. What the sender was told stays told."""
    begin(document.site)
    locked = Document.objects.select_for_update(of=["self"]).select_related("site", "message").get(pk=document.pk)
    check_may_file(user, locked.site)
    if locked.state != State.SET_ASIDE:
        raise AlreadyDone("Ce document n'est pas écarté.")
    if locked.requested_action == "cancel":
        raise NotPossible("La demande d'annulation a déjà sa réponse.")
    proposed = Proposal.objects.filter(document=locked, resident__isnull=False).exists()
    locked.state, locked.set_aside_reason = State.PROPOSED if proposed else State.TO_MATCH, ""
    locked.save(update_fields=["state", "set_aside_reason"])
    record("document_taken_up", locked, site=locked.site, user=user)
    settle(locked.message, user)


def error_code_of(document: Document) -> str:
    """What the sender is told: 900 or 901 of the versions, else the identity rule's code, else « unknown here »."""
    rule = rule_of(document.version_kind)
    proposal = Proposal.objects.filter(document=document).first()
    return (rule.error_code if rule else "") or (proposal.error_code if proposal else "") or UNKNOWN_HERE


def _lock(document: Document, user: User) -> Document:
    locked = Document.objects.select_for_update(of=["self"]).select_related("site", "message").get(pk=document.pk)
    check_may_file(user, locked.site)
    if locked.state == State.FILED:
        raise NotPossible("Ce document est dans un dossier : retirez-le d'abord.")
    if locked.state == State.SET_ASIDE:
        raise AlreadyDone("Ce document est déjà écarté.")
    if locked.state not in ASIDE:
        raise NotPossible("Ce document n'attend plus personne.")
    return locked


def _set_aside(document: Document, reason: str) -> None:
    document.state, document.set_aside_reason = State.SET_ASIDE, reason[:300]
    document.save(update_fields=["state", "set_aside_reason"])
