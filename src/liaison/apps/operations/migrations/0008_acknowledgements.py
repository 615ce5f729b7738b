"""The walls of the tables of acknowledged changes and of reports of decisions."""

from django.db import migrations

from liaison.apps.organisations.row_security import protect_through


class Migration(migrations.Migration):
    dependencies = [("operations", "0007_sending_on"), ("treatments", "0003_answers"), ("exchanges", "0007_answers")]

    operations = [
        protect_through("treatments_acknowledgement", "decision_id", "treatments_decision"),
        protect_through("treatments_decisionreport", "reconciliation_id", "treatments_reconciliation"),
    ]
