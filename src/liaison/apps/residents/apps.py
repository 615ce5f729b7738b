from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    name = "liaison.apps.residents"
    default_auto_field = "django.db.models.BigAutoField"
