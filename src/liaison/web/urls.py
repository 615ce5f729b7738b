"""The addresses of the screens, in French; no path or query ever holds health data (searches are posted)."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("liaison.web.sign_in.urls")),
    path("", include("liaison.web.inbox.urls")),
    path("", include("liaison.web.record.urls")),
    path("", include("liaison.web.treatments.urls")),
    path("", include("liaison.web.care_team.urls")),
    path("", include("liaison.web.directory.urls")),
    path("", include("liaison.web.reconcile.urls")),
    path("", include("liaison.web.send.urls")),
    path("", include("liaison.web.follow_up.urls")),
    path("", include("liaison.web.answer.urls")),
    path("", include("liaison.web.pro_sante_connect.urls")),
    path("", include("liaison.web.care.urls")),
    path("", include("liaison.web.thread.urls")),
    path("", include("liaison.web.returns.urls")),
    path("", include("liaison.web.tasks.urls")),
    path("", include("liaison.web.journal.urls")),
    path("", include("liaison.web.search.urls")),
    path("", include("liaison.web.operations.urls")),
]
