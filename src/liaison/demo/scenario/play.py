"""The ten steps, each through the real servers and the same acts as the screens, each proven before the next."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.utils import timezone

from liaison.apps.exchanges.actions import do_send
from liaison.apps.exchanges.models import Recipient, Reply, Transmission
from liaison.apps.filing.actions import do_file
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.mailboxes.connection import Credentials, imap_endpoint
from liaison.apps.mailboxes.models import Mailbox, Operator
from liaison.apps.organisations.models import Role, User
from liaison.apps.refusals import Refused
from liaison.apps.residents.models import CareTeamMember, Resident
from liaison.apps.treatments.actions import Choice, do_decide_lines
from liaison.apps.treatments.models import Reconciliation
from liaison.core.pdf.text import read_pdf
from liaison.core.reading import read_message
from liaison.demo.hospital import Sending, compose_sending, send
from liaison.demo.post import machine_account
from liaison.demo.scenario.choices import choices_from
from liaison.demo.scenario.evidence import check, entries_of, uid_in_mailbox, uid_on_server, wait_for
from liaison.demo.scenario.values import STEPS, Step, StepFailed, Timeline
from liaison.demo.stage import Stage
from liaison.demo.world.values import Resident as WorldResident
from liaison.demo.world.values import demo_password

State = Recipient.State
ANSWERING = {"validates", "changes_a_line"}
FIRST_NUMBER = 100_000


@dataclass(slots=True)
class Play:
    """What the steps hand to each other."""

    stage: Stage
    cast: WorldResident
    resident: Resident
    secretary: User
    doctor: User
    number: int
    sending: Sending | None = None
    message: RawMessage | None = None
    document: Document | None = None
    transmissions: list[Transmission] = field(default_factory=list)
    reply: Reply | None = None


def play(stage: Stage, show: Callable[[Step], None]) -> Timeline:
    """Play every step in order; the first that fails ends the play, and the ones after it are not ok."""
    acted = begin(stage)
    steps: list[Step] = []
    for name in STEPS:
        step = _attempt(name, acted) if all(done.ok for done in steps) else Step(name, ok=False, seconds=0.0)
        steps.append(step)
        show(step)
    return Timeline(tuple(steps))


def _attempt(name: str, acted: Play) -> Step:
    begun = time.monotonic()
    try:
        evidence = ACTS[name](acted)
    except Exception as failure:  # noqa: BLE001 - whatever breaks a step, its timeline is told and the exit code true
        problem = str(failure) if isinstance(failure, StepFailed | Refused) else f"{type(failure).__name__}: {failure}"
        return Step(name, ok=False, seconds=time.monotonic() - begun, evidence={"problem": problem})
    return Step(name, ok=True, seconds=time.monotonic() - begun, evidence=evidence)


def begin(stage: Stage) -> Play:
    """The cast: a resident with a qualified INS, a GP who answers, and a specialist; another one at each play."""
    played = Document.objects.count()
    candidates = list(_cast(stage))
    cast = candidates[played % len(candidates)]
    resident = Resident.objects.select_related("site").get(ins=cast.ins, site__finess=stage.world.home.finess)
    staff = User.objects.filter(memberships__site=resident.site).order_by("pk")
    secretary = staff.filter(memberships__role=Role.SECRETARY).first()
    doctor = staff.filter(memberships__role=Role.COORDINATING_DOCTOR).first()
    if secretary is None or doctor is None:
        raise StepFailed("le monde n'a ni secrétaire ni médecin coordonnateur")
    return Play(stage, cast, resident, secretary, doctor, number=FIRST_NUMBER + played)


def _cast(stage: Stage) -> Iterator[WorldResident]:
    world = stage.world
    for resident in world.residents_of(world.home):
        answers = world.doctor(resident.gp).behaviour in ANSWERING
        if resident.ins_status == "QUAL" and resident.specialists and answers:
            yield resident


def signed(acted: Play) -> dict[str, Any]:
    """The hospital's practitioner signs: legalAuthenticator in the CDA, PAdES in the PDF."""
    acted.sending = compose_sending(
        acted.stage.world,
        acted.cast,
        kind="LDL",
        now=timezone.localtime(),
        authority=acted.stage.config.authority,
        number=acted.number,
    )
    trusted = (acted.stage.config.authority.certificate.read_bytes(),)
    document = read_message(acted.sending.raw, read_pdf=partial(read_pdf, trusted=trusted)).documents[0]
    cda, pdf = document.cda, document.pdf
    if cda is None or cda.signed_by is None:
        raise StepFailed("le CDA n'a pas de legalAuthenticator")
    if pdf is None or not pdf.signatures:
        raise StepFailed("le PDF n'est pas signé")
    signature = pdf.signatures[0]
    check(signature.intact and signature.trusted, "la signature du PDF n'est pas valable")
    return {
        "document_id": str(cda.id),
        "signer": f"{cda.signed_by.given} {cda.signed_by.family}",
        "rpps": cda.signed_by.id,
        "signed_at": cda.signed_at,
        "pdf_signature": {"signer": signature.signer, "time": signature.time, "intact": True, "trusted": True},
    }


def sent(acted: Play) -> dict[str, Any]:
    """By SMTP, from the hospital's mailbox to the home's, DSN and MDN requested."""
    sending = _of(acted.sending)
    send(sending, machine_account(acted.stage.config, acted.stage.world, sending.sender))
    return {"message_id": sending.message_id, "to": sending.recipient, "bytes": len(sending.raw)}


def received(acted: Play) -> dict[str, Any]:
    """In the ledger and read, and on the IMAP server under the same UID."""
    sending = _of(acted.sending)
    acted.message = wait_for("le message dans le registre", lambda: _message(sending.message_id))
    uid = uid_in_mailbox(acted.message.mailbox, sending.message_id)
    check(uid == acted.message.uid, "le serveur IMAP n'a pas ce message sous cet UID")
    return {
        "message_id": sending.message_id,
        "mailbox": acted.message.mailbox.address,
        "uid": acted.message.uid,
        "sha256": acted.message.blob,
        "audit": entries_of(acted.message, "message_received", "message_read"),
    }


def _message(message_id: str) -> RawMessage | None:
    kept = RawMessage.objects.filter(message_id=message_id, state=RawMessage.State.READ)
    return kept.select_related("mailbox__operator").first()


def matched(acted: Play) -> dict[str, Any]:
    """By rule 1 of the identity table, with this very resident."""
    message = _of(acted.message)
    proposed = Document.objects.filter(message=message, proposal__isnull=False).select_related("proposal__resident")
    acted.document = wait_for("la proposition d'identité", proposed.first)
    proposal = acted.document.proposal
    check(proposal.rule == 1, f"règle {proposal.rule} au lieu de la règle 1")
    check(proposal.resident_id == acted.resident.pk, "ce n'est pas le bon résident")
    return {
        "document": str(acted.document.uuid),
        "document_id": acted.document.document_id,
        "rule": proposal.rule,
        "audit": entries_of(acted.document, "identity_proposed"),
    }


def filed(acted: Play) -> dict[str, Any]:
    """By the secretary, in one act: the document and what it says."""
    document = _of(acted.document)
    filing = do_file(document, resident=acted.resident, user=acted.secretary)
    check(document.stays.filter(resident=acted.resident).exists(), "le séjour n'est pas écrit")
    reconciliation = document.reconciliations.filter(resident=acted.resident).first()
    check(reconciliation, "la conciliation n'est pas ouverte")
    answer = wait_for("l'accusé « intégré » à l'hôpital", _answered_hospital(acted))
    return {
        "filing": filing.pk,
        "by": acted.secretary.username,
        "reconciliation": str(_of(reconciliation).uuid),
        "mdn": answer,
        "audit": entries_of(document, "document_filed"),
    }


def _answered_hospital(acted: Play) -> Callable[[], str | None]:
    def look() -> str | None:
        answer = _of(acted.message).answers.filter(sent_at__isnull=False).first()
        return answer.message_id if answer else None

    return look


def forwarded(acted: Play) -> dict[str, Any]:
    """To the GP by the secretary from the organisational mailbox, to a specialist by a doctor from his own."""
    document = _of(acted.document)
    acted.transmissions = [
        _send(acted, document, acted.secretary, Mailbox.Kind.ORGANISATIONAL, CareTeamMember.Role.GP),
        _send(acted, document, acted.doctor, Mailbox.Kind.PERSONAL, CareTeamMember.Role.SPECIALIST),
    ]
    recipients = [transmission.recipients.get() for transmission in acted.transmissions]
    for recipient in recipients:
        wait_for("la réponse du serveur d'envoi", partial(_given_to_server, recipient))
    uids = {recipient.address: _wait_in_doctors_mailbox(acted, recipient) for recipient in recipients}
    return {
        "message_ids": [recipient.message_id for recipient in recipients],
        "uids": uids,
        "audit": [number for one in acted.transmissions for number in entries_of(one, "transmission_prepared")]
        + [number for one in recipients for number in entries_of(one, "recipient_sent")],
    }


def _send(acted: Play, document: Document, user: User, kind: Mailbox.Kind, role: CareTeamMember.Role) -> Transmission:
    mailbox = user.mailboxes.filter(kind=kind, site=acted.resident.site).order_by("pk").first()
    member = acted.resident.care_team.filter(role=role).select_related("professional").first()
    if mailbox is None or member is None:
        raise StepFailed("pas de boîte ou pas de destinataire")
    return do_send(document, user=user, mailbox=mailbox, professionals=[member.professional])


def _given_to_server(recipient: Recipient) -> bool:
    """The server's own answer is noted: a receipt may come before it, and proves another thing."""
    return _at_least(recipient, State.SENT) is not None and recipient.sent_at is not None


_ORDER = [State.PREPARED, State.SENT, State.DELIVERED, State.READ, State.ANSWERED]


def _at_least(recipient: Recipient, state: Recipient.State) -> Recipient | None:
    recipient.refresh_from_db()
    check(recipient.state in _ORDER, f"état {recipient.state} : {recipient.server_answer}")
    return recipient if _ORDER.index(State(recipient.state)) >= _ORDER.index(state) else None


def _wait_in_doctors_mailbox(acted: Play, recipient: Recipient) -> int:
    key = acted.stage.world.operator_of(recipient.address).key
    endpoint = imap_endpoint(Operator.objects.get(name=key))
    credentials = Credentials(recipient.address, demo_password(recipient.address))
    return wait_for(
        "le message dans la boîte du médecin",
        lambda: uid_on_server(endpoint, credentials, recipient.message_id),
    )


def delivered(acted: Play) -> dict[str, Any]:
    """The operators say so: a DSN for each recipient."""
    return _receipts(acted, State.DELIVERED, "dsn", {"delivered"})


def read(acted: Play) -> dict[str, Any]:
    """The GP's mail program says so: an MDN."""
    acted.transmissions = acted.transmissions[:1]
    return _receipts(acted, State.READ, "mdn", {"displayed"})


def _receipts(acted: Play, state: Recipient.State, kind: str, actions: set[str]) -> dict[str, Any]:
    recipients = [transmission.recipients.get() for transmission in acted.transmissions]
    for recipient in recipients:
        wait_for(f"l'état « {state.label} »", partial(_at_least, recipient, state))
    proofs = [
        wait_for("l'accusé lui-même", recipient.receipts.filter(type=kind, action__in=actions).first)
        for recipient in recipients
    ]
    return {
        "message_ids": [recipient.message_id for recipient in recipients],
        "receipts": [str(proof.message.uuid) for proof in proofs],
        "audit": [number for recipient in recipients for number in entries_of(recipient, "receipt_attached")],
    }


def answered(acted: Play) -> dict[str, Any]:
    """The GP's answer, attached to the exchange, its words kept."""
    recipient = acted.transmissions[0].recipients.get()
    replies = Reply.objects.filter(recipient=recipient).select_related("message")
    patience = 60.0 + acted.stage.config.answer_after
    acted.reply = wait_for("la réponse du médecin", replies.first, seconds=patience)
    return {
        "message_id": acted.reply.message.message_id if acted.reply.message else "",
        "reply": str(acted.reply.uuid),
        "intents": acted.reply.intents,
        "lines": len(acted.reply.lines),
        "audit": entries_of(acted.reply, "reply_attached"),
    }


def decided(acted: Play) -> dict[str, Any]:
    """Line by line, by a named prescriber, and applied to the current treatment."""
    reply = _of(acted.reply)
    reconciliation = _of(acted.transmissions[0].reconciliation)
    choices: list[Choice] = choices_from(reconciliation, reply)
    decisions = do_decide_lines(reconciliation, user=acted.doctor, choices=choices, on_answer=reply)
    reconciliation.refresh_from_db()
    check(reconciliation.state == Reconciliation.State.DECIDED, "toutes les lignes ne sont pas décidées")
    check(all(decision.prescriber_rpps for decision in decisions), "une décision n'a pas de prescripteur nommé")
    started = acted.resident.treatment_lines.filter(started_by__in=decisions, ended_at__isnull=True)
    ended = acted.resident.treatment_lines.filter(ended_by__in=decisions)
    check(started.exists() or ended.exists(), "le traitement en cours n'a pas changé")
    return {
        "by": acted.doctor.username,
        "rpps": acted.doctor.rpps,
        "reconciliation": str(reconciliation.uuid),
        "decisions": [decision.pk for decision in decisions],
        "lines_started": started.count(),
        "lines_ended": ended.count(),
        "audit": entries_of(reconciliation, "line_decided"),
    }


ACTS: dict[str, Callable[[Play], dict[str, Any]]] = {
    "signed": signed,
    "sent": sent,
    "received": received,
    "matched": matched,
    "filed": filed,
    "forwarded": forwarded,
    "delivered": delivered,
    "read": read,
    "answered": answered,
    "decided": decided,
}


def _of(value: Any) -> Any:
    """What an earlier step left."""
    if value is None:
        raise StepFailed("une étape précédente n'a rien laissé")
    return value
