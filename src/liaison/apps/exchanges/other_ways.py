"""Joining a doctor otherwise: by telephone, at another address, through his replacement, or on paper."""

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.directory.models import Professional
from liaison.apps.exchanges import jobs
from liaison.apps.exchanges.actions import prepare
from liaison.apps.exchanges.models import Call, Recipient
from liaison.apps.exchanges.printed import prepare_letter
from liaison.apps.organisations.access import CARE_ROLES, access_mailboxes, has_role, may_file
from liaison.apps.organisations.models import User
from liaison.apps.refusals import NotAllowed, NotPossible
from liaison.apps.residents.oppositions import check_not_opposed

NOT_YOURS = "Votre rôle ne permet pas de suivre les envois de cet établissement."
DONE = (Recipient.State.ANSWERED,)


@transaction.atomic
def do_record_call(
    recipient: Recipient, *, user: User, outcome: Call.Outcome, spoke_to: str = "", words: str = ""
) -> Call:
    """A person has telephoned. Whom she reached waits no more here; what he decides is recorded as an answer."""
    begin(recipient.transmission.site)
    locked = _lock(recipient)
    if not has_role(user, locked.transmission.site, CARE_ROLES):
        raise NotAllowed(NOT_YOURS)
    if outcome == Call.Outcome.REACHED and not spoke_to.strip():
        raise NotPossible("Dites à qui vous avez parlé.")
    call = Call.objects.create(
        recipient=locked,
        outcome=outcome,
        spoke_to=spoke_to.strip()[:200],
        words=words.strip()[:4000],
        called_by=user,
        called_at=timezone.now(),
    )
    if outcome == Call.Outcome.REACHED:
        _settle(locked)
    _record("call_recorded", locked, user, outcome=str(outcome))
    return call


@transaction.atomic
def do_send_elsewhere(recipient: Recipient, *, user: User, professional: Professional, address: str = "") -> Recipient:
    """The same letter to another address of the doctor, or to the one who stands in for him."""
    begin(recipient.transmission.site)
    locked = _lock(recipient)
    _check_sends(locked, user)
    if professional.pk == locked.professional_id and address.lower() in {"", locked.address}:
        raise NotPossible("Choisissez une autre adresse que celle qui a déjà servi.")
    sent = prepare(locked.transmission, professional, address=address, instead_of=locked)
    _settle(locked)
    _record("recipient_sent_elsewhere", locked, user, successor=str(sent.uuid))
    jobs.offer_sending(sent.pk)
    return sent


@transaction.atomic
def do_write_letter(recipient: Recipient, *, user: User) -> Recipient:
    """The same letter on paper, to be printed and posted."""
    begin(recipient.transmission.site)
    locked = _lock(recipient)
    _check_sends(locked, user)
    if locked.professional is None or locked.channel == Recipient.Channel.LETTER:
        raise NotPossible("Une lettre imprimée s'adresse à un professionnel, une fois.")
    letter = prepare_letter(locked.transmission, locked.professional, instead_of=locked)
    _settle(locked)
    _record("letter_written", locked, user, successor=str(letter.uuid))
    return letter


def _check_sends(recipient: Recipient, user: User) -> None:
    transmission = recipient.transmission
    check_not_opposed(transmission.resident)
    if not may_file(user, transmission.site):
        raise NotAllowed(NOT_YOURS)
    if not access_mailboxes(user).filter(pk=transmission.mailbox_id).exists():
        raise NotAllowed("Vous n'êtes pas titulaire de la boîte de cet envoi.")
    if recipient.state in DONE:
        raise NotPossible("Ce professionnel a déjà répondu.")


def _settle(recipient: Recipient) -> None:
    """Nothing waits for a person here any more; a new silence of the successor is followed on its own."""
    recipient.escalated_at = None
    recipient.expects_answer = False
    recipient.save(update_fields=["escalated_at", "expects_answer"])


def _lock(recipient: Recipient) -> Recipient:
    rows = Recipient.objects.select_for_update(of=["self"])
    related = ("transmission__site", "transmission__resident", "transmission__mailbox", "transmission__document")
    return rows.select_related("professional", *related).get(pk=recipient.pk)


def _record(action: str, recipient: Recipient, user: User, **details: object) -> None:
    transmission = recipient.transmission
    record(action, recipient, site=transmission.site, user=user, resident=transmission.resident, **details)
