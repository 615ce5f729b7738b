"""Arrivals, and one message."""

from django.urls import path

from liaison.web.inbox import answer_views, message_views, views

urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("messages/<uuid:uuid>/", message_views.message, name="message"),
    path("messages/<uuid:uuid>/original.eml", message_views.original, name="message-original"),
    path("messages/<uuid:uuid>/pieces/<int:position>/", message_views.leaf, name="leaf"),
    path("messages/<uuid:uuid>/relire/", message_views.read_again, name="message-read-again"),
    path("messages/<uuid:uuid>/traite/", message_views.handled, name="message-handled"),
    path("messages/<uuid:uuid>/rouvrir/", message_views.reopen, name="message-reopen"),
    path("messages/<uuid:uuid>/accuser-lecture/", answer_views.acknowledge, name="message-acknowledge"),
    path("reponses/<int:number>/confirmer/", answer_views.confirm, name="answer-confirm"),
    path("reponses/<int:number>/ne-pas-envoyer/", answer_views.drop, name="answer-drop"),
]
