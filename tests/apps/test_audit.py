"""Law 4: each act writes its entry in the same transaction, and the journal refuses to be rewritten."""

import pytest
from django.db import DatabaseError, connection, transaction

from liaison.apps.audit.actions import record
from liaison.apps.audit.models import Entry
from liaison.apps.organisations.models import Group, Site

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return Site.objects.create(group=Group.objects.create(name="Groupe"), name="Site", city="Reims", finess="510000001")


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
def test_the_database_refuses_to_change_the_journal(site: Site, statement: str) -> None:
    record("tested", site, site=site)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="never rewritten"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.count() == 1
