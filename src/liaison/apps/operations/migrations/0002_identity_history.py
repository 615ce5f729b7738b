"""The wall of the table of identity changes."""

from django.db import migrations

from liaison.apps.organisations.row_security import protect_through


class Migration(migrations.Migration):
    dependencies = [("operations", "0001_walls"), ("residents", "0002_identity_history")]

    operations = [protect_through("residents_identitychange", "resident_id", "residents_resident")]
