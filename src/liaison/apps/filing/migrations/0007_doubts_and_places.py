import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("filing", "0006_proposed_facts"),
    ]

    operations = [
        migrations.AddField(model_name="proposedfact", name="doubts", field=models.JSONField(default=list)),
        migrations.AlterField(
            model_name="proposedfact",
            name="excerpt",
            field=models.CharField(blank=True, max_length=500, verbose_name="phrase"),
        ),
        migrations.AlterField(
            model_name="proposedfact",
            name="kind",
            field=models.CharField(
                choices=[
                    ("date", "Date du document"),
                    ("stay", "Séjour"),
                    ("allergy", "Allergie ou intolérance"),
                    ("carriage", "Portage BMR/BHRe"),
                    ("problem", "Problème"),
                    ("follow_up", "Suite à donner"),
                    ("expected_result", "Résultat attendu"),
                ],
                max_length=20,
                verbose_name="nature",
            ),
        ),
        migrations.AddField(
            model_name="statedfact",
            name="read_in",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="filing.proposedfact"
            ),
        ),
    ]
