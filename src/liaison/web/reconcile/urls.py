"""Deciding the treatments a letter suggests."""

from django.urls import path

from liaison.web.reconcile import views

urlpatterns = [path("conciliations/<uuid:uuid>/", views.reconciliation, name="reconciliation")]
