"""How the installation fares: for those who look after it, and for the programs that watch it."""

from django.urls import path

from liaison.web.operations import views

urlpatterns = [
    path("exploitation/", views.operations, name="operations"),
    path("exploitation/incidents/<uuid:uuid>/clore/", views.close_incident, name="close-incident"),
    path("exploitation/boites/<uuid:uuid>/essayer/", views.ask_self_check, name="ask-self-check"),
    path("exploitation/boites/<uuid:uuid>/effacement/", views.set_purge, name="set-purge"),
    path("metrics", views.metrics, name="metrics"),
]
