"""Searching everywhere."""

from django.urls import path

from liaison.web.search import views

urlpatterns = [path("recherche/", views.everywhere, name="search")]
