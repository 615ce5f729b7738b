"""The pharmacy is told what was decided: the report of a reconciliation, from a mailbox the person holds."""

from django.conf import settings
from django.db import transaction

from liaison.apps.audit.actions import begin
from liaison.apps.blobs import store
from liaison.apps.directory.models import Professional
from liaison.apps.exchanges.addressing import option_to_use
from liaison.apps.exchanges.models import Note
from liaison.apps.exchanges.notes import Words, mailbox_to_write_from, prepare_note
from liaison.apps.exchanges.outgoing import trace
from liaison.apps.organisations.access import CARE_ROLES, has_role
from liaison.apps.organisations.models import User
from liaison.apps.refusals import NotAllowed, NotPossible
from liaison.apps.residents.models import CareTeamMember, Resident
from liaison.apps.residents.oppositions import check_not_opposed
from liaison.apps.treatments.models import Reconciliation
from liaison.apps.treatments.report import TITLE, do_make_report
from liaison.core.mail.mss import compose_subject, pdf_name
from liaison.core.mail.values import Attachment
from liaison.core.media import PDF


def pharmacies_of(resident: Resident) -> list[Professional]:
    members = resident.care_team.filter(role=CareTeamMember.Role.PHARMACY).select_related("professional")
    return [member.professional for member in members]


def copied(reconciliation: Reconciliation) -> list[Note]:
    """The copies already sent."""
    notes = Note.objects.filter(kind=Note.Kind.PHARMACY, resident=reconciliation.resident)
    return list(notes.filter(asked_at__gte=reconciliation.opened_at))


@transaction.atomic
def do_copy_to_pharmacy(reconciliation: Reconciliation, *, user: User) -> list[Note]:
    """Mail the report to the pharmacies of the resident's care team. Raises Refused."""
    resident = reconciliation.resident
    begin(resident.site)
    if not has_role(user, resident.site, CARE_ROLES):
        raise NotAllowed("Votre rôle ne permet pas d'écrire à la pharmacie pour cet établissement.")
    check_not_opposed(resident)
    report = do_make_report(reconciliation)
    if report is None:
        raise NotPossible("Des lignes attendent une décision : la pharmacie recevra le bilan complet.")
    pharmacies = pharmacies_of(resident)
    if not pharmacies:
        raise NotPossible("Aucune pharmacie n'est dans l'équipe de soins de ce résident.")
    mailbox = mailbox_to_write_from(user, resident.site)
    day = report.made_at.date().isoformat()
    name = pdf_name(day, TITLE, resident.birth_family, resident.birth_given)
    attachment = Attachment(name, PDF, store.get(report.blob))
    subject = compose_subject((TITLE,), resident.birth_family, resident.birth_given, resident.birth_date)
    body = (
        "Bonjour,\n\nVous trouverez ci-joint les traitements décidés au retour d'hospitalisation de ce résident. "
        "Merci de nous signaler toute difficulté.\n\n"
        f"{user}\n{resident.site.name}\n{settings.PRODUCT_REFERENCE}\n"
    )
    notes = []
    for pharmacy in pharmacies:
        option, _rule = option_to_use(pharmacy, resident.site, "")
        note = Note(kind=Note.Kind.PHARMACY, site=resident.site, resident=resident, asked_by=user)
        prepare_note(note, mailbox, option.row.email, Words(subject, body), (attachment,))
        trace(note, "pharmacy_told", user=user, reconciliation=str(reconciliation.uuid))
        notes.append(note)
    return notes
