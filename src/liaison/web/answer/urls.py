"""The page where a doctor answers by one click: public addresses that show nothing before the code."""

from django.urls import path

from liaison.web.answer import views

urlpatterns = [
    path("reponse/<str:token>/", views.answer, name="answer"),
    path("reponse/<str:token>/code/", views.ask_code, name="answer-code"),
    path("reponse/<str:token>/ouvrir/", views.open_page, name="answer-open"),
    path("reponse/<str:token>/page/<int:number>.png", views.letter_page, name="answer-letter-page"),
    path("reponse/<str:token>/lettre.pdf", views.letter_pdf, name="answer-letter-pdf"),
]
