"""Who is in hospital, and who came back without a letter."""

from django.urls import path

from liaison.web.returns import views

urlpatterns = [path("retours/", views.returns, name="returns")]
