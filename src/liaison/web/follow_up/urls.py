"""What we sent, and what came back."""

from django.urls import path

from liaison.web.follow_up import views

urlpatterns = [
    path("suivi/", views.follow_up, name="follow-up"),
    path("transmissions/<uuid:uuid>/", views.transmission, name="transmission"),
    path("destinataires/<uuid:uuid>/renvoyer/", views.resend, name="recipient-resend"),
    path("destinataires/<uuid:uuid>/bien-arrive/", views.confirm_delivery, name="recipient-delivered"),
    path("reponses/<uuid:uuid>/traitee/", views.reply_handled, name="reply-handled"),
]
