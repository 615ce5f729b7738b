"""The wall behind the gate: PostgreSQL itself shows a connection the rows of its scope only, table by table."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone
from tests.support import factories
from tests.support.desk import Desk, make_desk, read
from tests.support.letters import drug
from tests.support.replies import dsn_about, reply_to

from liaison.apps.audit.actions import record
from liaison.apps.audit.models import Entry
from liaison.apps.exchanges.links import keep_link
from liaison.apps.exchanges.models import Call, Receipt, Recipient
from liaison.apps.exchanges.notes import do_ask_for_letter
from liaison.apps.exchanges.other_ways import do_record_call
from liaison.apps.exchanges.reminders import Rules, do_set_rules
from liaison.apps.filing.actions import do_unfile
from liaison.apps.filing.hand_over import do_hand_over
from liaison.apps.filing.read_facts import keep_facts
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.operations.incidents import do_raise_incident
from liaison.apps.operations.models import Incident
from liaison.apps.operations.self_check import do_begin_self_check
from liaison.apps.organisations import row_security
from liaison.apps.organisations.models import Membership, Site
from liaison.apps.residents.administration import do_take_message
from liaison.apps.residents.care_team import do_add_to_care_team
from liaison.apps.residents.identity import do_change_identity
from liaison.apps.residents.merging import do_merge_residents
from liaison.apps.residents.models import AdministrativeMessage, CareTeamMember, Opposition, Resident, Source, Stay
from liaison.apps.residents.oppositions import do_record_opposition
from liaison.apps.residents.stays import do_leave_for_hospital
from liaison.apps.treatments.actions import Choice, do_decide_lines
from liaison.apps.treatments.by_hand import do_write_line
from liaison.apps.treatments.changes import changing, do_acknowledge_change
from liaison.apps.treatments.models import Decision, Reconciliation, Rereading, TextReading, TreatmentLine
from liaison.apps.treatments.report import do_make_report
from liaison.apps.treatments.written import Written
from liaison.core.hl7v2.message import read_hl7
from liaison.core.letter_facts.values import ReadFact

pytestmark = pytest.mark.django_db

OPEN_TO_ALL = {
    "organisations_membership": "who works where: read at sign-in, before any scope is open; no health data",
    "exchanges_answerlink": "found by the hash of its token before any scope is open: numbers, hashes and times only",
    "mailboxes_mailbox_holders": "which person holds which mailbox: two numbers, and the mailbox itself is protected",
}
HELD_BY_NO_SITE = {Site}
WITH_ROWS_OF_THE_WHOLE_HOUSE = {"audit_entry"}


def path_to_a_site(model: type[models.Model], seen: frozenset[type[models.Model]] = frozenset()) -> bool:
    """Whether a row of the model belongs, by a chain of foreign keys, to one site."""
    targets = [field.related_model for field in model._meta.fields if field.many_to_one or field.one_to_one]
    return any(
        target is Site or (target not in seen and path_to_a_site(target, seen | {model}))
        for target in targets
        if isinstance(target, type)
    )


def our_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("liaison.") and model not in HELD_BY_NO_SITE
    ]


def tables_of_a_site() -> set[str]:
    return {model._meta.db_table for model in our_models() if path_to_a_site(model)} - set(OPEN_TO_ALL)


def rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


@contextmanager
def seeing(*sites: Site) -> Iterator[None]:
    with row_security.scope([site.pk for site in sites]):
        yield


@pytest.fixture
def full(desk: Desk) -> Desk:
    """A home with at least one row in every table of a site."""
    factories.take(desk.resident, "RAMIPRIL 5 mg")
    recipient = desk.sent(at_discharge=(drug("RAMIPRIL 10 mg"), drug("APIXABAN 5 mg")))
    read(desk.mailbox, dsn_about(recipient, "delivered"))
    read(desk.mailbox, reply_to(recipient, "D'accord pour tout.", in_reply_to=recipient.message_id))
    taken = desk.resident.reconciliations.get()
    decide_and_apply(desk, taken)
    change_the_resident(desk)
    return desk


def decide_and_apply(desk: Desk, taken: Reconciliation) -> None:
    do_decide_lines(taken, user=desk.doctor, choices=[Choice(line.number, "accept") for line in taken.lines.all()])
    decided = Decision.objects.filter(line__reconciliation=taken)
    do_acknowledge_change(changing(decided)[0], user=desk.nurse)
    taken.refresh_from_db()
    do_make_report(taken)


def change_the_resident(desk: Desk) -> None:
    for document in Document.objects.filter(site=desk.site):
        TextReading.objects.get_or_create(
            document=document, defaults={"reader_version": "1", "read_at": timezone.now()}
        )
        Rereading.objects.create(document=document, reader_version="2", read_at=timezone.now(), state="proposed")
        keep_facts(document, [ReadFact("problem", "Diabète", excerpt="Diabète")])
    do_change_identity(desk.resident, source=Source.CSV, traits={"used_family": "ROUX"}, reason="essai")
    twin = factories.make_resident(desk.site, ins="", ins_status="PROV", birth_given="SUZANE")
    do_merge_residents(survivor=desk.resident, absorbed=twin, source=Source.HL7, reason="essai")
    away = do_leave_for_hospital(desk.resident, source=Source.HL7, at=timezone.now())
    do_ask_for_letter(away, user=desk.secretary, address="urgences@hopital.mssante.fr")
    look_after_the_exchange(desk)
    do_raise_incident(Incident.Kind.QUEUE_STUCK, site=desk.site)
    do_begin_self_check(desk.mailbox)
    taken = do_take_message(desk.site, b"MSH", read_hl7(b"MSH"))
    AdministrativeMessage.objects.filter(pk=taken.message.pk).update(resident=desk.resident)
    hand_a_message_over(desk)


def look_after_the_exchange(desk: Desk) -> None:
    gp = desk.resident.care_team.select_related("professional").filter(role=CareTeamMember.Role.GP)[0].professional
    do_write_line(desk.resident, user=desk.secretary, written=Written("LASILIX", dose="1"), prescriber=gp.rpps)
    recipient = Recipient.objects.filter(transmission__site=desk.site)[0]
    do_record_call(recipient, user=desk.secretary, outcome=Call.Outcome.NOBODY)
    keep_link(recipient, str(recipient.uuid))
    do_set_rules(desk.site, user=desk.doctor, rules=Rules())
    do_add_to_care_team(
        desk.resident, professional=factories.make_professional(), role=CareTeamMember.Role.OTHER, user=desk.secretary
    )
    do_record_opposition(desk.resident, scope=Opposition.Scope.PATIENT, stated_by="elle-même", user=desk.secretary)


def hand_a_message_over(desk: Desk) -> None:
    raw = b"From: secretariat@hopital.mssante.fr\r\nSubject: Question\r\n\r\nPour l'autre maison.\r\n"
    do_hand_over(read(desk.mailbox, raw), to=factories.make_site(), user=desk.secretary, reason="essai")


def test_every_table_with_a_path_to_a_site_has_its_policy_and_no_other_has() -> None:
    protected = {table for (table,) in rows("SELECT tablename FROM pg_policies WHERE schemaname = 'public'")}
    assert protected == tables_of_a_site()


def test_what_is_open_to_all_is_a_table_of_ours() -> None:
    assert set(OPEN_TO_ALL) <= {model._meta.db_table for model in our_models() if path_to_a_site(model)}


def test_the_policies_bind_the_owner_too_and_cover_reading_and_writing() -> None:
    forced = rows("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    assert {name for (name,) in forced} >= tables_of_a_site()
    policies = rows("SELECT cmd, permissive, qual = with_check FROM pg_policies WHERE schemaname = 'public'")
    assert set(policies) == {("ALL", "PERMISSIVE", True)}


def test_the_product_is_no_account_that_policies_do_not_bind() -> None:
    assert rows("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user") == [(False, False)]


def test_each_table_shows_a_scope_the_rows_of_its_sites_and_nothing_without_scope(full: Desk) -> None:
    elsewhere = make_desk()
    other = do_everything_again(elsewhere)
    empty: set[str] = set()
    for table in sorted(tables_of_a_site()):
        count = f"SELECT count(*) FROM {table}"  # noqa: S608 (the names of our own tables)
        everything = rows(count)[0][0]
        with seeing(full.site):
            here = rows(count)[0][0]
        with seeing(other.site):
            there = rows(count)[0][0]
        with seeing(full.site, other.site):
            both = rows(count)[0][0]
        with seeing():
            nothing = rows(count)[0][0]
        empty |= {table} if not here or not there else set()
        assert both == here + there, table
        assert nothing == 0, table
        assert everything > both if table in WITH_ROWS_OF_THE_WHOLE_HOUSE else everything == both, table
    assert empty == set(), "a table without a row in both homes proves nothing"


def do_everything_again(desk: Desk) -> Desk:
    factories.take(desk.resident, "RAMIPRIL 5 mg")
    recipient = desk.sent(at_discharge=(drug("RAMIPRIL 10 mg"),))
    read(desk.mailbox, dsn_about(recipient, "delivered"))
    read(desk.mailbox, reply_to(recipient, "Merci.", in_reply_to=recipient.message_id))
    decide_and_apply(desk, desk.resident.reconciliations.get())
    change_the_resident(desk)
    return desk


def test_a_row_of_another_site_is_not_found_even_by_its_number(full: Desk) -> None:
    elsewhere = make_desk()
    with seeing(elsewhere.site):
        assert not Resident.objects.filter(pk=full.resident.pk).exists()
        assert not RawMessage.objects.filter(site=full.site).exists()
        assert not TreatmentLine.objects.filter(resident_id=full.resident.pk).exists()
        assert not Decision.objects.exists()
        assert not Receipt.objects.exists()


def refused(model: models.Model) -> None:
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        model.save(force_insert=True)


def test_nothing_is_written_into_another_site(full: Desk) -> None:
    elsewhere = make_desk()
    document = Document.objects.get(site=full.site)
    with seeing(elsewhere.site):
        refused(Resident(site=full.site, birth_family="X", birth_given="Y", birth_date="1940-01-01", sex="F"))
        refused(Stay(resident=full.resident, document=document))
        refused(TreatmentLine(resident=full.resident, label="X", started_at="2026-01-01"))
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            record("tested", full.resident, site=full.site)


def test_nothing_of_another_site_is_changed_or_taken_away(full: Desk) -> None:
    elsewhere = make_desk()
    with seeing(elsewhere.site):
        assert Resident.objects.filter(pk=full.resident.pk).update(room="0") == 0
        assert rows("WITH gone AS (DELETE FROM residents_stay RETURNING id) SELECT count(*) FROM gone") == [(0,)]
        assert Resident.objects.filter(pk=elsewhere.resident.pk).update(room="0") == 1
    full.resident.refresh_from_db()
    assert full.resident.room == "112"


def test_a_row_of_mine_cannot_be_given_to_another_site(full: Desk) -> None:
    elsewhere = make_desk()
    with seeing(full.site), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        Resident.objects.filter(pk=full.resident.pk).update(site=elsewhere.site)


def test_the_people_of_a_site_do_their_whole_work_within_its_scope(full: Desk) -> None:
    with seeing(full.site):
        document = full.letter()
        filing = full.file(document)
        do_unfile(filing, user=full.secretary, reason="essai")
        assert Entry.objects.filter(site=full.site).exists()
        assert Membership.objects.filter(site=full.site).exists()


def test_a_scope_ends_with_its_block_even_when_it_breaks(full: Desk) -> None:
    with pytest.raises(ZeroDivisionError), seeing():
        assert not Resident.objects.exists()
        raise ZeroDivisionError
    assert Resident.objects.filter(pk=full.resident.pk).exists()
    row_security.open_scope([])
    assert not Resident.objects.exists()


@pytest.mark.parametrize("scope", ["", "0", "-1"])
def test_a_scope_of_no_site_shows_nothing(full: Desk, scope: str) -> None:
    rows("SELECT set_config('liaison.sites', %s, true)", scope)
    assert rows("SELECT count(*) FROM residents_resident") == [(0,)]
    assert full.resident.pk


@pytest.mark.parametrize("scope", ["1 OR true", "*,1", "{1}"])
def test_a_scope_that_is_no_list_of_numbers_is_an_error_not_an_opening(full: Desk, scope: str) -> None:
    rows("SELECT set_config('liaison.sites', %s, true)", scope)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows("SELECT count(*) FROM residents_resident")
    assert full.resident.pk
