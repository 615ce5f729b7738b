"""Signing in and out, and the probe of the house's health."""

from django.urls import path

from liaison.web.sign_in.views import SignIn, SignOut, healthz

urlpatterns = [
    path("connexion/", SignIn.as_view(), name="sign-in"),
    path("deconnexion/", SignOut.as_view(), name="sign-out"),
    path("healthz", healthz, name="healthz"),
]
