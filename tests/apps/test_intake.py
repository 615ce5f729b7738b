"""Laws 1 and 2 from the raw bytes: everything kept, every leaf a row, nothing filed by itself but by rule 1."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.support.factories import make_mailbox, make_resident, make_site, make_user, receive
from tests.support.letters import discharge_letter, drug, patient_of, sending

from liaison.apps.audit.models import Entry
from liaison.apps.audit.verification import verify_chains
from liaison.apps.filing.actions import do_propose
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.intake.pipeline import do_read, read_or_note
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.actions import do_choose_automatic_filing
from liaison.apps.organisations.models import Site, User
from liaison.core.mail.values import Attachment

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return make_site()


@pytest.fixture
def secretary(site: Site) -> User:
    return make_user(site)


@pytest.fixture
def mailbox(site: Site, secretary: User) -> Mailbox:
    return make_mailbox(site, secretary)


def received(mailbox: Mailbox, raw: bytes) -> RawMessage:
    message = receive(mailbox, raw)
    do_read(message)
    message.refresh_from_db()
    for document in message.documents.all():
        do_propose(document)
    return message


def test_the_raw_message_is_in_the_ledger_before_anything_reads_it(mailbox: Mailbox) -> None:
    message = receive(mailbox, b"not even a mail")
    assert message.state == RawMessage.State.RECEIVED
    assert Entry.objects.filter(action="message_received").count() == 1
    assert ProcrastinateJob.objects.filter(task_name="read_message", args={"message": message.pk}).exists()
    mailbox.refresh_from_db()
    assert (mailbox.uid_validity, mailbox.last_uid) == (1, message.uid)


def test_the_same_uid_received_twice_is_one_row(mailbox: Mailbox) -> None:
    first = receive(mailbox, b"one")
    from liaison.apps.intake.actions import do_receive
    from liaison.apps.mailboxes.imap import FetchedMessage

    again = do_receive(mailbox, uid_validity=1, fetched=FetchedMessage(first.uid, b"one", first.received_at))
    assert again == first
    assert RawMessage.objects.count() == 1


def test_a_change_of_uidvalidity_renumbers_what_is_held_and_doubles_nothing(mailbox: Mailbox) -> None:
    from liaison.apps.intake.actions import do_receive
    from liaison.apps.mailboxes.imap import FetchedMessage

    first = receive(mailbox, b"one")
    do_receive(mailbox, uid_validity=2, fetched=FetchedMessage(7, b"one", first.received_at))
    do_receive(mailbox, uid_validity=2, fetched=FetchedMessage(8, b"two", first.received_at))
    first.refresh_from_db()
    assert (first.uid_validity, first.uid) == (2, 7)
    assert RawMessage.objects.count() == 2


def test_two_messages_with_the_same_bytes_are_both_kept(mailbox: Mailbox) -> None:
    assert receive(mailbox, b"twin") != receive(mailbox, b"twin")


def test_every_leaf_and_every_member_of_the_archive_has_its_row(mailbox: Mailbox, site: Site) -> None:
    patient = patient_of(make_resident(site))
    message = received(mailbox, sending(patient, discharge_letter(patient)))
    names = {leaf.name.rpartition("/")[2] for leaf in message.leaves.all()}
    assert {"IHE_XDM.zip", "METADATA.XML", "INDEX.HTM", "README.TXT"} <= names
    assert message.leaf_count == message.leaves.count()


def test_a_certain_identity_is_proposed_and_waits_for_a_person(mailbox: Mailbox, site: Site) -> None:
    resident = make_resident(site)
    message = received(mailbox, sending(patient_of(resident), discharge_letter(patient_of(resident))))
    document = message.documents.get()
    assert (document.proposal.rule, document.proposal.resident) == (1, resident)
    assert document.state == Document.State.PROPOSED
    assert not document.filings.exists()


def test_rule_1_files_by_itself_only_where_the_site_chose_it(mailbox: Mailbox, site: Site, secretary: User) -> None:
    do_choose_automatic_filing(site, user=secretary, automatic=True)
    resident = make_resident(site)
    message = received(mailbox, sending(patient_of(resident), discharge_letter(patient_of(resident))))
    filing = message.documents.get().filings.get()
    assert (filing.resident, filing.automatic, filing.filed_by) == (resident, True, None)


def test_one_trait_that_differs_is_never_filed_by_itself(mailbox: Mailbox, site: Site, secretary: User) -> None:
    from dataclasses import replace

    do_choose_automatic_filing(site, user=secretary, automatic=True)
    resident = make_resident(site)
    patient = replace(patient_of(resident), birth_date="1938-04-13")
    document = received(mailbox, sending(patient, discharge_letter(patient))).documents.get()
    assert (document.proposal.rule, document.proposal.error_code) == (2, "904")
    assert not document.filings.exists()


def test_a_sender_outside_the_trust_circle_never_files_by_itself(mailbox: Mailbox, site: Site, secretary: User) -> None:
    from liaison.core.mail.values import Address

    do_choose_automatic_filing(site, user=secretary, automatic=True)
    patient = patient_of(make_resident(site))
    raw = sending(patient, discharge_letter(patient), sender=Address("inconnu@ailleurs.example"))
    message = received(mailbox, raw)
    assert not message.sender_trusted
    assert not message.documents.get().filings.exists()


def test_metadata_about_somebody_else_is_never_filed_by_itself(mailbox: Mailbox, site: Site, secretary: User) -> None:
    do_choose_automatic_filing(site, user=secretary, automatic=True)
    first = make_resident(site)
    second = make_resident(site, birth_family="MOREAU", birth_given="LUCIE", given_names="LUCIE")
    raw = sending(patient_of(second), discharge_letter(patient_of(first)))
    document = received(mailbox, raw).documents.get()
    assert document.proposal.kind == "contradiction"
    assert not document.filings.exists()


def test_the_same_document_received_twice_is_linked_to_the_first(mailbox: Mailbox, site: Site) -> None:
    patient = patient_of(make_resident(site))
    letter = discharge_letter(patient)
    first = received(mailbox, sending(patient, letter)).documents.get()
    second = received(mailbox, sending(patient, letter)).documents.get()
    assert (second.state, second.duplicate_of) == (Document.State.DUPLICATE, first)


@pytest.mark.parametrize(
    "attachments",
    [
        (Attachment("IHE_XDM.zip", "application/zip", b"PK\x03\x04 then nothing that unzips"),),
        (Attachment("lettre.xml", "text/xml", b"<ClinicalDocument xmlns='urn:hl7-org:v3'><id"),),
        (),
    ],
    ids=["unreadable zip", "a CDA that is not XML", "no attachment"],
)
def test_bad_input_reaches_the_inbox_and_says_why(
    mailbox: Mailbox, site: Site, attachments: tuple[Attachment, ...]
) -> None:
    patient = patient_of(make_resident(site))
    message = received(mailbox, sending(patient, b"", attachments=attachments))
    assert message.state == RawMessage.State.READ
    assert message.handling == RawMessage.Handling.TO_DO
    assert not message.documents.filter(state=Document.State.FILED).exists()
    notices = [*message.notices, *(notice for leaf in message.leaves.all() for notice in leaf.notices)]
    notices += [notice for document in message.documents.all() for notice in document.notices]
    assert notices or not attachments


def test_an_empty_message_is_kept_and_read(mailbox: Mailbox) -> None:
    message = received(mailbox, b"")
    assert message.state == RawMessage.State.READ


def test_a_reader_that_breaks_is_a_state_with_a_next_try_and_stops_nobody(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = receive(mailbox, b"poison")

    def broken(*_args: object, **_kwargs: object) -> None:
        raise ValueError("a patient's name could be here")

    monkeypatch.setattr("liaison.apps.intake.pipeline.read_message", broken)
    read_or_note(message.pk)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (RawMessage.State.FAILED, 1)
    assert message.next_try is not None
    assert "patient" not in message.problem


def test_the_journal_of_all_this_holds_together(mailbox: Mailbox, site: Site) -> None:
    resident = make_resident(site)
    received(mailbox, sending(patient_of(resident), discharge_letter(patient_of(resident), at_discharge=(drug("X"),))))
    assert all(report.sound for report in verify_chains().values())
