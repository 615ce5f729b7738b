"""The walls of the tables of absences and of the messages of the homes' software."""

from django.db import migrations

from liaison.apps.organisations.row_security import protect, protect_through


class Migration(migrations.Migration):
    dependencies = [("operations", "0003_merges"), ("residents", "0004_hospital_stays")]

    operations = [
        protect("residents_administrativemessage"),
        protect_through("residents_absence", "resident_id", "residents_resident"),
    ]
