"""The professionals around a resident, and his oppositions."""

from django.urls import path

from liaison.web.care_team import views

urlpatterns = [
    path("residents/<uuid:uuid>/equipe/", views.care_team, name="care-team"),
    path("residents/<uuid:uuid>/equipe/ajouter/", views.add, name="care-team-add"),
    path("residents/<uuid:uuid>/equipe/declarer/", views.declare, name="care-team-declare"),
    path("residents/<uuid:uuid>/equipe/<int:number>/retirer/", views.remove, name="care-team-remove"),
    path("residents/<uuid:uuid>/opposition/", views.oppose, name="opposition"),
    path("residents/<uuid:uuid>/opposition/<int:number>/lever/", views.lift, name="opposition-lift"),
]
