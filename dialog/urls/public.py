"""What everyone may read about bodies, meetings, recommendations and the process."""

from django.urls import path

from dialog.views import (
    bodies,
    calendars,
    declarations,
    meeting_answers,
    meetings,
    minutes_reviews,
    organizations,
    processes,
    recommendations,
)

from . import converters  # noqa: F401  (makes <number:...> known)

urlpatterns = [
    path("arbeitsgruppen/", bodies.working_groups, name="working_groups"),
    path("gremien/", bodies.bodies, name="bodies"),
    path("gremien/<slug:slug>/", bodies.body, name="body"),
    path("mitmachen/", bodies.join, name="join"),
    path("gremien/<slug:slug>/kalender.ics", calendars.body_feed, name="body_calendar"),
    path("sitzungen/", meetings.meetings, name="meetings"),
    path("sitzungen/monat/", calendars.month, name="meetings_month"),
    path("sitzungen/kalender.ics", calendars.feed, name="calendar"),
    path("sitzungen/antwort/<str:token>/", meeting_answers.answer, name="meeting_answer"),
    path("sitzungen/<int:pk>/termin.ics", calendars.meeting_ics, name="meeting_calendar"),
    path("sitzungen/<int:pk>/", meetings.meeting, name="meeting"),
    path("sitzungen/<int:pk>/niederschrift/", meetings.minutes, name="minutes"),
    path("sitzungen/durchsicht/<str:token>/", minutes_reviews.review, name="minutes_review"),
    path("prozess/", processes.processes, name="processes"),
    path("empfehlungen/", recommendations.recommendations, name="recommendations"),
    path("empfehlungen/<number:number>-<slug:slug>/", recommendations.recommendation, name="recommendation"),
    path("institutionen/", organizations.organizations, name="organizations"),
    path("institutionen/<slug:slug>/", organizations.organization, name="organization"),
    path("erklaerungen/", declarations.declarations, name="declarations"),
    path("erklaerungen/<slug:slug>/", declarations.declaration, name="declaration"),
]
