"""Who is in hospital, and who came back without a letter."""

from django.urls import path

from liaison.web.returns import acts, views

urlpatterns = [
    path("retours/", views.returns, name="returns"),
    path("retours/<int:number>/hopital/", views.hospital, name="absence-hospital"),
    path("retours/<int:number>/annoncer/", acts.announce, name="absence-announce"),
    path("retours/<int:number>/revenu/", acts.come_back, name="absence-end"),
    path("retours/<int:number>/retirer/", acts.withdraw, name="absence-withdraw"),
    path("retours/<int:number>/lettre-recue/", acts.settle, name="absence-settle"),
    path("retours/<int:number>/lettre-attendue/", acts.wait, name="absence-wait"),
    path("retours/<int:number>/demander/", acts.ask, name="absence-ask"),
    path("residents/<uuid:uuid>/depart/", acts.leave, name="resident-leave"),
]
