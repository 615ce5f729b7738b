"""A sender can be asked for what a letter lacks."""

from django.db import migrations, models

KINDS = [
    ("processed", "intégré"),
    ("error", "non intégré"),
    ("displayed", "lu"),
    ("request", "complément demandé"),
]


class Migration(migrations.Migration):
    dependencies = [("exchanges", "0003_initial")]

    operations = [
        migrations.AlterField(
            model_name="answer", name="kind", field=models.CharField(choices=KINDS, max_length=10)
        ),
    ]
