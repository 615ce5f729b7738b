"""The wall of the table of merges."""

from django.db import migrations

from liaison.apps.organisations.row_security import protect_through


class Migration(migrations.Migration):
    dependencies = [("operations", "0002_identity_history"), ("residents", "0003_merges")]

    operations = [protect_through("residents_residentmerge", "survivor_id", "residents_resident")]
