"""The addresses of the screens, in French; no path or query ever holds health data."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
