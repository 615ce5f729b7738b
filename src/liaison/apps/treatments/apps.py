from django.apps import AppConfig


class TreatmentsConfig(AppConfig):
    name = "liaison.apps.treatments"
    default_auto_field = "django.db.models.BigAutoField"
