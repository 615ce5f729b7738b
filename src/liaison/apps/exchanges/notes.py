"""Mails of ours that answer nothing: a hospital asked for a letter, a doctor told that what he holds is withdrawn."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from liaison.apps.audit.actions import begin
from liaison.apps.blobs import store
from liaison.apps.directory.queries import domain_of, is_trusted_address
from liaison.apps.exchanges import jobs
from liaison.apps.exchanges.compose import reference_of
from liaison.apps.exchanges.models import Note, Recipient
from liaison.apps.exchanges.outgoing import trace
from liaison.apps.intake.models import Document
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.access import CARE_ROLES, access_mailboxes, has_role, may_file
from liaison.apps.organisations.models import Site, User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.models import Absence, Resident
from liaison.core.mail.compose import compose
from liaison.core.mail.mss import mss_headers
from liaison.core.mail.values import Address, Attachment, OutgoingMail

Kind = Note.Kind
ASK_AGAIN_AFTER = timedelta(hours=12)
WHY_WITHDRAWN = {
    Document.State.REPLACED: "une version plus récente l'a remplacé. Elle vous sera transmise à part",
    Document.State.CANCELLED: "l'établissement qui l'avait établi l'a annulé",
}
OUT_OF_THE_RECORD = "il a été retiré du dossier de ce résident, où il avait été rattaché par erreur"


@dataclass(frozen=True, slots=True)
class Words:
    """What a note says, and the message it goes on from (with its angle brackets), if any."""

    subject: str
    body: str
    goes_on_from: str = ""


@transaction.atomic
def do_ask_for_letter(absence: Absence, *, user: User, address: str, hospital: str = "") -> Note:
    """Ask a hospital for the letter of a stay it has not sent; the hospital is kept with the absence.

    Raises NotAllowed, NotPossible (an address outside the trust circle), AlreadyDone (asked less than half a day ago).
    """
    begin(absence.resident.site)
    locked = Absence.objects.select_for_update(of=["self"]).select_related("resident__site").get(pk=absence.pk)
    resident = locked.resident
    if not has_role(user, resident.site, CARE_ROLES):
        raise NotAllowed("Votre rôle ne permet pas d'écrire aux hôpitaux pour cet établissement.")
    address = address.strip().lower()
    if not is_trusted_address(address):
        raise NotPossible("Donnez une adresse MSSanté de l'hôpital : celle-ci n'est pas dans l'espace de confiance.")
    if locked.notes.filter(asked_at__gt=timezone.now() - ASK_AGAIN_AFTER).exists():
        raise AlreadyDone("Cette lettre vient d'être demandée : laissez à l'hôpital le temps de répondre.")
    mailbox = mailbox_to_write_from(user, resident.site)
    locked.hospital, locked.hospital_address = (hospital or locked.hospital)[:200], address
    locked.save(update_fields=["hospital", "hospital_address"])
    note = prepare_note(
        Note(kind=Kind.LETTER_ASKED, site=resident.site, resident=resident, absence=locked, asked_by=user),
        mailbox,
        address,
        _words_to_the_hospital(locked, user),
    )
    trace(note, "letter_asked", user=user)
    return note


@transaction.atomic
def do_tell_withdrawal(recipient: Recipient, *, user: User) -> Note:
    """Tell one who was sent a document that it is withdrawn, replaced or cancelled; once."""
    transmission = recipient.transmission
    begin(transmission.site)
    if not may_file(user, transmission.site):
        raise NotAllowed("Votre rôle ne permet pas d'écrire aux médecins pour cet établissement.")
    why = why_withdrawn(recipient)
    if not why:
        raise NotPossible("Ce document est toujours en vigueur dans le dossier : il n'y a rien à rectifier.")
    if Note.objects.filter(recipient=recipient, kind=Kind.CORRECTION).exists():
        raise AlreadyDone("Ce destinataire est déjà prévenu.")
    if recipient.state == Recipient.State.FAILED or not is_trusted_address(recipient.address):
        raise NotPossible("Ce destinataire n'a rien reçu, ou son adresse n'est plus sûre.")
    note = prepare_note(
        Note(
            kind=Kind.CORRECTION,
            site=transmission.site,
            resident=transmission.resident,
            recipient=recipient,
            asked_by=user,
        ),
        transmission.mailbox,
        recipient.address,
        _words_to_the_doctor(recipient, why, user),
    )
    trace(note, "correction_told", user=user)
    return note


def why_withdrawn(recipient: Recipient) -> str:
    """Why what was sent holds no more; empty when the document stands in the record it was sent for."""
    document, resident = recipient.transmission.document, recipient.transmission.resident
    if document.state in WHY_WITHDRAWN:
        return WHY_WITHDRAWN[Document.State(document.state)]
    standing = document.filings.filter(withdrawn_at__isnull=True, resident=resident).exists()
    return "" if standing else OUT_OF_THE_RECORD


def mailbox_to_write_from(user: User, site: Site) -> Mailbox:
    """The site's mailbox the person holds, an organisational one first: the answers come where everybody looks."""
    held = access_mailboxes(user).filter(site=site)
    mailbox = held.filter(kind=Mailbox.Kind.ORGANISATIONAL).order_by("pk").first() or held.order_by("pk").first()
    if mailbox is None:
        raise NotAllowed("Vous n'êtes titulaire d'aucune boîte de cet établissement : demandez à une secrétaire.")
    return mailbox


def prepare_note(
    note: Note, mailbox: Mailbox, address: str, words: Words, attachments: tuple[Attachment, ...] = ()
) -> Note:
    """Keep the mail and have it given to the server. Inside the transaction of the act."""
    note.mailbox, note.address, note.asked_at = mailbox, address, timezone.now()
    note.message_id = f"<{uuid4()}@{domain_of(mailbox.address)}>"
    note.blob = store.put(_written(note, words, attachments))
    note.save(force_insert=True)
    jobs.offer_note(note.pk)
    return note


def _written(note: Note, words: Words, attachments: tuple[Attachment, ...]) -> bytes:
    return compose(
        OutgoingMail(
            message_id=note.message_id,
            sender=Address(note.mailbox.address, note.mailbox.label),
            to=(Address(note.address),),
            subject=words.subject[:300],
            body=words.body,
            date=timezone.localtime(),
            attachments=attachments,
            in_reply_to=words.goes_on_from,
            references=tuple(filter(None, (words.goes_on_from,))),
            headers=mss_headers(codes=(), qualified_ins=None, product=settings.PRODUCT_REFERENCE),
        )
    )


def _words_to_the_hospital(absence: Absence, user: User) -> Words:
    resident = absence.resident
    back = f", revenu{_e(resident)} le {_day(absence.returned_at)}" if absence.returned_at else ""
    body = (
        "Bonjour,\n\n"
        f"{_person(resident)}, de notre établissement, a été hospitalisé{_e(resident)} chez vous (départ le "
        f"{_day(absence.left_at)}{back}).\n\n"
        "Nous n'avons pas reçu la lettre de liaison de ce séjour, que l'article R.1112-1-2 du code de la santé "
        "publique demande de remettre le jour de la sortie. Pouvez-vous nous l'adresser par MSSanté, en réponse à ce "
        f"message ?\n\nMerci,\n{user}\n{resident.site.name}\n"
    )
    return Words(f"Lettre de liaison attendue : {resident.birth_family} {resident.birth_given}", body)


def _words_to_the_doctor(recipient: Recipient, why: str, user: User) -> Words:
    transmission = recipient.transmission
    document, resident = transmission.document, transmission.resident
    what = document.type_label or document.title
    body = (
        "Docteur,\n\n"
        f"Le {_day(transmission.prepared_at)}, nous vous avons transmis un document ({what}) au sujet de "
        f"{_person(resident)}.\n\nCe document ne doit plus être utilisé : {why}.\n\n"
        "Merci de ne pas en tenir compte, et de nous dire si une décision a déjà été prise d'après lui.\n\n"
        f"{user}\n{transmission.site.name}\n"
    )
    reference = reference_of(transmission)
    return Words(f"Rectification : {what}, {resident.birth_family} [réf {reference}]", body, recipient.message_id)


def _person(resident: Resident) -> str:
    born = "/".join(reversed(resident.birth_date.split("-")))
    return f"{resident.display_name} (né{_e(resident)} le {born})"


def _e(resident: Resident) -> str:
    return "e" if resident.sex == Resident.Sex.FEMALE else ""


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "d/m/Y")
