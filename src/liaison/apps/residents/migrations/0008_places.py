import django.db.models.deletion
from django.db import migrations, models

READ_IN = {"null": True, "on_delete": django.db.models.deletion.SET_NULL, "related_name": "+"}


class Migration(migrations.Migration):

    dependencies = [
        ("filing", "0007_doubts_and_places"),
        ("residents", "0007_care_team_history"),
    ]

    operations = [
        migrations.AddField(
            model_name="stay",
            name="place",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="où dans le document"),
            preserve_default=False,
        ),
        *(
            migrations.AddField(
                model_name=name,
                name="read_in",
                field=models.ForeignKey(**READ_IN, to="filing.proposedfact"),
            )
            for name in ("stay", "recordedallergy", "followuptask")
        ),
    ]
