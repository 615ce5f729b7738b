"""The wall of the table of notes."""

from django.db import migrations

from liaison.apps.organisations.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("operations", "0004_administrative_messages"), ("exchanges", "0005_notes")]

    operations = [protect("exchanges_note")]
