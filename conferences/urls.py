from django.urls import path

from conferences.views import conferences, workspace_conferences

urlpatterns = [
    path("jahreskonferenzen/", conferences.conferences, name="conferences"),
    path("jahreskonferenzen/<slug:slug>/", conferences.conference, name="conference"),
    path("arbeitsbereich/konferenzen/", workspace_conferences.workspace_conferences, name="workspace_conferences"),
    path(
        "arbeitsbereich/konferenzen/<slug:slug>/",
        workspace_conferences.workspace_conference,
        name="workspace_conference",
    ),
]
