from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "liaison.apps.intake"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from liaison.apps.blobs.store import cut_with
        from liaison.apps.intake.parts import cut_out

        cut_with(cut_out)
