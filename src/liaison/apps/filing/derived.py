"""All that is written from a document into a record, and its withdrawal, as one."""

from liaison.apps.filing.facts import withdraw_facts, write_facts
from liaison.apps.filing.read_facts import propose_again
from liaison.apps.intake.models import Document
from liaison.apps.organisations.models import User
from liaison.apps.residents.letters import withdraw_letter, write_letter
from liaison.apps.residents.models import Resident
from liaison.apps.treatments.actions import open_reconciliation, withdraw_reconciliations


def write_derived(document: Document, resident: Resident, *, user: User | None) -> None:
    """Inside the transaction of the filing."""
    write_letter(document, resident)
    write_facts(document, resident)
    open_reconciliation(document, resident, user=user)


def withdraw_derived(document: Document) -> None:
    """Everything stays, struck; decisions made stay in force. Inside the transaction of the unfiling."""
    withdraw_reconciliations(document)
    withdraw_letter(document)
    withdraw_facts(document)
    propose_again(document)
