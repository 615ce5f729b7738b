from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "liaison.apps.operations"
    default_auto_field = "django.db.models.BigAutoField"
