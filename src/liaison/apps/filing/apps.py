from django.apps import AppConfig


class FilingConfig(AppConfig):
    name = "liaison.apps.filing"
    default_auto_field = "django.db.models.BigAutoField"
