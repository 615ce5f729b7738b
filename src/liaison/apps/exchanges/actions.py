"""Sending on, step by step: prepared, given to the server, and what a person says of a doubt."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.blobs import store
from liaison.apps.directory.models import Professional
from liaison.apps.directory.queries import domain_of
from liaison.apps.exchanges import jobs
from liaison.apps.exchanges.addressing import option_to_use
from liaison.apps.exchanges.compose import letter_to
from liaison.apps.exchanges.holding import do_hold, expects_answer
from liaison.apps.exchanges.links import keep_link, new_token, url_of
from liaison.apps.exchanges.models import Recipient, Reply, Transmission
from liaison.apps.exchanges.patient_copy import PatientCopy, prepare_patient_copy
from liaison.apps.exchanges.printed import prepare_letter
from liaison.apps.filing.models import Filing
from liaison.apps.intake.actions import set_handling
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.mailboxes.sessions import send_from
from liaison.apps.mailboxes.smtp import Envelope, SendingInDoubt, SendingPostponed, SendingRefused
from liaison.apps.organisations.access import CARE_ROLES, access_mailboxes, has_role, may_file
from liaison.apps.organisations.models import User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.oppositions import check_not_opposed
from liaison.apps.treatments.models import Reconciliation
from liaison.runtime.failpoints import reach

State = Recipient.State
Channel = Recipient.Channel
FIRST_RETRY = timedelta(seconds=20)
LONGEST_RETRY = timedelta(minutes=30)
GIVE_UP_AFTER = 20
SENDING_IS_LOST_AFTER = timedelta(minutes=5)


@transaction.atomic
def do_send(
    document: Document,
    *,
    user: User,
    mailbox: Mailbox,
    professionals: Sequence[Professional],
    note: str = "",
    addresses: Mapping[int, str] | None = None,
    letters: Sequence[Professional] = (),
    patient_copy: PatientCopy | None = None,
) -> Transmission:
    """Prepare a filed document for each professional, from a mailbox the person holds; jobs give it to the server.

    ``addresses`` holds, by the number of a professional, the address a person chose for him; the rule chooses the
    others. ``letters`` are those who get a printed letter. Raises NotAllowed or NotPossible, and then nothing is
    prepared for anybody.
    """
    begin(document.site)
    filing = _standing_filing(document)
    _check_sender(user, mailbox, filing)
    transmission = Transmission.objects.create(
        site=filing.resident.site,
        resident=filing.resident,
        document=document,
        reconciliation=document.reconciliations.exclude(state=Reconciliation.State.WITHDRAWN).first(),
        mailbox=mailbox,
        note=note,
        prepared_by=user,
        prepared_at=timezone.now(),
    )
    recipients = _prepare_all(transmission, professionals, addresses or {}, letters, patient_copy)
    if not recipients:
        raise NotPossible("Choisissez au moins un destinataire.")
    record(
        "transmission_prepared",
        transmission,
        site=transmission.site,
        user=user,
        resident=transmission.resident,
        document=str(document.uuid),
        recipients=[str(recipient.uuid) for recipient in recipients],
    )
    for recipient in recipients:
        if recipient.channel != Channel.LETTER:
            jobs.offer_sending(recipient.pk)
    reach("send: before commit")
    return transmission


def _prepare_all(
    transmission: Transmission,
    professionals: Sequence[Professional],
    addresses: Mapping[int, str],
    letters: Sequence[Professional],
    patient_copy: PatientCopy | None,
) -> list[Recipient]:
    recipients = [
        prepare(transmission, professional, address=addresses.get(professional.pk, ""))
        for professional in dict.fromkeys(professionals)
    ]
    recipients += [prepare_letter(transmission, professional) for professional in dict.fromkeys(letters)]
    return recipients + ([prepare_patient_copy(transmission, patient_copy)] if patient_copy else [])


def _standing_filing(document: Document) -> Filing:
    filing = document.filings.filter(withdrawn_at__isnull=True).select_related("resident__site").first()
    if filing is None:
        raise NotPossible("Intégrez d'abord le document au dossier d'un résident.")
    if not Document.objects.filter(pk=document.pk, state=Document.State.FILED).exists():
        raise NotPossible("Ce document est remplacé ou annulé : il ne se transmet plus.")
    return filing


def _check_sender(user: User, mailbox: Mailbox, filing: Filing) -> None:
    check_not_opposed(filing.resident)
    if not may_file(user, filing.resident.site):
        raise NotAllowed("Votre rôle ne permet pas de transmettre les documents de cet établissement.")
    if not access_mailboxes(user).filter(pk=mailbox.pk).exists():
        raise NotAllowed("Vous n'êtes pas titulaire de cette boîte.")
    if mailbox.site_id != filing.resident.site_id:
        raise NotPossible("Cette boîte est d'un autre établissement : les réponses n'arriveraient pas ici.")


def prepare(
    transmission: Transmission, professional: Professional, *, address: str = "", instead_of: Recipient | None = None
) -> Recipient:
    """The message to one professional. Inside the transaction of the act that asks for it. Raises NotPossible."""
    option, rule = option_to_use(professional, transmission.site, address)
    message_id = f"<{uuid4()}@{domain_of(transmission.mailbox.address)}>"
    token = new_token()
    letter = letter_to(
        transmission,
        message_id=message_id,
        address=option.row.email,
        at=timezone.localtime(),
        answer_url=url_of(token),
    )
    recipient = Recipient.objects.create(
        transmission=transmission,
        professional=professional,
        instead_of=instead_of,
        address=option.row.email,
        chosen_by=rule,
        expects_answer=expects_answer(transmission, professional),
        message_id=message_id,
        blob=store.put(letter.raw),
    )
    keep_link(recipient, token)
    return recipient


def do_deliver(recipient: Recipient) -> None:
    """Give one prepared message to the server. The claim is committed before the socket opens, the answer after.

    A crash between the two leaves a claim without an answer: the sweep shows it « à vérifier », it is never sent again
    by itself.
    """
    claimed = None if do_hold(recipient) else _claim(recipient)
    if claimed is None:
        return
    reach("deliver: claimed")
    mailbox = claimed.transmission.mailbox
    envelope = Envelope(mailbox.address, claimed.address, envelope_id=claimed.uuid.hex)
    try:
        answer = send_from(mailbox, envelope, store.get(claimed.blob))
    except SendingPostponed as postponed:
        _note_postponed(claimed, str(postponed))
    except SendingRefused as refused:
        _note(claimed, State.FAILED, "failed_at", str(refused))
    except SendingInDoubt as doubt:
        _note(claimed, State.IN_DOUBT, "in_doubt_at", str(doubt))
    else:
        reach("deliver: taken by the server")
        _note(claimed, State.SENT, "sent_at", answer)
        reach("deliver: noted")


@transaction.atomic
def _claim(recipient: Recipient) -> Recipient | None:
    locked = _lock(recipient)
    given = locked.state != State.PREPARED or locked.sending_since is not None
    if given or locked.channel == Channel.LETTER:
        return None
    locked.sending_since = timezone.now()
    locked.attempts += 1
    locked.save(update_fields=["sending_since", "attempts"])
    return locked


def _lock(recipient: Recipient) -> Recipient:
    query = Recipient.objects.select_for_update(of=["self"])
    return query.select_related("transmission__mailbox__operator", "transmission__site").get(pk=recipient.pk)


@transaction.atomic
def _note(recipient: Recipient, state: Recipient.State, time_field: str, answer: str) -> None:
    """The outcome of a sending. A report that came faster than the server's answer is not overwritten."""
    begin(recipient.transmission.site)
    locked = _lock(recipient)
    setattr(locked, time_field, getattr(locked, time_field) or timezone.now())
    locked.state = state if locked.state == State.PREPARED else locked.state
    locked.server_answer, locked.sending_since, locked.next_try = answer[:500], None, None
    locked.save()
    _record(f"recipient_{state}", locked, attempts=locked.attempts)


@transaction.atomic
def _note_postponed(recipient: Recipient, answer: str) -> None:
    begin(recipient.transmission.site)
    locked = _lock(recipient)
    if locked.attempts >= GIVE_UP_AFTER:
        locked.state, locked.failed_at, locked.next_try = State.FAILED, timezone.now(), None
    else:
        locked.next_try = timezone.now() + min(FIRST_RETRY * 2 ** min(locked.attempts, 10), LONGEST_RETRY)
    locked.sending_since, locked.server_answer = None, answer[:500]
    locked.save()
    _record("recipient_postponed" if locked.next_try else "recipient_failed", locked, attempts=locked.attempts)


def sendings_to_offer() -> list[int]:
    """Prepared messages whose time to be tried has come, or that no worker took."""
    now = timezone.now()
    prepared = Recipient.objects.filter(state=State.PREPARED, sending_since__isnull=True)
    prepared = prepared.exclude(channel=Channel.LETTER)
    due = prepared.filter(next_try__lte=now) | prepared.filter(
        next_try__isnull=True, transmission__prepared_at__lt=now - timedelta(minutes=1)
    )
    return list(due.order_by("pk").values_list("pk", flat=True)[:500])


def do_note_lost_sendings() -> int:
    """Claims without an answer: the worker died between the two. A person must look."""
    lost = Recipient.objects.filter(state=State.PREPARED, sending_since__lt=timezone.now() - SENDING_IS_LOST_AFTER)
    recipients = list(lost[:500])
    for recipient in recipients:
        _note(recipient, State.IN_DOUBT, "in_doubt_at", "L'envoi a été interrompu avant la réponse du serveur.")
    return len(recipients)


@transaction.atomic
def do_resend(recipient: Recipient, *, user: User) -> None:
    """A person has a failed or doubtful message given again, the same bytes under the same Message-ID."""
    begin(recipient.transmission.site)
    locked = _lock(recipient)
    _check_follow_up(locked, user)
    if locked.state not in {State.FAILED, State.IN_DOUBT}:
        raise NotPossible("Ce message n'est ni en échec ni à vérifier.")
    locked.state, locked.next_try, locked.sending_since, locked.attempts = State.PREPARED, timezone.now(), None, 0
    locked.failed_at = locked.in_doubt_at = None
    locked.save()
    _record("recipient_resent", locked, user=user)
    jobs.offer_sending(locked.pk)


@transaction.atomic
def do_confirm_delivery(recipient: Recipient, *, user: User) -> None:
    """A person knows that a doubtful message did arrive."""
    begin(recipient.transmission.site)
    locked = _lock(recipient)
    _check_follow_up(locked, user)
    if locked.state != State.IN_DOUBT:
        raise NotPossible("Ce message n'est pas à vérifier.")
    locked.state, locked.delivered_at, locked.sent_at = (
        State.DELIVERED,
        timezone.now(),
        locked.sent_at or timezone.now(),
    )
    locked.save()
    _record("delivery_confirmed", locked, user=user)


def _check_follow_up(recipient: Recipient, user: User) -> None:
    if not may_file(user, recipient.transmission.site):
        raise NotAllowed("Votre rôle ne permet pas de suivre les envois de cet établissement.")


@transaction.atomic
def do_handle_reply(reply: Reply, *, user: User) -> None:
    """A person has dealt with an answer (a question answered, a visit noted)."""
    begin(reply.site)
    locked = (
        Reply.objects.select_for_update(of=["self"])
        .select_related("message", "recipient__transmission")
        .get(pk=reply.pk)
    )
    if not has_role(user, reply.site, CARE_ROLES):
        raise NotAllowed("Votre rôle ne permet pas de traiter les réponses de cet établissement.")
    if locked.handled_at is not None:
        raise AlreadyDone("Cette réponse est déjà traitée.")
    locked.handled_by, locked.handled_at = user, timezone.now()
    locked.save(update_fields=["handled_by", "handled_at"])
    if locked.message is not None:
        set_handling(locked.message, RawMessage.Handling.DONE, user)
    transmission = locked.recipient.transmission
    record("reply_handled", locked, site=transmission.site, user=user, resident=transmission.resident)


def _record(action: str, recipient: Recipient, *, user: User | None = None, **details: object) -> None:
    transmission = recipient.transmission
    record(
        action,
        recipient,
        site=transmission.site,
        user=user,
        resident=transmission.resident,
        transmission=str(transmission.uuid),
        message_id=recipient.message_id,
        **details,
    )
