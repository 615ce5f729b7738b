"""The two walls of the database: rows seen by site only, and a journal that refuses to be rewritten."""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

from liaison.apps.organisations.row_security import protect, protect_through

JOURNAL_WALL = """
    CREATE FUNCTION audit_entry_refuses_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'The journal is never rewritten: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
    END $$;
    CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON audit_entry
        FOR EACH ROW EXECUTE FUNCTION audit_entry_refuses_change();
    CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON audit_entry
        FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuses_change();
"""
NO_JOURNAL_WALL = """
    DROP TRIGGER refuse_truncate ON audit_entry;
    DROP TRIGGER refuse_change ON audit_entry;
    DROP FUNCTION audit_entry_refuses_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("exchanges", "0003_initial"),
        ("filing", "0003_initial"),
        ("intake", "0002_initial"),
        ("mailboxes", "0002_initial"),
        ("residents", "0001_initial"),
        ("treatments", "0001_initial"),
    ]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        protect("mailboxes_mailbox"),
        protect("intake_rawmessage"),
        protect("intake_document"),
        protect("residents_resident"),
        protect("exchanges_transmission"),
        protect("exchanges_receipt"),
        protect("exchanges_reply"),
        protect("audit_entry"),
        protect_through("intake_leaf", "message_id", "intake_rawmessage"),
        protect_through("filing_proposal", "document_id", "intake_document"),
        protect_through("filing_filing", "document_id", "intake_document"),
        protect_through("residents_careteammember", "resident_id", "residents_resident"),
        protect_through("residents_stay", "resident_id", "residents_resident"),
        protect_through("residents_recordedallergy", "resident_id", "residents_resident"),
        protect_through("residents_followuptask", "resident_id", "residents_resident"),
        protect_through("treatments_treatmentline", "resident_id", "residents_resident"),
        protect_through("treatments_reconciliation", "resident_id", "residents_resident"),
        protect_through("treatments_reconciliationline", "reconciliation_id", "treatments_reconciliation"),
        protect_through("treatments_decision", "line_id", "treatments_reconciliationline"),
        protect_through("exchanges_recipient", "transmission_id", "exchanges_transmission"),
        protect_through("exchanges_answer", "original_id", "intake_rawmessage"),
        migrations.RunSQL(JOURNAL_WALL, NO_JOURNAL_WALL),
    ]
