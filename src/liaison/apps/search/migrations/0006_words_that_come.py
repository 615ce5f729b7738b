"""A new document's words are left to whoever inserts it, when he says that they come (ADR 29).

What stands before its text is said once, for him and for the trigger.
"""

from importlib import import_module

from django.db import migrations

days = import_module("liaison.apps.search.migrations.0005_days")

_TITLE = "concat_ws(' ', d.title, d.type_label, d.custodian, search_day(d.effective_time, d.read_date))"
TITLE = f"""
    CREATE FUNCTION search_title(d intake_document) RETURNS text
    LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$ SELECT {_TITLE} $$;
"""
KEEP = days.KEEP.format(days.KEEP_DOCUMENTS.format(rows="(SELECT (NEW).*) d"))
TRIGGER = """
    DROP TRIGGER keep_words ON intake_document;
    CREATE TRIGGER keep_words AFTER INSERT ON intake_document FOR EACH ROW
        WHEN (current_setting('liaison.words_come', true) IS DISTINCT FROM 'on')
        EXECUTE FUNCTION search_keep_document();
"""
FORMER_TRIGGER = """
    DROP TRIGGER keep_words ON intake_document;
    CREATE TRIGGER keep_words AFTER INSERT ON intake_document
        FOR EACH ROW EXECUTE FUNCTION search_keep_document();
"""


class Migration(migrations.Migration):
    dependencies = [("search", "0005_days")]

    operations = [
        migrations.RunSQL(TITLE, "DROP FUNCTION search_title(intake_document);"),
        migrations.RunSQL(KEEP.replace(_TITLE, "search_title(NEW)"), KEEP),
        migrations.RunSQL(TRIGGER, FORMER_TRIGGER),
    ]
