"""The journal of a resident."""

from django.urls import path

from liaison.web.journal import views

urlpatterns = [path("residents/<uuid:uuid>/journal/", views.journal, name="journal")]
