"""What a letter says of the resident, each with its source; seen only where the document is."""

import django.db.models.deletion
from django.db import migrations, models

from liaison.apps.organisations.row_security import protect_through

KINDS = [
    ("problem", "Problème"),
    ("device", "Dispositif"),
    ("discharge_mode", "Mode de sortie"),
    ("carriage", "Portage BMR/BHRe"),
    ("searched", "Recherche de BMR/BHRe"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("filing", "0003_initial"),
        ("intake", "0005_versions"),
        ("residents", "0001_initial"),
        ("operations", "0001_walls"),
    ]

    operations = [
        migrations.CreateModel(
            name="StatedFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=KINDS, max_length=20, verbose_name="nature")),
                ("label", models.TextField(verbose_name="libellé")),
                ("code", models.CharField(blank=True, max_length=40)),
                ("start", models.CharField(blank=True, max_length=40, verbose_name="début")),
                ("end", models.CharField(blank=True, max_length=40, verbose_name="fin")),
                ("section", models.CharField(blank=True, max_length=40, verbose_name="section (LOINC)")),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="titre de la section")),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stated_facts",
                        to="intake.document",
                    ),
                ),
                (
                    "resident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stated_facts",
                        to="residents.resident",
                    ),
                ),
            ],
            options={"ordering": ["kind", "-start", "id"]},
        ),
        protect_through("filing_statedfact", "document_id", "intake_document"),
    ]
