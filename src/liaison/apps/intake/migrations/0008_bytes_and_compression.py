"""The reading of a letter is two hundred kilobytes: lz4, where the server has it, packs them ten times as fast."""

from django.db import migrations, models

LZ4 = """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
            ALTER TABLE intake_document ALTER COLUMN content SET COMPRESSION lz4;
            ALTER TABLE intake_document ALTER COLUMN text SET COMPRESSION lz4;
        END IF;
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0007_test_messages")]

    operations = [
        migrations.AddIndex("document", models.Index(fields=["sha256"], name="document_bytes")),
        migrations.RunSQL(LZ4, migrations.RunSQL.noop),
    ]
