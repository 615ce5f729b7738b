"""A letter on paper, for a doctor without MSSanté or one whom no mailbox reaches."""

from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.blobs import store
from liaison.apps.directory.models import Professional
from liaison.apps.directory.queries import domain_of
from liaison.apps.exchanges.compose import reference_of
from liaison.apps.exchanges.models import Recipient, Transmission
from liaison.apps.exchanges.text import line_text
from liaison.apps.organisations.access import may_file
from liaison.apps.organisations.models import User
from liaison.apps.refusals import NotAllowed, NotPossible
from liaison.core.follow_up.steps import Event, after
from liaison.core.pdf.letter import write_letter
from liaison.core.pdf.values import Block, Letter, LetterSection, Table

Channel = Recipient.Channel


def prepare_letter(
    transmission: Transmission, professional: Professional, instead_of: Recipient | None = None
) -> Recipient:
    """The letter to one professional, to be printed. Inside the transaction of the act that asks for it."""
    return Recipient.objects.create(
        transmission=transmission,
        professional=professional,
        channel=Channel.LETTER,
        instead_of=instead_of,
        message_id=f"<{uuid4()}@{domain_of(transmission.mailbox.address)}>",
        blob=store.put(write_letter(_letter(transmission, professional))),
    )


@transaction.atomic
def do_note_posted(recipient: Recipient, *, user: User) -> None:
    """A person has posted the letter, or handed it over."""
    begin(recipient.transmission.site)
    rows = Recipient.objects.select_for_update(of=["self"]).select_related(
        "transmission__site", "transmission__resident"
    )
    locked = rows.get(pk=recipient.pk)
    transmission = locked.transmission
    if not may_file(user, transmission.site):
        raise NotAllowed("Votre rôle ne permet pas de suivre les envois de cet établissement.")
    step = after(locked.state, Event.TAKEN)
    if locked.channel != Channel.LETTER or step is None:
        raise NotPossible("Il n'y a pas de lettre à poster ici.")
    locked.state, locked.sent_at = step, timezone.now()
    locked.server_answer = f"Lettre remise à la poste par {user}"
    locked.save(update_fields=["state", "sent_at", "server_answer"])
    record("letter_posted", locked, site=transmission.site, user=user, resident=transmission.resident)


def _letter(transmission: Transmission, professional: Professional) -> Letter:
    resident, site = transmission.resident, transmission.site
    return Letter(
        title=f"Retour d'hospitalisation : {transmission.document.type_label or transmission.document.title}",
        sender=(site.name, site.city),
        recipients=tuple(filter(None, (str(professional), professional.street, _town(professional)))),
        date=timezone.localtime(transmission.prepared_at).isoformat(timespec="minutes"),
        patient=(
            ("Résident", resident.display_name),
            ("Né(e) le", "/".join(reversed(resident.birth_date.split("-")))),
        ),
        sections=tuple(_sections(transmission)),
        signature=(str(transmission.prepared_by), site.name),
        place=site.city,
        reference=f"Référence {reference_of(transmission)}",
    )


def _town(professional: Professional) -> str:
    return " ".join(filter(None, (professional.postal_code, professional.city)))


def _sections(transmission: Transmission) -> list[LetterSection]:
    opening: list[Block] = [
        "Docteur,",
        f"Votre patient(e) est de retour d'hospitalisation à {transmission.site.name}. Nous n'avons pas pu vous écrire "
        "par messagerie sécurisée : le document de l'hôpital est joint à ce courrier.",
    ]
    opening += [transmission.note.strip()] if transmission.note.strip() else []
    sections = [LetterSection("", tuple(opening))]
    if transmission.reconciliation:
        rows = tuple((line_text(line), "") for line in transmission.reconciliation.lines.all())
        asked = "Merci de répondre ligne par ligne, au dos, par téléphone, ou lors de votre visite."
        sections.append(LetterSection("Traitements", (Table(("Ligne", "Votre décision"), rows), asked)))
    return sections
