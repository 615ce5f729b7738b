"""The one gate to read: each function gives the rows a person may see, and nothing else does.

A secretary, nurse or coordinating doctor sees the residents of the sites they work at, with their record. Messages are
seen by the holders of their mailbox only; a document filed in a record is seen by all who see the record. An
administrator runs the house and reads no health data.
"""

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from liaison.apps.audit.models import Entry
from liaison.apps.exchanges.models import Answer, Note, Recipient, Reply, Transmission
from liaison.apps.filing.models import ProposedFact, StatedFact
from liaison.apps.intake.models import Document, Leaf, RawMessage
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.operations.models import Incident, SelfCheck
from liaison.apps.organisations.models import Role, Site, User
from liaison.apps.residents.models import Absence, FollowUpTask, RecordedAllergy, Resident
from liaison.apps.treatments.models import Decision, Reconciliation, Rereading, TreatmentAct, TreatmentLine

CARE_ROLES = (Role.SECRETARY, Role.NURSE, Role.COORDINATING_DOCTOR)
FILING_ROLES = (Role.SECRETARY, Role.COORDINATING_DOCTOR)
PRESCRIBING_ROLES = (Role.COORDINATING_DOCTOR,)
OPERATING_ROLES = (Role.ADMINISTRATOR, Role.SECRETARY, Role.COORDINATING_DOCTOR)


def sites_of(user: User, roles: tuple[Role, ...] = CARE_ROLES) -> QuerySet[Site]:
    """The sites where the person holds one of these roles."""
    return Site.objects.filter(memberships__user=user, memberships__role__in=roles).distinct()


def site_numbers(user: User) -> list[int]:
    """The numbers of the sites whose residents the person may see."""
    return list(sites_of(user).values_list("pk", flat=True))


def has_role(user: User, site: Site, roles: tuple[Role, ...]) -> bool:
    return user.memberships.filter(site=site, role__in=roles).exists()


def may_file(user: User, site: Site) -> bool:
    """Secretaries and coordinating doctors are the « personnel habilité » of the leaflet."""
    return has_role(user, site, FILING_ROLES)


def may_prescribe(user: User, site: Site) -> bool:
    """A decision bears the name and RPPS of a doctor of the site (law 3)."""
    return bool(user.rpps) and has_role(user, site, PRESCRIBING_ROLES)


def access_mailboxes(user: User) -> QuerySet[Mailbox]:
    """The mailboxes the person holds, at the sites where he still works."""
    return Mailbox.objects.filter(holders=user, site__in=sites_of(user), active=True)


def access_site_mailboxes(user: User) -> QuerySet[Mailbox]:
    """Every mailbox of the sites whose machinery the person looks after: where it stands, never what it holds."""
    return Mailbox.objects.filter(site__in=sites_of(user, OPERATING_ROLES), active=True)


def access_incidents(user: User) -> QuerySet[Incident]:
    """What the machinery of my sites asks a person to look at."""
    return Incident.objects.filter(site__in=sites_of(user, OPERATING_ROLES))


def access_self_checks(user: User) -> QuerySet[SelfCheck]:
    """The test messages of my sites' mailboxes."""
    return SelfCheck.objects.filter(site__in=sites_of(user, OPERATING_ROLES))


def access_messages(user: User) -> QuerySet[RawMessage]:
    """Those of the mailboxes I hold; the test messages that a mailbox sends to itself are no one's mail."""
    held = RawMessage.objects.filter(mailbox__in=access_mailboxes(user))
    return held.exclude(category=RawMessage.Category.SELF_CHECK)


def access_leaves(user: User) -> QuerySet[Leaf]:
    return Leaf.objects.filter(message__in=access_messages(user))


def access_residents(user: User) -> QuerySet[Resident]:
    """The residents of my sites; a record merged into another is seen through that one."""
    return Resident.objects.filter(site__in=sites_of(user), merged_into__isnull=True)


def access_documents(user: User) -> QuerySet[Document]:
    """Documents of the mailboxes I hold, and those filed in a record I see."""
    held = Q(message__mailbox__in=access_mailboxes(user))
    record = Q(filings__resident__site__in=sites_of(user), filings__resident__merged_into__isnull=True)
    return Document.objects.filter(held | (record & Q(filings__withdrawn_at__isnull=True))).distinct()


def access_absences(user: User) -> QuerySet[Absence]:
    return Absence.objects.filter(resident__in=access_residents(user))


def access_allergies(user: User) -> QuerySet[RecordedAllergy]:
    return RecordedAllergy.objects.filter(resident__in=access_residents(user), withdrawn_at__isnull=True)


def access_tasks(user: User) -> QuerySet[FollowUpTask]:
    return FollowUpTask.objects.filter(resident__in=access_residents(user), withdrawn_at__isnull=True)


def access_facts(user: User) -> QuerySet[StatedFact]:
    return StatedFact.objects.filter(resident__in=access_residents(user), withdrawn_at__isnull=True)


def access_proposed_facts(user: User) -> QuerySet[ProposedFact]:
    """What was read in the words of the documents I see, whatever a person made of it."""
    return ProposedFact.objects.filter(document__in=access_documents(user))


def access_reconciliations(user: User) -> QuerySet[Reconciliation]:
    return Reconciliation.objects.filter(resident__in=access_residents(user))


def access_decisions(user: User) -> QuerySet[Decision]:
    return Decision.objects.filter(line__reconciliation__in=access_reconciliations(user))


def access_treatment_lines(user: User) -> QuerySet[TreatmentLine]:
    return TreatmentLine.objects.filter(resident__in=access_residents(user))


def access_treatment_acts(user: User) -> QuerySet[TreatmentAct]:
    return TreatmentAct.objects.filter(resident__in=access_residents(user))


def access_rereadings(user: User) -> QuerySet[Rereading]:
    """What a newer reader makes of the documents I see, where it waits for a person."""
    proposed = Rereading.objects.filter(state=Rereading.State.PROPOSED)
    return proposed.filter(document__in=access_documents(user))


def access_transmissions(user: User) -> QuerySet[Transmission]:
    return Transmission.objects.filter(resident__in=access_residents(user))


def access_recipients(user: User) -> QuerySet[Recipient]:
    return Recipient.objects.filter(transmission__in=access_transmissions(user))


def access_replies(user: User) -> QuerySet[Reply]:
    return Reply.objects.filter(recipient__in=access_recipients(user))


def access_notes(user: User) -> QuerySet[Note]:
    return Note.objects.filter(resident__in=access_residents(user))


def access_answers(user: User) -> QuerySet[Answer]:
    """What was answered to the senders of the mailboxes I hold."""
    return Answer.objects.filter(original__in=access_messages(user))


def access_journal(user: User, resident: Resident) -> QuerySet[Entry]:
    """The journal of one resident, with that of the records merged into his, for those who see the resident."""
    get_object_or_404(access_residents(user), pk=resident.pk)
    return Entry.objects.filter(resident__in=whole_family(resident))


def whole_family(resident: Resident) -> list[Resident]:
    """The record and all that were merged into it, one into the other."""
    return [resident, *(each for absorbed in resident.absorbed.all() for each in whole_family(absorbed))]
