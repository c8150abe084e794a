"""What everyone may read about bodies, meetings, recommendations and the process."""

from django.urls import path

from dialog.views import bodies, declarations, meetings, processes, recommendations

from . import converters  # noqa: F401  (makes <number:...> known)

urlpatterns = [
    path("arbeitsgruppen/", bodies.working_groups, name="working_groups"),
    path("gremien/", bodies.bodies, name="bodies"),
    path("gremien/<slug:slug>/", bodies.body, name="body"),
    path("mitmachen/", bodies.join, name="join"),
    path("sitzungen/", meetings.meetings, name="meetings"),
    path("sitzungen/<int:pk>/", meetings.meeting, name="meeting"),
    path("sitzungen/<int:pk>/niederschrift/", meetings.minutes, name="minutes"),
    path("prozess/", processes.processes, name="processes"),
    path("empfehlungen/", recommendations.recommendations, name="recommendations"),
    path("empfehlungen/<number:number>-<slug:slug>/", recommendations.recommendation, name="recommendation"),
    path("erklaerungen/", declarations.declarations, name="declarations"),
    path("erklaerungen/<slug:slug>/", declarations.declaration, name="declaration"),
]
