"""What a person says of an answer or a note of ours of which nobody knows whether it left."""

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin
from liaison.apps.exchanges import jobs
from liaison.apps.exchanges.models import Answer, Note, Outgoing
from liaison.apps.exchanges.outgoing import mailbox_of, site_of, trace
from liaison.apps.organisations.access import access_answers, access_mailboxes, access_notes
from liaison.apps.organisations.models import User
from liaison.apps.refusals import NotAllowed, NotPossible

State = Outgoing.State


def doubts_of(user: User) -> list[Answer | Note]:
    """Those the person may settle, the oldest first."""
    answers = access_answers(user).filter(state=State.IN_DOUBT).select_related("original")
    notes = access_notes(user).filter(state=State.IN_DOUBT, mailbox__in=access_mailboxes(user))
    return sorted([*answers, *notes.select_related("resident")], key=lambda mail: mail.asked_at)


@transaction.atomic
def do_give_again(mail: Answer | Note, *, user: User) -> None:
    """A person has a doubtful mail given again: the same bytes, under the same Message-ID."""
    locked = _in_doubt(mail, user)
    locked.state, locked.attempts, locked.in_doubt_at = State.TO_SEND, 0, None
    locked.save(update_fields=["state", "attempts", "in_doubt_at"])
    trace(locked, "answer_given_again", user=user)
    if isinstance(locked, Note):
        jobs.offer_note(locked.pk)
    else:
        jobs.offer_answer(locked.pk)


@transaction.atomic
def do_confirm_arrival(mail: Answer | Note, *, user: User) -> None:
    """A person knows that a doubtful mail did arrive, or wants it left as it is."""
    locked = _in_doubt(mail, user)
    locked.state, locked.sent_at = State.SENT, timezone.now()
    locked.save(update_fields=["state", "sent_at"])
    trace(locked, "answer_arrival_confirmed", user=user)


def _in_doubt(mail: Answer | Note, user: User) -> Answer | Note:
    begin(site_of(mail))
    if not access_mailboxes(user).filter(pk=mailbox_of(mail).pk).exists():
        raise NotAllowed("Vous n'êtes pas titulaire de la boîte d'où ce message part.")
    locked = type(mail).objects.select_for_update(of=["self"]).get(pk=mail.pk)
    if locked.state != State.IN_DOUBT:
        raise NotPossible("Ce message n'est pas à vérifier.")
    return locked
