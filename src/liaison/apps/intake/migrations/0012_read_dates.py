from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("intake", "0011_waiting_work"),
    ]

    operations = [
        migrations.AddField(
            model_name="document",
            name="read_date",
            field=models.CharField(blank=True, default="", max_length=10, verbose_name="date lue"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="document",
            name="read_date_from",
            field=models.CharField(
                blank=True,
                choices=[
                    ("text", "lu dans le texte"),
                    ("file", "date du fichier"),
                    ("person", "lu dans le texte, confirmé"),
                ],
                default="",
                max_length=6,
                verbose_name="lue où",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="document",
            name="read_stay_start",
            field=models.CharField(blank=True, default="", max_length=10, verbose_name="entrée lue"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="document",
            name="read_stay_end",
            field=models.CharField(blank=True, default="", max_length=10, verbose_name="sortie lue"),
            preserve_default=False,
        ),
    ]
