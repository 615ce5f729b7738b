"""Asking a hospital for what its letter lacks: one mail to the sender, once per message, by a person's act."""

from collections.abc import Sequence
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin
from liaison.apps.blobs import store
from liaison.apps.directory.queries import domain_of, is_trusted_address
from liaison.apps.exchanges import jobs
from liaison.apps.exchanges.answers import NOT_ANSWERED
from liaison.apps.exchanges.models import Answer
from liaison.apps.exchanges.outgoing import trace
from liaison.apps.intake.models import Document
from liaison.apps.organisations.access import access_mailboxes, may_file
from liaison.apps.organisations.models import User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.core.mail.compose import compose
from liaison.core.mail.message import read_mail
from liaison.core.mail.values import Address, Mail, OutgoingMail


@transaction.atomic
def do_ask_for_missing(document: Document, *, user: User, lacking: Sequence[str]) -> Answer:
    """Prepare the mail that asks the sender for what his letter does not say; a job gives it to the server.

    ``lacking`` are sentences without any health data. Raises Refused.
    """
    begin(document.site)
    message = document.message
    if not may_file(user, document.site) or not access_mailboxes(user).filter(pk=message.mailbox_id).exists():
        raise NotAllowed("Seuls les titulaires de la boîte qui a reçu ce document peuvent écrire à son expéditeur.")
    if message.category in NOT_ANSWERED:
        raise NotPossible("Ce message est automatique : personne ne lirait la réponse.")
    if not lacking:
        raise NotPossible("Il ne manque rien à cette lettre.")
    if Answer.objects.filter(document=document, kind=Answer.Kind.REQUEST).exists():
        raise AlreadyDone("Le complément de cette lettre est déjà demandé.")
    mail = read_mail(store.get(message.blob))
    to = mail.reply_to[0] if mail.reply_to else mail.sender
    if not is_trusted_address(to.email):
        raise NotPossible("L'expéditeur n'est pas dans l'espace de confiance MSSanté.")
    answer = _prepare(document, mail, to, lacking, user)
    trace(answer, "missing_asked", user=user, lines=len(lacking))
    jobs.offer_answer(answer.pk)
    return answer


def _prepare(document: Document, mail: Mail, to: Address, lacking: Sequence[str], user: User) -> Answer:
    mailbox = document.message.mailbox
    message_id = f"<{uuid4()}@{domain_of(mailbox.address)}>"
    written = OutgoingMail(
        message_id=message_id,
        sender=Address(mailbox.address, mailbox.label),
        to=(to,),
        subject=f"Complément demandé : {mail.subject}"[:300],
        body=_words(document, lacking, user),
        date=timezone.localtime(),
        in_reply_to=mail.message_id,
        references=tuple(filter(None, (mail.message_id,))),
    )
    return Answer.objects.create(
        original=document.message,
        document=document,
        kind=Answer.Kind.REQUEST,
        message_id=message_id,
        blob=store.put(compose(written)),
        address=to.email,
        asked_by=user,
        asked_at=timezone.now(),
    )


def _words(document: Document, lacking: Sequence[str], user: User) -> str:
    asked = "\n".join(f"- {sentence}" for sentence in lacking)
    return (
        "Bonjour,\n\n"
        "Nous avons reçu votre lettre de liaison. À sa lecture, il nous manque ce que demande l'article R.1112-1-2 "
        f"du code de la santé publique :\n\n{asked}\n\n"
        "Pouvez-vous nous adresser une version complétée, ou répondre à ce message ?\n\n"
        f"Merci,\n{user}\n{document.site.name}\n"
    )
