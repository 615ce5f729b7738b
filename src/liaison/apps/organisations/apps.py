from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "liaison.apps.organisations"
    default_auto_field = "django.db.models.BigAutoField"
