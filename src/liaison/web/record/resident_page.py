"""Everything the screen of one resident shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from liaison.apps.exchanges.models import Recipient, Transmission
from liaison.apps.filing.models import Filing
from liaison.apps.organisations.access import (
    access_allergies,
    access_documents,
    access_reconciliations,
    access_tasks,
    access_transmissions,
    may_file,
    may_prescribe,
)
from liaison.apps.organisations.models import User
from liaison.apps.residents.models import IdentityChange, Resident
from liaison.apps.residents.names import namesakes_of
from liaison.apps.treatments.models import DecisionReport, Reconciliation
from liaison.web.record.facts import facts_of
from liaison.web.record.forms import UndoMergeForm
from liaison.web.record.presence import presence_of
from liaison.web.record.read_facts import waiting_in
from liaison.web.treatments.page import treatment_of
from liaison.web.words import count, trait_value

STEPS = (
    ("sent_at", "Envoyé à"),
    ("delivered_at", "Remis à"),
    ("read_at", "Lu par"),
    ("failed_at", "Échec de l'envoi à"),
    ("in_doubt_at", "Envoi à vérifier, à"),
)


@dataclass(frozen=True, slots=True)
class Event:
    """One moment of the exchanges about a resident; ``text`` is the words of an answer."""

    at: datetime
    sentence: str
    transmission: Transmission
    text: str = ""


@dataclass(frozen=True, slots=True)
class IdentityLine:
    """One change of the identity; ``traits`` are the label, the value before and the value after of each."""

    change: IdentityChange
    traits: tuple[tuple[str, str, str], ...]


def context_of(resident: Resident, user: User) -> dict[str, Any]:
    return {
        "section": "residents",
        "resident": resident,
        "care_team": resident.care_team.select_related("professional").prefetch_related("professional__addresses"),
        "stays": resident.stays.filter(withdrawn_at__isnull=True).select_related("document"),
        "filings": _filings(resident, user),
        "reports": DecisionReport.objects.filter(
            reconciliation__in=access_reconciliations(user).filter(resident=resident)
        ).select_related("reconciliation"),
        **treatment_of(resident, user),
        "reconciliations": with_lines(access_reconciliations(user).filter(resident=resident)),
        "may_prescribe": may_prescribe(user, resident.site),
        "allergies": access_allergies(user).filter(resident=resident).select_related("confirmed_by", "document"),
        "tasks": access_tasks(user).filter(resident=resident).select_related("done_by", "document"),
        "identity_changes": identity_lines(resident),
        **presence_of(resident),
        "merges": resident.merges.filter(undone_at__isnull=True).select_related("absorbed", "merged_by"),
        "undo_form": UndoMergeForm(),
        "may_file": may_file(user, resident.site),
        **facts_of(resident, user),
        "facts_waiting": waiting_in(resident, user),
        "namesakes": namesakes_of(resident)[1:] if resident.homonym else [],
        "events": events_of(access_transmissions(user).filter(resident=resident)),
    }


def identity_lines(resident: Resident) -> list[IdentityLine]:
    """The past of the identity, newest first."""
    changes = IdentityChange.objects.filter(resident=resident).select_related("changed_by")
    return [IdentityLine(change, tuple(_traits_of(change))) for change in changes]


def _traits_of(change: IdentityChange) -> Iterator[tuple[str, str, str]]:
    for name, value in change.after.items():
        label = str(getattr(Resident._meta.get_field(name), "verbose_name", name))  # noqa: SLF001 (Django's own name for it)
        yield label, trait_value(name, change.before[name]), trait_value(name, value)


def with_lines(reconciliations: QuerySet[Reconciliation]) -> QuerySet[Reconciliation]:
    """What a before / letter / decided table reads."""
    return reconciliations.select_related("document__message", "resident__site").prefetch_related(
        "lines__current", "lines__decisions__decided_by"
    )


def events_of(transmissions: QuerySet[Transmission]) -> list[Event]:
    """The exchanges as one line of time, newest first."""
    events = []
    detailed = transmissions.select_related("document", "prepared_by").prefetch_related(
        "recipients__professional", "recipients__replies"
    )
    for transmission in detailed:
        recipients = list(transmission.recipients.all())
        what = transmission.document.type_label or transmission.document.title
        whom = count(len(recipients), "destinataire")
        sentence = f"{what} : envoi préparé par {transmission.prepared_by} pour {whom}"
        events.append(Event(transmission.prepared_at, sentence, transmission))
        for recipient in recipients:
            events += _events_of_recipient(transmission, recipient)
    return sorted(events, key=lambda event: event.at, reverse=True)


def _events_of_recipient(transmission: Transmission, recipient: Recipient) -> list[Event]:
    name = str(recipient.professional or recipient.address)
    steps = [
        Event(moment, f"{words} {name}", transmission)
        for field, words in STEPS
        if (moment := getattr(recipient, field)) is not None
    ]
    answers = [
        Event(reply.received_at, f"Réponse de {name}", transmission, reply.text) for reply in recipient.replies.all()
    ]
    return steps + answers


def _filings(resident: Resident, user: User) -> "QuerySet[Filing]":
    standing = Filing.objects.filter(resident=resident, withdrawn_at__isnull=True)
    return standing.filter(document__in=access_documents(user)).select_related("document", "filed_by")
