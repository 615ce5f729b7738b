"""A copy for the resident himself, in his Mon espace santé mailbox: only with a qualified INS and a confirmation.

The address is the matricule at patient.mssante.fr (ECO.2.2.6): a wrong matricule would be somebody else's mailbox, so
the person who sends types the date of birth and the sex again (référentiel #2, §3.4.2.2).
"""

from dataclasses import dataclass
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from liaison.apps.blobs import store
from liaison.apps.directory.queries import domain_of
from liaison.apps.exchanges.compose import attachments_of
from liaison.apps.exchanges.models import Recipient, Transmission
from liaison.apps.refusals import NotPossible
from liaison.apps.residents.models import Opposition, Resident
from liaison.apps.residents.oppositions import standing_opposition
from liaison.core.identity.ins import is_valid_ins
from liaison.core.mail.compose import compose
from liaison.core.mail.mss import compose_subject, mss_headers
from liaison.core.mail.values import Address, OutgoingMail

DOMAIN = "patient.mssante.fr"


@dataclass(frozen=True, slots=True)
class PatientCopy:
    """What the person who sends confirms of the resident: ISO date of birth, and M or F."""

    birth_date: str
    sex: str


def patient_address(resident: Resident) -> str:
    """The resident's own address; empty when his identity does not allow one."""
    qualified = resident.ins_status == Resident.InsStatus.QUALIFIED and is_valid_ins(resident.ins)
    return f"{resident.ins}@{DOMAIN}" if qualified else ""


def why_no_copy(resident: Resident) -> str:
    """Why nothing can be sent to the resident's mailbox, in French; empty when it can."""
    if not patient_address(resident):
        return "L'identité INS du résident n'est pas qualifiée : rien ne part vers Mon espace santé."
    opposition = standing_opposition(resident, Opposition.Scope.PATIENT)
    if opposition is not None:
        return f"Opposition à l'envoi vers Mon espace santé, notée par {opposition.recorded_by}."
    return ""


def prepare_patient_copy(transmission: Transmission, confirmed: PatientCopy) -> Recipient:
    """The message to the resident. Inside the transaction of the sending. Raises NotPossible."""
    resident = transmission.resident
    if refusal := why_no_copy(resident):
        raise NotPossible(refusal)
    if (confirmed.birth_date, confirmed.sex) != (resident.birth_date, resident.sex):
        raise NotPossible("La date de naissance ou le sexe ne sont pas ceux du résident : la copie n'est pas envoyée.")
    address = patient_address(resident)
    message_id = f"<{uuid4()}@{domain_of(transmission.mailbox.address)}>"
    return Recipient.objects.create(
        transmission=transmission,
        channel=Recipient.Channel.PATIENT,
        expects_answer=False,
        address=address,
        message_id=message_id,
        blob=store.put(_message(transmission, message_id, address)),
    )


def _message(transmission: Transmission, message_id: str, address: str) -> bytes:
    mailbox, document, resident = transmission.mailbox, transmission.document, transmission.resident
    label = document.type_label or document.title
    mail = OutgoingMail(
        message_id=message_id,
        sender=Address(mailbox.address, mailbox.label),
        to=(Address(address),),
        subject=compose_subject((label,), resident.birth_family, resident.birth_given, resident.birth_date),
        body=_words(transmission),
        date=timezone.localtime(),
        attachments=attachments_of(document, resident),
        disposition_notification_to=mailbox.address,
        headers=mss_headers(
            codes=(document.type_code,) if document.type_code else (),
            qualified_ins=True if document.type_code else None,
            product=settings.PRODUCT_REFERENCE,
        ),
    )
    return compose(mail)


def _words(transmission: Transmission) -> str:
    return (
        "Bonjour,\n\n"
        f"{transmission.site.name} vous adresse une copie de : {transmission.document.title}.\n"
        "Vos traitements ne changent pas par ce message : votre médecin et l'équipe de soins en décident avec vous.\n\n"
        f"{transmission.prepared_by}\n{transmission.site.name}, {transmission.site.city}\n"
    )
