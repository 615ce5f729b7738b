"""A note of ours of which nobody knows whether it left."""

from django.utils import timezone

from liaison.apps.exchanges.models import Note, Recipient
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.models import Site
from liaison.apps.residents.models import Resident


def doubtful_note(site: Site, mailbox: Mailbox, resident: Resident, recipient: Recipient) -> Note:
    return Note.objects.create(
        site=site,
        mailbox=mailbox,
        resident=resident,
        recipient=recipient,
        kind=Note.Kind.REMINDER,
        state=Note.State.IN_DOUBT,
        message_id=f"<rappel-{recipient.pk}@maison.mssante.fr>",
        address=recipient.address,
        asked_at=timezone.now(),
        in_doubt_at=timezone.now(),
    )
