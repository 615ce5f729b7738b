"""Everything the screen of one document shows."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from liaison.apps.blobs import store
from liaison.apps.filing.models import Filing, Proposal
from liaison.apps.intake.models import Document
from liaison.apps.intake.pdf_process import read_pdf_apart
from liaison.apps.intake.readings import cda_of, patient_of
from liaison.apps.organisations.access import access_messages, access_residents, may_file
from liaison.apps.organisations.models import User
from liaison.apps.residents.models import Resident
from liaison.core.cda.values import CdaDocument
from liaison.core.notices import Unreadable
from liaison.core.people import Professional
from liaison.web.record.beside import beside_of
from liaison.web.record.decree import decree_of
from liaison.web.record.document_answers import answers_of
from liaison.web.record.document_versions import versions_of
from liaison.web.record.forms import SearchForm, UnfileForm
from liaison.web.record.identities import claimed_only, side_by_side
from liaison.web.record.text_reading import reading_of


class PagesError(Exception):
    """A PDF whose pages cannot be counted; its text is the code of the notice."""


def context_of(document: Document, user: User, wanted: str) -> dict[str, Any]:
    """``wanted`` is the uuid of the resident the person chose to compare with; empty for the one proposed."""
    filing = document.filings.select_related("resident", "filed_by").filter(withdrawn_at__isnull=True).first()
    proposal = Proposal.objects.select_related("resident").filter(document=document).first()
    resident = filing.resident if filing else _resident(document, user, wanted, proposal)
    return {
        "section": "inbox",
        "document": document,
        "filing": filing,
        "withdrawn": document.filings.select_related("resident", "withdrawn_by").filter(withdrawn_at__isnull=False),
        "proposal": proposal,
        "is_proposed": bool(proposal and resident and proposal.resident_id == resident.pk),
        "resident": resident,
        "candidates": [] if filing else candidates_of(document, user, proposal),
        "known_before": known_before(proposal),
        "may_file": may_file(user, document.site),
        "holds_message": access_messages(user).filter(pk=document.message_id).exists(),
        "reconciliations": document.reconciliations.all() if filing else [],
        "search_form": SearchForm(),
        **answers_of(document),
        "unfile_form": UnfileForm(),
        **reading_of(document, user, range(1, page_count(document.pdf_blob) + 1)),
        **versions_of(document, user),
        **decree_of(document),
        **beside_of(document, user, proposal),
        **_identities(document, resident),
        **_reading(cda_of(document)),
        "signatures": document.content.get("signatures", []),
    }


def candidates_of(document: Document, user: User, proposal: Proposal | None) -> list[Resident]:
    """The residents the rule table ranked, in its order, as far as the person may see them."""
    keys = [str(candidate["key"]) for candidate in proposal.candidates] if proposal else []
    seen = access_residents(user).filter(site=document.site, uuid__in=keys)
    return sorted(seen, key=lambda resident: keys.index(str(resident.uuid)))


def known_before(proposal: Proposal | None) -> set[UUID]:
    """The candidates whom the document describes by an identity the home held of them before."""
    return (
        {UUID(candidate["key"]) for candidate in proposal.candidates if candidate.get("former")} if proposal else set()
    )


def choosable(document: Document, user: User) -> QuerySet[Resident]:
    """The residents a document may be filed with: those of its own site."""
    return access_residents(user).filter(site=document.site)


def page_count(blob: str) -> int:
    """The pages of a PDF, by the name of its blob; 0 when there is none or it cannot be read now."""
    try:
        return _counted(blob) if blob else 0
    except (FileNotFoundError, store.BlobDamaged, PagesError):
        return 0


@lru_cache(maxsize=512)
def _counted(blob: str) -> int:
    """Counted once for each PDF; a failure is not remembered, the next opening tries again."""
    read = read_pdf_apart(store.get(blob))
    if isinstance(read, Unreadable):
        raise PagesError(read.notice.code)
    return len(read.pages)


def _resident(document: Document, user: User, wanted: str, proposal: Proposal | None) -> Resident | None:
    if wanted:
        return choosable(document, user).filter(uuid=wanted).first()
    return proposal.resident if proposal else None


def _identities(document: Document, resident: Resident | None) -> dict[str, Any]:
    claim = patient_of(document)
    if claim is None:
        return {"claim": None}
    return {
        "claim": claim,
        "claimed": claimed_only(claim),
        "traits": side_by_side(claim, resident) if resident else [],
    }


def _reading(cda: CdaDocument | None) -> dict[str, Any]:
    if cda is None:
        return {"cda": None, "sections": ()}
    return {
        "cda": cda,
        "sections": cda.sections,
        "authors": [_name(author) for author in cda.authors],
        "signed_by": _name(cda.signed_by) if cda.signed_by else "",
    }


def _name(professional: Professional) -> str:
    name = " ".join(part for part in (professional.given, professional.family) if part)
    return " · ".join(part for part in (name, professional.speciality, professional.organisation.name) if part)


def standing(document: Document) -> Filing | None:
    return document.filings.filter(withdrawn_at__isnull=True).first()
