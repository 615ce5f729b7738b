"""Doctors who do not answer: reminded by the rule of their site, then shown to a person who joins them otherwise."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.blobs import store
from liaison.apps.directory.queries import domain_of
from liaison.apps.exchanges import jobs
from liaison.apps.exchanges.compose import reference_of
from liaison.apps.exchanges.models import FollowUpRules, Note, Recipient
from liaison.apps.exchanges.text import line_text
from liaison.apps.organisations.access import has_role
from liaison.apps.organisations.models import Role, Site, User
from liaison.apps.refusals import NotAllowed, NotPossible
from liaison.apps.residents.models import Opposition
from liaison.apps.residents.oppositions import standing_opposition
from liaison.apps.treatments.models import Reconciliation, ReconciliationLine
from liaison.core.follow_up.rules import Act, Rules, Silence, next_act
from liaison.core.follow_up.steps import WAITING
from liaison.core.mail.compose import compose
from liaison.core.mail.mss import compose_subject, mss_headers
from liaison.core.mail.values import Address, OutgoingMail

UNDECIDED = (Reconciliation.State.OPEN, Reconciliation.State.PARTIAL)
UNCHANGED = (ReconciliationLine.Status.CONTINUED, ReconciliationLine.Status.EQUIVALENT)
RULES_ROLES = (Role.COORDINATING_DOCTOR, Role.ADMINISTRATOR)
SHORTEST_PATIENCE = timedelta(hours=1)
LIMITS = {"high_risk_hours": (1, 240), "usual_days": (1, 60), "reminders": (0, 10)}


def rules_of(site: Site) -> Rules:
    """The rules a site chose, else the usual ones."""
    chosen = FollowUpRules.objects.filter(site=site).first()
    if chosen is None:
        return Rules()
    return Rules(chosen.high_risk_hours, chosen.usual_days, chosen.reminders)


def may_set_rules(user: User, site: Site) -> bool:
    return has_role(user, site, RULES_ROLES)


@transaction.atomic
def do_set_rules(site: Site, *, user: User, rules: Rules) -> None:
    """Choose when the site's doctors are reminded. Raises NotAllowed or NotPossible."""
    begin(site)
    if not may_set_rules(user, site):
        raise NotAllowed("Votre rôle ne permet pas de régler les relances de cet établissement.")
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(rules, name) <= most:
            raise NotPossible(f"Choisissez un nombre entre {least} et {most}.")
    values = {name: getattr(rules, name) for name in LIMITS}
    changed, _ = FollowUpRules.objects.update_or_create(
        site=site, defaults={**values, "changed_by": user, "changed_at": timezone.now()}
    )
    record("follow_up_rules_set", changed, site=site, user=user, **values)


def silent_recipients(now: datetime) -> list[int]:
    """Those written to whose answer may be late, or of whom no server has said that it arrived."""
    asked = Q(expects_answer=True, transmission__reconciliation__state__in=UNDECIDED, state__in=WAITING)
    rows = Recipient.objects.filter(
        asked | Q(state=Recipient.State.SENT),
        escalated_at__isnull=True,
        followed_by__isnull=True,
        sent_at__lt=now - SHORTEST_PATIENCE,
        channel=Recipient.Channel.MSSANTE,
    )
    return list(rows.order_by("sent_at").values_list("pk", flat=True))


def do_follow_up(now: datetime) -> dict[Act, int]:
    """Do for each silent addressee what the rule of his site says; how many of each act."""
    done: dict[Act, int] = {"wait": 0, "remind": 0, "take_over": 0}
    for number in silent_recipients(now):
        done[_follow_up(number, now)] += 1
    return done


@transaction.atomic
def _follow_up(number: int, now: datetime) -> Act:
    recipient = _recipients().get(pk=number)
    if act_due(recipient, now) == "wait":
        return "wait"
    begin(recipient.transmission.site)
    recipient = _recipients().select_for_update(of=["self"]).get(pk=number)
    act = act_due(recipient, now)
    if act == "wait":
        return act
    recipient.late_at = recipient.late_at or now
    if act == "remind" and may_remind(recipient):
        remind(recipient, now)
    else:
        act = "take_over"
        recipient.escalated_at = now
        _record("recipient_to_join_otherwise", recipient)
    recipient.save(update_fields=["late_at", "escalated_at"])
    return act


def act_due(recipient: Recipient, now: datetime) -> Act:
    """What the rule of the site says of one addressee now."""
    if recipient.state not in WAITING or recipient.sent_at is None:
        return "wait"
    silence = Silence(recipient.sent_at, reminders_of(recipient).count(), is_high_risk(recipient))
    return next_act(silence, rules_of(recipient.transmission.site), now)


def reminders_of(recipient: Recipient) -> models.QuerySet[Note]:
    return Note.objects.filter(recipient=recipient, kind=Note.Kind.REMINDER)


def is_high_risk(recipient: Recipient) -> bool:
    """Whether the letter changes a drug of a high-risk class, not decided yet."""
    reconciliation = recipient.transmission.reconciliation
    if reconciliation is None:
        return False
    changed = reconciliation.lines.exclude(high_risk="").exclude(status__in=UNCHANGED)
    return changed.filter(decisions__isnull=True).exists()


def may_remind(recipient: Recipient) -> bool:
    """Something is asked of him, and the resident has not refused since then to be written about."""
    reconciliation, resident = recipient.transmission.reconciliation, recipient.transmission.resident
    asked = recipient.expects_answer and reconciliation is not None and reconciliation.state in UNDECIDED
    return asked and standing_opposition(resident, Opposition.Scope.PROFESSIONALS) is None


def remind(recipient: Recipient, now: datetime) -> Note:
    """Prepare the reminder, in the thread of the message; a job gives it to the server."""
    transmission = recipient.transmission
    message_id = f"<{uuid4()}@{domain_of(transmission.mailbox.address)}>"
    note = Note.objects.create(
        site=transmission.site,
        mailbox=transmission.mailbox,
        resident=transmission.resident,
        kind=Note.Kind.REMINDER,
        recipient=recipient,
        message_id=message_id,
        blob=store.put(_message(recipient, message_id)),
        address=recipient.address,
        asked_at=now,
    )
    _record("recipient_reminded", recipient, reminder=reminders_of(recipient).count())
    jobs.offer_note(note.pk)
    return note


def _message(recipient: Recipient, message_id: str) -> bytes:
    transmission = recipient.transmission
    mailbox, resident, document = transmission.mailbox, transmission.resident, transmission.document
    label = document.type_label or document.title
    subject = compose_subject((label,), resident.birth_family, resident.birth_given, resident.birth_date)
    mail = OutgoingMail(
        message_id=message_id,
        sender=Address(mailbox.address, mailbox.label),
        to=(Address(recipient.address),),
        subject=f"Rappel : {subject.removeprefix('XDM/1.0/DDM+')} [réf {reference_of(transmission)}]",
        body=_words(recipient),
        date=timezone.localtime(),
        in_reply_to=recipient.message_id,
        references=(recipient.message_id,),
        disposition_notification_to=mailbox.address,
        headers=mss_headers(codes=(), qualified_ins=None, product=settings.PRODUCT_REFERENCE),
    )
    return compose(mail)


def _words(recipient: Recipient) -> str:
    transmission = recipient.transmission
    lines = transmission.reconciliation.lines.all() if transmission.reconciliation else []
    sent = timezone.localtime(recipient.sent_at or transmission.prepared_at)
    asked = "\n".join(line_text(line) for line in lines)
    return (
        "Docteur,\n\n"
        f"Nous vous avons écrit le {sent:%d/%m/%Y} au retour d'hospitalisation de "
        f"{transmission.resident.display_name}, résident(e) de {transmission.site.name}, et votre réponse nous manque "
        "pour décider des traitements.\n\n"
        + (f"{asked}\n\n" if asked else "")
        + "Pour répondre, il suffit de répondre à ce message : « D'accord pour tout », ligne par ligne, une question, "
        "ou la date de votre visite.\n\n"
        f"{transmission.site.name}, {transmission.site.city}\nRéférence : {reference_of(transmission)}\n"
    )


def _recipients() -> models.QuerySet[Recipient]:
    return Recipient.objects.select_related(
        "transmission__site",
        "transmission__resident",
        "transmission__mailbox",
        "transmission__document",
        "transmission__reconciliation",
    )


def _record(action: str, recipient: Recipient, **details: int) -> None:
    transmission = recipient.transmission
    record(action, recipient, site=transmission.site, user=None, resident=transmission.resident, **details)
