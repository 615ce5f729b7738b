"""A message whose address asks for a person's look is held back, in plain sight, until somebody settles it."""

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.directory.models import Professional, ProfessionalAddress
from liaison.apps.directory.queries import is_trusted_address
from liaison.apps.directory.review import confirm, standing_now
from liaison.apps.exchanges import jobs
from liaison.apps.exchanges.models import Recipient, Transmission
from liaison.apps.organisations.access import may_file
from liaison.apps.organisations.models import User
from liaison.apps.refusals import NotAllowed, NotPossible
from liaison.apps.residents.models import CareTeamMember
from liaison.apps.treatments.models import Reconciliation
from liaison.core.directory.choice import ASKS_A_PERSON, Standing
from liaison.core.follow_up.steps import Event, after

NOT_ASKED = (CareTeamMember.Role.PHARMACY, CareTeamMember.Role.NURSE, CareTeamMember.Role.OTHER)
_STOPS = {*ASKS_A_PERSON, Standing.UNTRUSTED}


def expects_answer(transmission: Transmission, professional: Professional) -> bool:
    """Whether the professional is asked something: a treatment to decide, and he is one of those who prescribe."""
    if transmission.reconciliation is None or transmission.reconciliation.state == Reconciliation.State.DECIDED:
        return False
    place = transmission.resident.care_team.filter(professional=professional).first()
    return place is None or place.role not in NOT_ASKED


@transaction.atomic
def do_hold(recipient: Recipient) -> bool:
    """Verify the address again right before it is written to; whether the message is held back."""
    begin(recipient.transmission.site)
    locked = _lock(recipient)
    standing = _standing(locked)
    step = after(locked.state, Event.ADDRESS_ASKS)
    if standing not in _STOPS or step is None or locked.sending_since is not None:
        return locked.state == Recipient.State.HELD
    locked.state, locked.held_at, locked.held_for = step, timezone.now(), str(standing)
    locked.save(update_fields=["state", "held_at", "held_for"])
    _record("recipient_held", locked, standing=str(standing))
    return True


@transaction.atomic
def do_settle_address(recipient: Recipient, *, user: User) -> None:
    """A person has checked the address of a held message with its owner: it leaves now."""
    begin(recipient.transmission.site)
    locked = _lock(recipient)
    if not may_file(user, locked.transmission.site):
        raise NotAllowed("Votre rôle ne permet pas de suivre les envois de cet établissement.")
    step = after(locked.state, Event.ADDRESS_SETTLED)
    if step is None:
        raise NotPossible("Ce message n'attend pas de vérification d'adresse.")
    if _standing(locked) == Standing.UNTRUSTED:
        raise NotPossible("Cette adresse n'est pas dans l'espace de confiance MSSanté : choisissez-en une autre.")
    row = _row(locked)
    if row is not None and standing_now(row) in ASKS_A_PERSON:
        confirm(row, user)
    locked.state, locked.held_at, locked.held_for, locked.next_try = step, None, "", timezone.now()
    locked.save(update_fields=["state", "held_at", "held_for", "next_try"])
    _record("recipient_address_settled", locked, user=user)
    jobs.offer_sending(locked.pk)


def _standing(recipient: Recipient) -> Standing:
    """A patient's own mailbox is no address of the directory; a letter has none at all."""
    if recipient.channel != Recipient.Channel.MSSANTE:
        return Standing.LISTED
    row = _row(recipient)
    if row is not None:
        return standing_now(row)
    return Standing.UNLISTED if is_trusted_address(recipient.address) else Standing.UNTRUSTED


def _row(recipient: Recipient) -> ProfessionalAddress | None:
    rows = ProfessionalAddress.objects.filter(professional=recipient.professional_id, email=recipient.address)
    return rows.select_related("professional").first()


def _lock(recipient: Recipient) -> Recipient:
    rows = Recipient.objects.select_for_update(of=["self"])
    return rows.select_related("transmission__site", "transmission__resident").get(pk=recipient.pk)


def _record(action: str, recipient: Recipient, *, user: User | None = None, **details: object) -> None:
    transmission = recipient.transmission
    record(
        action,
        recipient,
        site=transmission.site,
        user=user,
        resident=transmission.resident,
        message_id=recipient.message_id,
        **details,
    )
