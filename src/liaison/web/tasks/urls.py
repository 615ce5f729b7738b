"""What the letters ask for."""

from django.urls import path

from liaison.web.tasks import views

urlpatterns = [
    path("suites/", views.tasks, name="tasks"),
    path("suites/<int:number>/faite/", views.complete, name="task-complete"),
    path("suites/<int:number>/pas-faite/", views.reopen, name="task-reopen"),
    path("suites/<int:number>/remettre/", views.put_off, name="task-put-off"),
]
