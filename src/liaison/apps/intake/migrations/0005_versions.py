"""A document knows its place among the versions held."""

import django.db.models.deletion
from django.db import migrations, models

STATES = [
    ("to_match", "à rattacher"),
    ("proposed", "à confirmer"),
    ("filed", "intégré"),
    ("duplicate", "doublon"),
    ("set_aside", "écarté"),
    ("replaced", "remplacé"),
    ("obsolete", "obsolète"),
    ("cancelled", "annulé"),
]


class Migration(migrations.Migration):
    dependencies = [("intake", "0004_whole_paths")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="version_kind",
            field=models.CharField(blank=True, default="", max_length=20, verbose_name="place parmi les versions"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="document",
            name="other_version",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="intake.document",
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="replaced_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaces",
                to="intake.document",
            ),
        ),
        migrations.AlterField(
            model_name="document",
            name="state",
            field=models.CharField(choices=STATES, default="to_match", max_length=12, verbose_name="état"),
        ),
    ]
