from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "liaison.apps.search"
    default_auto_field = "django.db.models.BigAutoField"
