"""A home at work, for the tests of the apps: its people, its mailboxes, a resident, and the letters that come in."""

from dataclasses import dataclass
from typing import Any

from tests.support import factories
from tests.support.letters import SENDER, discharge_letter, patient_of, sending

from liaison.apps.directory.models import Professional
from liaison.apps.exchanges.actions import do_send
from liaison.apps.exchanges.models import Recipient
from liaison.apps.filing.actions import do_file, do_propose
from liaison.apps.filing.models import Filing
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.intake.pipeline import do_read
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.models import Role, Site, User
from liaison.apps.residents.models import Resident
from liaison.apps.treatments.models import Reconciliation


def read(mailbox: Mailbox, raw: bytes) -> RawMessage:
    """A message received and read, its documents proposed, as the jobs do."""
    message = factories.receive(mailbox, raw)
    do_read(message)
    message.refresh_from_db()
    for document in message.documents.all():
        do_propose(document)
    return message


def returned_to(sender: str, raw: bytes) -> bytes:
    """The message as the last server leaves it: with the envelope's sender on top (RFC 5321 §4.4)."""
    return f"Return-Path: <{sender}>\r\n".encode() + raw


@dataclass
class Desk:
    """One home. The organisational mailbox is held by the secretary and the doctor, the personal one by the doctor."""

    site: Site
    secretary: User
    doctor: User
    nurse: User
    mailbox: Mailbox
    personal: Mailbox
    gp: Professional
    cardiologist: Professional
    resident: Resident

    def letter(self, **drugs: Any) -> Document:
        """A discharge letter about the resident, from the hospital, waiting for a person."""
        patient = patient_of(self.resident)
        raw = returned_to(SENDER.email, sending(patient, discharge_letter(patient, **drugs)))
        return read(self.mailbox, raw).documents.get()

    def file(self, document: Document) -> Filing:
        filing = do_file(document, resident=self.resident, user=self.secretary)
        document.refresh_from_db()
        return filing

    def filed(self, **drugs: Any) -> Document:
        document = self.letter(**drugs)
        self.file(document)
        return document

    def reconciliation(self, **drugs: Any) -> Reconciliation:
        return Reconciliation.objects.get(document=self.filed(**drugs))

    def sent(self, **drugs: Any) -> Recipient:
        """A filed letter prepared for the GP, from the organisational mailbox."""
        sending_on = do_send(self.filed(**drugs), user=self.secretary, mailbox=self.mailbox, professionals=[self.gp])
        return sending_on.recipients.get()


def make_desk() -> Desk:
    site = factories.make_site()
    secretary = factories.make_user(site)
    doctor = factories.make_user(site, Role.COORDINATING_DOCTOR)
    gp = factories.make_professional()
    return Desk(
        site=site,
        secretary=secretary,
        doctor=doctor,
        nurse=factories.make_user(site, Role.NURSE),
        mailbox=factories.make_mailbox(site, secretary, doctor),
        personal=factories.make_mailbox(site, doctor, kind=Mailbox.Kind.PERSONAL),
        gp=gp,
        cardiologist=factories.make_professional("Cardiologie"),
        resident=factories.make_resident(site, gp=gp),
    )
