"""The walls of the tables of calls, rules of follow-up, changes of care teams and oppositions."""

from django.db import migrations

from liaison.apps.organisations.row_security import protect, protect_through


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0006_incidents"),
        ("exchanges", "0006_following_up"),
        ("residents", "0007_care_team_history"),
    ]

    operations = [
        protect("exchanges_followuprules"),
        protect_through("exchanges_call", "recipient_id", "exchanges_recipient"),
        protect_through("residents_careteamchange", "resident_id", "residents_resident"),
        protect_through("residents_opposition", "resident_id", "residents_resident"),
    ]
