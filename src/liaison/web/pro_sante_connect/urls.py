"""The doors of Pro Santé Connect. The way back is the one address registered with it."""

from django.urls import path

from liaison.web.pro_sante_connect import views

urlpatterns = [
    path("connexion/pro-sante-connect/", views.begin, name="identity-sign-in"),
    path("reponse/<str:token>/identification/", views.begin, name="answer-identify"),
    path("pro-sante-connect/retour/", views.come_back, name="identity-return"),
    path("pro-sante-connect/echec/", views.failed, name="identity-failed"),
]
