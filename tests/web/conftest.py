"""A home with a letter on its way, seen by the people who work there and by one who works elsewhere."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from liaison.apps.directory.models import Professional
from liaison.apps.exchanges.actions import do_send
from liaison.apps.exchanges.models import Recipient, Reply, Transmission
from liaison.apps.filing.actions import do_file, do_propose
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.intake.pipeline import do_read
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.models import Role, Site, User
from liaison.apps.residents.models import Resident
from tests.support import factories
from tests.web import letters


class Visitor(Client):
    """A browser. The web door closes its scope after each request; the test itself keeps seeing every site."""

    def request(self, **request: Any) -> HttpResponse:
        try:
            return super().request(**request)
        finally:
            if connection.is_usable():
                see_every_site()


def see_every_site() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('liaison.sites', '*', false)")


def visitor(user: User) -> Visitor:
    browser = Visitor()
    browser.force_login(user)
    return browser


@dataclass
class House:
    """One home: its people, its mailbox, one resident and his GP."""

    site: Site
    secretary: User
    doctor: User
    nurse: User
    mailbox: Mailbox
    gp: Professional
    resident: Resident

    def receive(self, raw: bytes) -> RawMessage:
        """A message taken and read, its documents proposed, as the worker does."""
        message = factories.receive(self.mailbox, raw)
        do_read(message)
        message.refresh_from_db()
        for document in message.documents.all():
            do_propose(document)
        return message

    def letter(self, **options: Any) -> Document:
        """A discharge letter about the resident, waiting in the inbox."""
        patient = letters.patient_of_resident(self.resident)
        raw = letters.hospital_message(patient, recipient=self.mailbox.address, **options)
        return self.receive(raw).documents.get()

    def filed_letter(self, **options: Any) -> Document:
        document = self.letter(**options)
        do_file(document, resident=self.resident, user=self.secretary)
        document.refresh_from_db()
        return document

    def sent_letter(self) -> Transmission:
        document = self.filed_letter(with_pdf=False)
        return do_send(document, user=self.secretary, mailbox=self.mailbox, professionals=[self.gp])

    def answered_letter(self, words: str = "D'accord pour tout.") -> Reply:
        recipient = Recipient.objects.get(transmission=self.sent_letter())
        self.receive(letters.answer_to(recipient, words))
        return Reply.objects.get(recipient=recipient)


def make_house() -> House:
    site = factories.make_site()
    secretary = factories.make_user(site)
    doctor = factories.make_user(site, Role.COORDINATING_DOCTOR)
    nurse = factories.make_user(site, Role.NURSE)
    gp = factories.make_professional()
    resident = factories.make_resident(site, gp=gp)
    factories.take(resident, "AMLODIPINE 10 mg, comprimé", substance="amlodipine")
    factories.take(resident, "IBUPROFENE 200 mg, comprimé", substance="ibuprofène")
    mailbox = factories.make_mailbox(site, secretary, doctor)
    return House(site, secretary, doctor, nurse, mailbox, gp, resident)


@pytest.fixture
def house(db: None) -> House:
    del db
    return make_house()


@pytest.fixture
def secretary(house: House) -> Visitor:
    return visitor(house.secretary)


@pytest.fixture
def doctor(house: House) -> Visitor:
    return visitor(house.doctor)


@pytest.fixture
def nurse(house: House) -> Visitor:
    return visitor(house.nurse)
