"""The current treatment of a resident, and the file of a whole home."""

from django.urls import path

from liaison.web.treatments import file_views, views

urlpatterns = [
    path("residents/traitements/importer/", file_views.import_file, name="treatments-import"),
    path("residents/<uuid:uuid>/traitement/", views.treatment, name="treatment"),
    path("residents/<uuid:uuid>/traitement/ajouter/", views.write, name="treatment-write"),
    path("residents/<uuid:uuid>/traitement/<uuid:line>/corriger/", views.correct, name="treatment-correct"),
    path("residents/<uuid:uuid>/traitement/<uuid:line>/arreter/", views.stop, name="treatment-stop"),
    path("residents/<uuid:uuid>/traitement/reprendre/<uuid:letter>/", views.take_up, name="treatment-take-up"),
]
