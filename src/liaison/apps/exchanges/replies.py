"""A doctor's answer, whichever way it came, attached to its exchange with what was read in it; it decides nothing."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.blobs import store
from liaison.apps.directory.queries import known_addresses, professional_of
from liaison.apps.exchanges.models import Note, Recipient, Reply, Transmission
from liaison.apps.intake.actions import set_handling
from liaison.apps.intake.models import RawMessage
from liaison.apps.intake.readings import to_json
from liaison.apps.organisations.access import CARE_ROLES, access_messages, access_recipients, has_role
from liaison.apps.organisations.models import Site, User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.treatments.models import Reconciliation, ReconciliationLine
from liaison.core.mail.message import read_mail
from liaison.core.mail.values import Mail
from liaison.core.medication.line import words
from liaison.core.medication.reply import ReplyReading, read_answer
from liaison.core.medication.reply_lines import AskedLine

State = Recipient.State
By = Reply.MatchedBy
Source = Reply.Source

REFERENCE = re.compile(r"\[r[ée]f\s+([0-9A-F]{8})\]", re.IGNORECASE)
ANSWERS_WITHIN = timedelta(days=60)
SPOKEN = (Source.PHONE, Source.VISIT)


@dataclass(frozen=True, slots=True)
class Correspondence:
    """What is looked for once for mails read together.

    ``by_page`` are the answers given on the page whose mail is one of them, by its Message-ID; one that its mail joins
    is taken out. ``known`` are the senders, in lower case, to whom something was sent or whose professional is known.
    """

    by_page: dict[str, Reply]
    known: frozenset[str]


def correspondence_of(site: Site, mails: Sequence[Mail]) -> Correspondence:
    """The same for mails of one site."""
    numbers = {mail.message_id for mail in mails} - {""}
    given = Reply.objects.filter(mail_id__in=numbers, message=None, site=site)
    senders = {mail.sender.email.lower() for mail in mails if mail.category == "plain"} - {""}
    written_to = Recipient.objects.annotate(own=Lower("address")).filter(transmission__site=site, own__in=senders)
    known = frozenset(written_to.values_list("own", flat=True)) | known_addresses(senders)
    return Correspondence({str(each.mail_id): each for each in given}, known)


def take_reply(message: RawMessage, mail: Mail, beside: Correspondence) -> Reply | None:
    """The answer a message is, if it is one, attached to its exchange. Inside the reading's transaction."""
    if mail.category == "automatic":
        return None
    by_page = beside.by_page.pop(mail.message_id, None)
    if by_page is not None:
        return _join_mail(by_page, message)
    found = find_answered(message, mail, beside.known)
    if found is None:
        return None
    recipient, by = found
    return _record_mail(message, recipient, mail, by)


def find_answered(message: RawMessage, mail: Mail, known: Set[str]) -> tuple[Recipient, By] | None:
    """Whose answer this is: by the threading headers, by our reference in the subject, by its sender and the resident.

    Otherwise a person attaches it (``do_attach_reply``).
    """
    threaded = _by_thread(message, mail)
    if threaded:
        return threaded, By.THREAD
    referenced = _by_reference(message, mail)
    if referenced:
        return referenced, By.REFERENCE
    may_answer = mail.category == "plain" and mail.sender.email.lower() in known
    spoken_of = _by_sender(message, mail) if may_answer else None
    return (spoken_of, By.SENDER) if spoken_of else None


def _sent_by(message: RawMessage) -> QuerySet[Recipient]:
    return Recipient.objects.filter(transmission__site=message.site).select_related("transmission")


def _by_thread(message: RawMessage, mail: Mail) -> Recipient | None:
    """Our message it answers, or a reminder or a copy of ours about it."""
    numbers = [number for number in (mail.in_reply_to, *reversed(mail.references)) if number]
    if not numbers:
        return None
    by_number = {each.message_id: each for each in _sent_by(message).filter(message_id__in=numbers)}
    notes = Note.objects.filter(site=message.site, message_id__in=numbers, recipient__isnull=False)
    for note in notes.select_related("recipient__transmission"):
        if note.recipient:
            by_number.setdefault(note.message_id, note.recipient)
    return next((by_number[number] for number in numbers if number in by_number), None)


def _by_reference(message: RawMessage, mail: Mail) -> Recipient | None:
    found = REFERENCE.search(mail.subject)
    if not found:
        return None
    referred = Transmission.objects.filter(site=message.site, uuid__startswith=found[1].lower())
    return _of_sender(_sent_by(message).filter(transmission__in=referred), mail).first()


def _by_sender(message: RawMessage, mail: Mail) -> Recipient | None:
    """The one exchange the sender has with us about the one resident he names; two of either are for a person."""
    lately = _sent_by(message).filter(transmission__prepared_at__gt=timezone.now() - ANSWERS_WITHIN)
    said = set(words(f"{mail.subject} {mail.body}"))
    about = [each for each in _of_sender(lately, mail).select_related("transmission__resident") if _names(each, said)]
    waiting = [each for each in about if each.state != State.ANSWERED]
    residents = {each.transmission.resident_id for each in about}
    return waiting[0] if len(waiting) == 1 and len(residents) == 1 else None


def _of_sender(recipients: QuerySet[Recipient], mail: Mail) -> QuerySet[Recipient]:
    same = recipients.filter(address__iexact=mail.sender.email)
    if same.exists():
        return same
    professional = professional_of(mail.sender.email)
    return recipients.filter(professional=professional) if professional else recipients.none()


def _names(recipient: Recipient, said: set[str]) -> bool:
    """Whether the resident is named: every word of a family name, and of a given name."""
    resident = recipient.transmission.resident
    families = (resident.birth_family, resident.used_family)
    givens = (resident.birth_given, resident.used_given)
    return any(_all_said(name, said) for name in families) and any(_all_said(name, said) for name in givens)


def _all_said(name: str, said: set[str]) -> bool:
    parts = words(name)
    return bool(parts) and said.issuperset(parts)


def candidates_for(message: RawMessage, user: User) -> list[Recipient]:
    """The exchanges a person may attach a message to: those with its sender first, then the latest."""
    seen = access_recipients(user).filter(transmission__site=message.site)
    shown = seen.select_related("transmission__resident", "transmission__document", "professional")
    latest = list(shown.order_by("-transmission__prepared_at")[:50])
    professional = professional_of(message.sender)
    address = message.sender.lower()
    return sorted(
        latest,
        key=lambda each: (
            each.address.lower() != address and (professional is None or each.professional_id != professional.pk)
        ),
    )


@transaction.atomic
def do_attach_reply(message: RawMessage, recipient: Recipient, *, user: User) -> Reply:
    """A person says which exchange a message answers. Raises Refused."""
    begin(message.site)
    if not access_messages(user).filter(pk=message.pk).exists() or not has_role(user, message.site, CARE_ROLES):
        raise NotAllowed("Vous n'êtes pas titulaire de cette boîte.")
    if recipient.transmission.site_id != message.site_id:
        raise NotPossible("Cet échange est d'un autre établissement.")
    if Reply.objects.filter(message=message).exists():
        raise AlreadyDone("Ce message est déjà rattaché à un échange.")
    mail = read_mail(store.get(message.blob))
    if mail.category in {"report", "automatic"}:
        raise NotPossible("Ce message est celui d'un automate : ce n'est pas une réponse de médecin.")
    return _record_mail(message, recipient, mail, By.HAND, user=user)


@transaction.atomic
def do_record_spoken_answer(
    recipient: Recipient, *, user: User, source: str, speaker: str, said_at: datetime, said: str
) -> Reply:
    """Write down what a doctor said by telephone or on a visit: it becomes an answer like the others. Raises Refused.

    ``speaker`` is who said it; ``said`` his words as the person noted them.
    """
    transmission = recipient.transmission
    begin(transmission.site)
    if not has_role(user, transmission.site, CARE_ROLES):
        raise NotAllowed("Votre rôle ne permet pas de noter une réponse pour cet établissement.")
    if source not in SPOKEN:
        raise NotPossible("Dites si la réponse a été donnée par téléphone ou en visite.")
    if not said.strip() or not speaker.strip():
        raise NotPossible("Notez qui a répondu et ce qui a été dit.")
    if said_at > timezone.now() or said_at < transmission.prepared_at:
        raise NotPossible("L'heure de la réponse doit être entre l'envoi et maintenant.")
    reading, _ = read_answer(said, lines=asked_lines_of(transmission.reconciliation))
    reply = _create(recipient, reading, source=source, matched_by=By.SPOKEN, received_at=said_at)
    reply.speaker, reply.matched_by_person = speaker.strip()[:200], user
    reply.save(update_fields=["speaker", "matched_by_person"])
    _note_answered(reply, user=user)
    return reply


def record_page_answer(
    recipient: Recipient, *, reading: ReplyReading, lines: Sequence[dict[str, Any]], proven_by: Reply.Proof
) -> Reply:
    """What a doctor chose on the answering page. Inside the transaction of his act; its mail follows."""
    reply = _create(recipient, reading, source=Source.PAGE, matched_by=By.PAGE, received_at=timezone.now())
    reply.lines, reply.speaker = list(lines), str(recipient.professional or recipient.address)[:200]
    reply.proven_by = proven_by
    reply.save(update_fields=["lines", "speaker", "proven_by"])
    _note_answered(reply)
    return reply


def _join_mail(reply: Reply, message: RawMessage) -> Reply:
    """The mail of an answer given by the page comes back to the home's mailbox: the same answer, not another."""
    reply.message = message
    reply.save(update_fields=["message"])
    set_handling(message, RawMessage.Handling.DONE, None)
    record("reply_mail_joined", reply, site=reply.site, message=str(message.uuid), message_id=message.message_id)
    return reply


def _record_mail(message: RawMessage, recipient: Recipient, mail: Mail, by: By, user: User | None = None) -> Reply:
    """Keep the words, propose what they mean, and move the recipient to « répondu »."""
    reading, parted = read_answer(
        mail.body, lines=asked_lines_of(recipient.transmission.reconciliation), original=_body_sent_to(recipient)
    )
    reply = _create(recipient, reading, source=Source.MAIL, matched_by=by, received_at=message.received_at)
    reply.message, reply.quoted, reply.matched_by_person = message, parted.quoted, user
    reply.speaker = (mail.sender.label or mail.sender.email)[:200]
    reply.save(update_fields=["message", "quoted", "matched_by_person", "speaker"])
    _note_answered(reply, user=user)
    return reply


def _create(
    recipient: Recipient, reading: ReplyReading, *, source: str, matched_by: By, received_at: datetime
) -> Reply:
    return Reply.objects.create(
        site=recipient.transmission.site,
        recipient=recipient,
        source=source,
        matched_by=matched_by,
        text=reading.text,
        intents=list(reading.intents),
        lines=[{"number": line.number, "action": line.action, "text": line.text} for line in reading.lines],
        visit=reading.visit[:200],
        notices=to_json(reading.notices),
        received_at=received_at,
    )


def _note_answered(reply: Reply, *, user: User | None = None) -> None:
    locked = Recipient.objects.select_for_update(of=["self"]).select_related("transmission").get(pk=reply.recipient_id)
    locked.state, locked.answered_at = State.ANSWERED, locked.answered_at or reply.received_at
    locked.save(update_fields=["state", "answered_at"])
    transmission = locked.transmission
    record(
        "reply_attached",
        reply,
        site=transmission.site,
        user=user,
        resident=transmission.resident,
        message=str(reply.message.uuid) if reply.message else "",
        message_id=reply.message.message_id if reply.message else "",
        transmission=str(transmission.uuid),
        intents=list(reply.intents),
        way=reply.source,
        matched_by=reply.matched_by,
        **({"proven_by": reply.proven_by} if reply.proven_by else {}),
    )


def asked_lines_of(reconciliation: Reconciliation | None) -> tuple[AskedLine, ...]:
    """The numbered lines a message asked about, each under every name it has; none when there was nothing to ask."""
    if reconciliation is None:
        return ()
    return tuple(map(_asked, reconciliation.lines.select_related("current")))


def _asked(line: ReconciliationLine) -> AskedLine:
    held = f" ({line.current.label}) ({line.current.substance})" if line.current else ""
    return AskedLine(line.number, f"{line.label}{held}", line.status)


def _body_sent_to(recipient: Recipient) -> str:
    """The words we sent him, to tell them from his own; nothing when they cannot be read any more."""
    try:
        return read_mail(store.get(recipient.blob)).body
    except (FileNotFoundError, store.BlobDamaged):
        return ""
