"""From a document to a record, and back."""

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.exchanges.answers import answer_processed
from liaison.apps.filing.derived import withdraw_derived, write_derived
from liaison.apps.filing.models import Filing, Proposal
from liaison.apps.filing.proposals import decide_for, keep_proposal
from liaison.apps.filing.rights import check_may_file
from liaison.apps.filing.versions import note_version, replace_older, stand_again
from liaison.apps.intake.actions import settle
from liaison.apps.intake.models import Document
from liaison.apps.organisations.models import User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.models import Resident
from liaison.runtime.failpoints import reach

CERTAIN_RULE = 1
NEVER_FILED = {
    Document.State.FILED: "Ce document est déjà intégré à un dossier.",
    Document.State.DUPLICATE: "Ce document est un doublon : ouvrez le premier exemplaire.",
    Document.State.OBSOLETE: "Une version plus récente de ce document est déjà ici.",
    Document.State.REPLACED: "Ce document est remplacé par une version plus récente.",
    Document.State.CANCELLED: "L'expéditeur a annulé ce document.",
}


@transaction.atomic
def do_propose(document: Document) -> Proposal | None:
    """Apply the identity table to a document; file it when rule 1 holds and the site lets it. Safe to run twice.

    Nothing new is said of it: nothing is written, the document stays as it is.
    """
    begin(document.site)
    locked = Document.objects.select_for_update(of=["self"]).select_related("site", "message").get(pk=document.pk)
    if locked.state not in {Document.State.TO_MATCH, Document.State.PROPOSED}:
        return None
    if note_version(locked):
        return None
    proposal, is_new = keep_proposal(locked, decide_for(locked))
    if not is_new:
        return proposal
    locked.state = Document.State.PROPOSED if proposal.resident else Document.State.TO_MATCH
    locked.save(update_fields=["state"])
    reach("propose: decided")
    record("identity_proposed", locked, site=locked.site, resident=proposal.resident, rule=proposal.rule)
    if files_itself(locked, proposal):
        do_file(locked, resident=_resident_of(proposal), user=None)
    return proposal


def files_itself(document: Document, proposal: Proposal) -> bool:
    """Rule 1, at a site that wants it, for a first sending from the trust circle. All else asks a person (law 2).

    What a person took out of a record is never put back by the software.
    """
    return (
        proposal.rule == CERTAIN_RULE
        and document.site.files_certain_matches
        and document.message.sender_trusted
        and document.requested_action == "create"
        and document.version_kind == "first"
        and not document.filings.exists()
    )


def _resident_of(proposal: Proposal) -> Resident:
    if proposal.resident is None:
        raise NotPossible("La règle ne désigne aucun résident.")
    return proposal.resident


@transaction.atomic
def do_file(document: Document, *, resident: Resident, user: User | None) -> Filing:
    """Integrate a document, and what it says, in a resident's record.

    ``user`` None is the software filing by rule 1, which must have said this very resident. Raises NotAllowed,
    AlreadyDone, NotPossible.
    """
    begin(document.site)
    locked = Document.objects.select_for_update(of=["self"]).select_related("site", "message").get(pk=document.pk)
    _check_filing(locked, resident, user)
    proposal = Proposal.objects.filter(document=locked).first()
    filing = Filing.objects.create(
        document=locked,
        resident=resident,
        rule=proposal.rule if proposal else 0,
        automatic=user is None,
        filed_by=user,
        filed_at=timezone.now(),
    )
    locked.state, locked.set_aside_reason = Document.State.FILED, ""
    locked.save(update_fields=["state", "set_aside_reason"])
    record("document_filed", locked, site=locked.site, user=user, resident=resident, rule=filing.rule, filing=filing.pk)
    replace_older(locked, user=user)
    write_derived(locked, resident, user=user)
    settle(locked.message, user)
    answer_processed(locked.message, locked, user=user)
    reach("file: before commit")
    return filing


def _check_filing(document: Document, resident: Resident, user: User | None) -> None:
    if user is None:
        proposal = Proposal.objects.filter(document=document).first()
        if proposal is None or proposal.rule != CERTAIN_RULE or proposal.resident_id != resident.pk:
            raise NotAllowed("Seule la règle 1 intègre sans une personne.")
    else:
        check_may_file(user, document.site)
    _check_state(document)
    if resident.site_id != document.site_id:
        raise NotPossible("Ce résident est d'un autre établissement que la boîte qui a reçu le document.")
    if Resident.objects.filter(pk=resident.pk, merged_into__isnull=False).exists():
        raise NotPossible("Ce dossier est fusionné avec un autre : intégrez le document à celui-là.")


def _check_state(document: Document) -> None:
    if document.requested_action == "cancel":
        raise NotPossible("Ce message demande une annulation : rien n'est à intégrer.")
    if document.state in NEVER_FILED:
        raise AlreadyDone(NEVER_FILED[Document.State(document.state)])


@transaction.atomic
def do_unfile(filing: Filing, *, user: User, reason: str) -> None:
    """Take a document out of a record, with what was written from it. The filing stays, struck, with its reason."""
    begin(filing.document.site)
    locked = (
        Filing.objects.select_for_update(of=["self"]).select_related("document__site", "resident").get(pk=filing.pk)
    )
    document = locked.document
    check_may_file(user, document.site)
    if locked.withdrawn_at is not None:
        raise AlreadyDone("Ce document est déjà retiré du dossier.")
    if not reason.strip():
        raise NotPossible("Dites pourquoi ce document est retiré du dossier.")
    withdraw_derived(document)
    locked.withdrawn_by, locked.withdrawn_at, locked.withdrawn_reason = user, timezone.now(), reason.strip()[:300]
    locked.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    if document.state == Document.State.FILED:
        document.state = Document.State.TO_MATCH
        document.save(update_fields=["state"])
        stand_again(document, user=user)
    record("document_unfiled", document, site=document.site, user=user, resident=locked.resident, filing=locked.pk)
    settle(document.message, user)
