"""Sending a document on."""

from django.urls import path

from liaison.web.send import sheet_views, views

urlpatterns = [
    path("documents/<uuid:uuid>/transmettre/", views.send, name="send"),
    path("documents/<uuid:uuid>/transmettre/fiche/", sheet_views.sheet, name="send-sheet"),
    path("documents/<uuid:uuid>/transmettre/professionnels/", views.search_professionals, name="send-search"),
]
