"""A message received at one home of the group is about somebody of another: handed over, traced on both sides.

A person of the giving home sees nothing of the other one: the copy is made by a job, behind no wall, from the row the
person wrote on his own side. The bytes are the same blob; the receiving home reads them anew, with its own rules.
"""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.filing.jobs import offer_hand_over
from liaison.apps.filing.models import HandOver
from liaison.apps.filing.rights import check_may_file
from liaison.apps.intake import jobs as intake_jobs
from liaison.apps.intake.actions import settle
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.access import access_messages
from liaison.apps.organisations.models import Site, User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible

State, Direction = HandOver.State, HandOver.Direction
WAITING = (Document.State.TO_MATCH, Document.State.PROPOSED)
HANDED_NUMBERING = 0
"""The UIDVALIDITY of the copies: no server numbers a folder so (RFC 9051: it is above zero)."""
NO_MAILBOX = "L'autre établissement n'a pas de boîte organisationnelle ouverte ici : le message est revenu."


@transaction.atomic
def do_hand_over(message: RawMessage, *, to: Site, user: User, reason: str) -> HandOver:
    """Give a message to another home of the group; the documents that wait in it are settled here.

    Refused once one of them is in a record here: its bytes would show one home's resident to the other. Raises
    NotAllowed, NotPossible, AlreadyDone.
    """
    begin(message.site)
    check_may_file(user, message.site)
    if not access_messages(user).filter(pk=message.pk).exists():
        raise NotAllowed("Vous n'êtes pas titulaire de la boîte qui a reçu ce message.")
    locked = RawMessage.objects.select_for_update(of=["self"]).select_related("site").get(pk=message.pk)
    _check(locked, to, reason)
    hand_over = HandOver.objects.create(
        direction=Direction.GIVEN,
        site=locked.site,
        other_site=to,
        message=locked,
        handed_by=user,
        handed_at=timezone.now(),
        reason=reason.strip()[:300],
    )
    for document in locked.documents.filter(state__in=WAITING).select_for_update(of=["self"]):
        document.state, document.set_aside_reason = Document.State.SET_ASIDE, f"Remis à {to.name} : {reason}"[:300]
        document.save(update_fields=["state", "set_aside_reason"])
        record("document_handed_over", document, site=locked.site, user=user, to=to.pk, hand_over=hand_over.pk)
    record("message_handed_over", locked, site=locked.site, user=user, to=to.pk, hand_over=hand_over.pk)
    settle(locked, user)
    offer_hand_over(hand_over.pk)
    return hand_over


def _check(message: RawMessage, to: Site, reason: str) -> None:
    if to.pk == message.site_id or to.group_id != message.site.group_id:
        raise NotPossible("Choisissez un autre établissement du groupe.")
    if not reason.strip():
        raise NotPossible("Dites pourquoi ce message est remis à un autre établissement.")
    if message.state != RawMessage.State.READ:
        raise NotPossible("Ce message n'est pas encore lu.")
    if message.documents.filter(state__in=[Document.State.FILED, Document.State.REPLACED]).exists():
        raise NotPossible("Un document de ce message est dans un dossier d'ici : le message ne peut pas être remis.")
    given = HandOver.objects.filter(message=message, direction=Direction.GIVEN, other_site=to)
    if given.exclude(state=State.IMPOSSIBLE).exists():
        raise AlreadyDone("Ce message est déjà remis à cet établissement.")


@transaction.atomic
def do_receive_hand_over(hand_over: HandOver) -> HandOver | None:
    """The copy at the other home, in its organisational mailbox, to be read there. Safe to run twice.

    Both chains are held from the start, in the order of their homes: two hand-overs crosswise wait in turn.
    Without such a mailbox the message comes back: its documents wait again where they were.
    """
    for site in sorted((hand_over.site, hand_over.other_site), key=lambda each: each.pk):
        begin(site)
    given = HandOver.objects.select_for_update(of=["self"]).select_related("message__site", "other_site")
    locked = given.get(pk=hand_over.pk)
    if locked.state != State.ON_ITS_WAY:
        return None
    mailboxes = Mailbox.objects.filter(site=locked.other_site, active=True, kind=Mailbox.Kind.ORGANISATIONAL)
    mailbox = mailboxes.order_by("pk").first()
    if mailbox is None:
        _come_back(locked)
        return None
    received = _arrive(locked, mailbox)
    _set_state(locked, State.ARRIVED)
    return received


def _arrive(given: HandOver, mailbox: Mailbox) -> HandOver:
    source = given.message
    held = RawMessage.objects.filter(mailbox=mailbox, blob=source.blob).first()
    copy = held or RawMessage.objects.create(
        site=given.other_site,
        mailbox=mailbox,
        uid_validity=HANDED_NUMBERING,
        uid=_next_number(mailbox),
        blob=source.blob,
        size=source.size,
        received_at=source.received_at,
        fetched_at=timezone.now(),
    )
    received = HandOver.objects.create(
        key=given.key,
        direction=Direction.RECEIVED,
        state=State.ARRIVED,
        site=given.other_site,
        other_site=given.site,
        message=copy,
        handed_by=given.handed_by,
        handed_at=given.handed_at,
        reason=given.reason,
    )
    record("hand_over_received", copy, site=given.other_site, user=given.handed_by, hand_over=received.pk)
    if held is None:
        intake_jobs.offer_reading(copy.pk)
    return received


def _next_number(mailbox: Mailbox) -> int:
    numbers = RawMessage.objects.filter(mailbox=mailbox, uid_validity=HANDED_NUMBERING).aggregate(last=Max("uid"))
    return (numbers["last"] or 0) + 1


def _come_back(given: HandOver) -> None:
    _set_state(given, State.IMPOSSIBLE)
    said = f"Remis à {given.other_site.name} :"
    for document in given.message.documents.filter(state=Document.State.SET_ASIDE, set_aside_reason__startswith=said):
        document.state, document.set_aside_reason = Document.State.TO_MATCH, ""
        document.save(update_fields=["state", "set_aside_reason"])
    record("hand_over_impossible", given.message, site=given.site, hand_over=given.pk)
    settle(given.message, None)


def _set_state(given: HandOver, state: HandOver.State) -> None:
    given.state = state
    given.save(update_fields=["state"])
