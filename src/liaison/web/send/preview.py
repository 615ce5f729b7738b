"""What a transmission will carry, shown before it is sent: the very words and files, for nobody in particular."""

from dataclasses import dataclass

from django.utils import timezone

from liaison.apps.blobs.store import BlobDamaged
from liaison.apps.exchanges.compose import attachments_of
from liaison.apps.exchanges.models import Transmission
from liaison.apps.exchanges.text import body
from liaison.apps.filing.models import Filing
from liaison.apps.intake.models import Document
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.models import User
from liaison.apps.treatments.models import Reconciliation

REFERENCE_TO_COME = "donnée à l'envoi"


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """One file of the message; ``size`` in bytes."""

    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Preview:
    text: str
    files: tuple[AttachedFile, ...]


def preview_of(document: Document, filing: Filing, mailbox: Mailbox, user: User) -> Preview:
    """Composed from a transmission that is never saved, by the same functions as the real one."""
    reconciliation = document.reconciliations.exclude(state=Reconciliation.State.WITHDRAWN).first()
    transmission = Transmission(
        site=filing.resident.site,
        resident=filing.resident,
        document=document,
        reconciliation=reconciliation,
        mailbox=mailbox,
        prepared_by=user,
        prepared_at=timezone.now(),
    )
    lines = list(reconciliation.lines.all()) if reconciliation else []
    return Preview(body(transmission, lines, REFERENCE_TO_COME), _files(document, filing))


def _files(document: Document, filing: Filing) -> tuple[AttachedFile, ...]:
    try:
        attached = attachments_of(document, filing.resident)
    except (FileNotFoundError, BlobDamaged):
        return ()
    return tuple(AttachedFile(one.name, one.media_type, len(one.content)) for one in attached)
