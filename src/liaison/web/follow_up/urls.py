"""What we sent, and what came back."""

from django.urls import path

from liaison.web.follow_up import answers, doubts, other_views, views

urlpatterns = [
    path("suivi/", views.follow_up, name="follow-up"),
    path("transmissions/<uuid:uuid>/", views.transmission, name="transmission"),
    path("destinataires/<uuid:uuid>/renvoyer/", views.resend, name="recipient-resend"),
    path("destinataires/<uuid:uuid>/bien-arrive/", views.confirm_delivery, name="recipient-delivered"),
    path("destinataires/<uuid:uuid>/adresse-verifiee/", other_views.settle, name="recipient-settle"),
    path("destinataires/<uuid:uuid>/appel/", other_views.call, name="recipient-call"),
    path("destinataires/<uuid:uuid>/ailleurs/", other_views.elsewhere, name="recipient-elsewhere"),
    path("destinataires/<uuid:uuid>/lettre/", other_views.letter, name="recipient-letter"),
    path("destinataires/<uuid:uuid>/lettre.pdf", other_views.letter_pdf, name="recipient-letter-pdf"),
    path("destinataires/<uuid:uuid>/postee/", other_views.posted, name="recipient-posted"),
    path("reponses/<int:number>/arrivee/", doubts.answer_arrived, name="answer-arrived"),
    path("reponses/<int:number>/renvoyer/", doubts.answer_again, name="answer-again"),
    path("courriers/<uuid:uuid>/arrive/", doubts.note_arrived, name="note-arrived"),
    path("courriers/<uuid:uuid>/renvoyer/", doubts.note_again, name="note-again"),
    path("suivi/relances/", other_views.rules, name="follow-up-rules"),
    path("destinataires/<uuid:uuid>/reponse-orale/", answers.record_spoken, name="recipient-spoken"),
    path("destinataires/<uuid:uuid>/retirer-le-lien/", answers.withdraw_links, name="recipient-links-withdraw"),
    path("messages/<uuid:uuid>/rattacher/", answers.attach, name="message-attach"),
    path("reponses/<uuid:uuid>/traitee/", views.reply_handled, name="reply-handled"),
]
