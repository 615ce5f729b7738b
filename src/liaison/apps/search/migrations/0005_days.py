"""The day of a document is looked for as it is written: « 12/03/2026 », « 12 mars 2026 », whatever its own words.

Both forms stand among its words, of the day its header states, or else of the day that was read.
"""

from importlib import import_module

from django.db import migrations

words = import_module("liaison.apps.search.migrations.0002_words")

DAY = r"""
    CREATE FUNCTION search_day(stated text, read text) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
        SELECT CASE WHEN day ~ '^\d{4}-(0[1-9]|1[0-2])-\d{2}' THEN concat_ws(' ',
            substr(day, 9, 2), substr(day, 6, 2), ltrim(substr(day, 9, 2), '0'),
            (ARRAY['janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre',
                'novembre', 'décembre'])[substr(day, 6, 2)::integer], left(day, 4)) ELSE '' END
        FROM (SELECT coalesce(nullif(stated, ''), read)) said (day)
    $$;
"""
KEEP_DOCUMENTS = words.KEEP_DOCUMENTS.replace(
    "d.custodian)", "d.custodian, search_day(d.effective_time, d.read_date))"
)
KEEP = """
    CREATE OR REPLACE FUNCTION search_keep_document() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN {} RETURN NULL; END $$;
"""
TRIGGER = """
    DROP TRIGGER keep_words_changed ON intake_document;
    CREATE TRIGGER keep_words_changed AFTER UPDATE OF title, type_label, custodian, text, site_id{0} ON intake_document
        FOR EACH ROW WHEN ((OLD.title, OLD.type_label, OLD.custodian, OLD.text, OLD.site_id{1})
            IS DISTINCT FROM (NEW.title, NEW.type_label, NEW.custodian, NEW.text, NEW.site_id{2}))
        EXECUTE FUNCTION search_keep_document();
"""
WITH_DAYS = tuple(f", {row}effective_time, {row}read_date" for row in ("", "OLD.", "NEW."))
FORWARD = (
    DAY
    + KEEP.format(KEEP_DOCUMENTS.format(rows="(SELECT (NEW).*) d"))
    + TRIGGER.format(*WITH_DAYS)
    + KEEP_DOCUMENTS.format(rows="intake_document d")
)
BACK = (
    TRIGGER.format("", "", "")
    + KEEP.format(words.KEEP_DOCUMENTS.format(rows="(SELECT (NEW).*) d"))
    + "DROP FUNCTION search_day(text, text);"
)


class Migration(migrations.Migration):
    dependencies = [("search", "0004_signs_out_at_once"), ("intake", "0012_read_dates")]

    operations = [migrations.RunSQL(FORWARD, BACK)]
