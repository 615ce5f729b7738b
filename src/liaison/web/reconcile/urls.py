"""Deciding the treatments a letter suggests."""

from django.urls import path

from liaison.web.reconcile import acts, preparing, views

urlpatterns = [
    path("conciliations/<uuid:uuid>/", views.reconciliation, name="reconciliation"),
    path("conciliations/<uuid:uuid>/preparer/", preparing.prepare, name="reconciliation-prepare"),
    path("conciliations/<uuid:uuid>/comparer/", acts.compare_again, name="reconciliation-compare-again"),
    path("conciliations/<uuid:uuid>/pharmacie/", acts.tell_pharmacy, name="reconciliation-pharmacy"),
    path("conciliations/<uuid:uuid>/bilan.pdf", acts.report, name="reconciliation-report"),
]
