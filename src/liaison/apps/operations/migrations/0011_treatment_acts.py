"""The wall of the acts that change a treatment without a conciliation."""

from django.db import migrations

from liaison.apps.organisations.row_security import protect_through


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0010_backups"),
        ("treatments", "0006_acts"),
    ]

    operations = [protect_through("treatments_treatmentact", "resident_id", "residents_resident")]
