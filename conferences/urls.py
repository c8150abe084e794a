from django.urls import path

from conferences.views import conferences

urlpatterns = [
    path("jahreskonferenzen/", conferences.conferences, name="conferences"),
    path("jahreskonferenzen/<slug:slug>/", conferences.conference, name="conference"),
]
