"""The directory, and one professional."""

from django.urls import path

from liaison.web.directory import views

urlpatterns = [
    path("annuaire/", views.directory, name="directory"),
    path("annuaire/professionnel/", views.open_professional, name="directory-open"),
    path("professionnels/<uuid:uuid>/", views.professional, name="professional"),
    path("professionnels/<uuid:uuid>/absences/", views.record_absence, name="absence-record"),
    path("professionnels/<uuid:uuid>/absences/<int:number>/annuler/", views.cancel_absence, name="absence-cancel"),
    path("professionnels/<uuid:uuid>/adresses/<int:number>/confirmer/", views.confirm_address, name="address-confirm"),
    path("professionnels/<uuid:uuid>/adresses/<int:number>/preferer/", views.prefer_address, name="address-prefer"),
]
