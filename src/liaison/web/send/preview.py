"""What a transmission will carry, shown before it is sent: the very words and files, for nobody in particular."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from liaison.apps.blobs.store import BlobDamaged
from liaison.apps.exchanges.compose import all_attachments
from liaison.apps.exchanges.models import Transmission
from liaison.apps.exchanges.sheet import has_sheet
from liaison.apps.exchanges.text import body
from liaison.apps.filing.models import Filing
from liaison.apps.intake.models import Document
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.models import User
from liaison.apps.treatments.models import Reconciliation

REFERENCE_TO_COME = "donnée à l'envoi"
LINK_TO_COME = "un lien pour lui seul, donné à l'envoi"


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
    has_sheet: bool


def preview_of(document: Document, filing: Filing, mailbox: Mailbox, user: User) -> Preview:
    """Composed from a transmission that is never saved, by the same functions as the real one."""
    transmission = unsaved(document, filing, mailbox, user)
    lines = list(transmission.reconciliation.lines.all()) if transmission.reconciliation else []
    link = LINK_TO_COME if settings.PUBLIC_URL else ""
    return Preview(body(transmission, lines, REFERENCE_TO_COME, link), _files(transmission), has_sheet(transmission))


def unsaved(document: Document, filing: Filing, mailbox: Mailbox, user: User, note: str = "") -> Transmission:
    """What would be sent now, kept nowhere."""
    reconciliation = document.reconciliations.exclude(state=Reconciliation.State.WITHDRAWN).first()
    return Transmission(
        site=filing.resident.site,
        resident=filing.resident,
        document=document,
        reconciliation=reconciliation,
        mailbox=mailbox,
        note=note,
        prepared_by=user,
        prepared_at=timezone.now(),
    )


def _files(transmission: Transmission) -> tuple[AttachedFile, ...]:
    try:
        attached = all_attachments(transmission)
    except (FileNotFoundError, BlobDamaged):
        return ()
    return tuple(AttachedFile(one.name, one.media_type, len(one.content)) for one in attached)
