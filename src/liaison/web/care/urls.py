"""What changes today for whom: the nurses' page."""

from django.urls import path

from liaison.web.care import views

urlpatterns = [
    path("soins/", views.care, name="care"),
    path("soins/<uuid:uuid>/pris-en-compte/", views.acknowledge, name="care-acknowledge"),
]
