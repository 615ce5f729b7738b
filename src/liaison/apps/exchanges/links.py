"""The answering page of one recipient: its link, and the one-time code that proves who opens it.

The link alone shows nothing. Whoever holds it can only have a code sent to the very MSSanté address the message went
to, or prove by Pro Santé Connect that he is the person it went to; then that one exchange is shown for an hour. Tokens
and codes are kept hashed; asking for codes slows down and ends, a code dies after five tries, and a link that is
unknown, expired, withdrawn or exhausted answers in the same words as one that works.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from liaison.apps.audit.actions import begin, record
from liaison.apps.exchanges.models import AnswerLink, Note, Recipient
from liaison.apps.exchanges.notes import Words, prepare_note
from liaison.apps.exchanges.outgoing import trace
from liaison.apps.organisations.access import may_file
from liaison.apps.organisations.models import User
from liaison.apps.organisations.row_security import scope
from liaison.apps.refusals import AlreadyDone, NotAllowed

LINK_LASTS = timedelta(days=30)
CODE_LASTS = timedelta(minutes=10)
OPEN_LASTS = timedelta(hours=1)
MOST_TRIES, MOST_CODES = 5, 30
_BYTES_OF_A_TOKEN, _DIGITS = 32, 6
_PAUSES = ((3, timedelta(seconds=30)), (8, timedelta(minutes=5)), (MOST_CODES, timedelta(hours=1)))


def new_token() -> str:
    """A token for a link to come; empty when this installation has no address the outside can reach."""
    return secrets.token_urlsafe(_BYTES_OF_A_TOKEN) if settings.PUBLIC_URL else ""


def url_of(token: str) -> str:
    """The address a doctor clicks on; nothing in it says whom or what it is about."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('answer', args=[token])}" if token else ""


def keep_link(recipient: Recipient, token: str) -> AnswerLink | None:
    """Open the page of this recipient under the token. Inside the transaction of the sending."""
    if not token:
        return None
    now = timezone.now()
    return AnswerLink.objects.create(
        site=recipient.transmission.site,
        recipient=recipient,
        token_hash=_hash(token),
        made_at=now,
        expires_at=now + LINK_LASTS,
    )


def find_link(token: str) -> AnswerLink | None:
    """The link that token opens, if it still opens anything."""
    found = AnswerLink.objects.select_related("site").filter(token_hash=_hash(token)).first()
    return found if found and _is_usable(found, timezone.now()) else None


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _is_usable(link: AnswerLink, now: datetime) -> bool:
    return link.withdrawn_at is None and now < link.expires_at


def do_send_code(token: str) -> None:
    """Send a new code to the recipient's own address, unless the last is too recent. Never says what it did."""
    link = find_link(token)
    if link is None:
        return
    with scope([link.site_id]), transaction.atomic():
        begin(link.site)
        locked = _lock(link)
        now = timezone.now()
        if not _is_usable(locked, now) or not _may_have_a_code(locked, now):
            return
        code = "".join(secrets.choice("0123456789") for _ in range(_DIGITS))
        locked.code_hash, locked.tries = _hash_of_code(locked, code), 0
        locked.code_sent_at, locked.code_expires_at = now, now + CODE_LASTS
        locked.codes_asked += 1
        locked.save(update_fields=["code_hash", "tries", "code_sent_at", "code_expires_at", "codes_asked"])
        _mail_code(locked, code)


def _may_have_a_code(link: AnswerLink, now: datetime) -> bool:
    """The more codes were asked in vain, the longer the wait; after the last one, never again."""
    pause = next((wait for most, wait in _PAUSES if link.codes_asked < most), None)
    return pause is not None and (link.code_sent_at is None or now - link.code_sent_at >= pause)


def _lock(link: AnswerLink) -> AnswerLink:
    rows = AnswerLink.objects.select_for_update(of=["self"])
    return rows.select_related(
        "recipient__professional", "recipient__transmission__mailbox", "recipient__transmission__resident", "site"
    ).get(pk=link.pk)


def _hash_of_code(link: AnswerLink, code: str) -> str:
    return salted_hmac("liaison.answer-code", f"{link.pk}:{code}", algorithm="sha256").hexdigest()


def _mail_code(link: AnswerLink, code: str) -> None:
    """The code comes first in the subject: it is read in a notification, without opening anything."""
    recipient = link.recipient
    transmission = recipient.transmission
    body = (
        f"Votre code : {code}\n\n"
        f"Il ouvre la page de réponse au sujet d'un résident de {link.site.name}, pendant dix minutes et une seule "
        "fois. Si vous ne l'avez pas demandé, ne faites rien : sans ce code, le lien ne montre rien.\n"
    )
    note = Note(
        kind=Note.Kind.CODE, site=transmission.site, resident=transmission.resident, recipient=recipient, asked_by=None
    )
    prepare_note(note, transmission.mailbox, recipient.address, Words(f"{code} : votre code de réponse", body))
    trace(note, "answer_code_sent")


def do_open(token: str, code: str) -> AnswerLink | None:
    """The link, once the code is proven; None in every other case. A code opens once, and dies of five wrong tries."""
    link = find_link(token)
    if link is None:
        return None
    with scope([link.site_id]), transaction.atomic():
        begin(link.site)
        locked = _lock(link)
        now = timezone.now()
        if not _is_usable(locked, now) or not _is_alive(locked, now):
            return None
        locked.tries += 1
        proven = constant_time_compare(_hash_of_code(locked, code), locked.code_hash)
        if proven:
            locked.opened_at = locked.opened_at or now
            locked.code_hash, locked.codes_asked = "", 0
        locked.save(update_fields=["tries", "opened_at", "code_hash", "codes_asked"])
        transmission = locked.recipient.transmission
        record(
            "answer_page_opened" if proven else "answer_code_wrong",
            locked.recipient,
            site=locked.site,
            resident=transmission.resident,
            transmission=str(transmission.uuid),
        )
    return locked if proven else None


def do_open_by_identity(token: str, rpps: str) -> AnswerLink | None:
    """The link, for the professional it was sent to, his RPPS proven; None for anybody else, who is traced."""
    link = find_link(token)
    if link is None:
        return None
    with scope([link.site_id]), transaction.atomic():
        begin(link.site)
        locked = _lock(link)
        now = timezone.now()
        if not _is_usable(locked, now):
            return None
        recipient = locked.recipient
        proven = bool(rpps) and recipient.professional is not None and recipient.professional.rpps == rpps
        if proven:
            locked.opened_at = locked.opened_at or now
            locked.save(update_fields=["opened_at"])
        record(
            "answer_page_opened" if proven else "answer_identity_refused",
            recipient,
            site=locked.site,
            resident=recipient.transmission.resident,
            transmission=str(recipient.transmission.uuid),
            by="pro_sante_connect",
            rpps=rpps,
        )
    return locked if proven else None


def _is_alive(link: AnswerLink, now: datetime) -> bool:
    in_time = link.code_expires_at is not None and now < link.code_expires_at
    return bool(link.code_hash) and in_time and link.tries < MOST_TRIES


@transaction.atomic
def do_withdraw_link(link: AnswerLink, *, user: User) -> None:
    """A person closes the answering page of a recipient, at once and for good. Raises Refused."""
    begin(link.site)
    locked = _lock(link)
    if not may_file(user, locked.site):
        raise NotAllowed("Votre rôle ne permet pas de suivre les envois de cet établissement.")
    if locked.withdrawn_at is not None:
        raise AlreadyDone("Ce lien est déjà retiré.")
    locked.withdrawn_at, locked.withdrawn_by = timezone.now(), user
    locked.save(update_fields=["withdrawn_at", "withdrawn_by"])
    transmission = locked.recipient.transmission
    record(
        "answer_link_withdrawn",
        locked.recipient,
        site=locked.site,
        user=user,
        resident=transmission.resident,
        transmission=str(transmission.uuid),
    )
