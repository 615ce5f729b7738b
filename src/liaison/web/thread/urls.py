"""One hospital return from end to end."""

from django.urls import path

from liaison.web.thread import views

urlpatterns = [path("documents/<uuid:uuid>/fil/", views.thread, name="thread")]
