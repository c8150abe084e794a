"""What everyone may read of the council side."""

from django.urls import path

import dialog.urls.converters  # noqa: F401  (makes <number:...> known)
from measures.views import agreements, fields, measures, reports, resolutions

urlpatterns = [
    path("massnahmen/", measures.measures, name="measures"),
    path("massnahmen/<number:number>/", measures.measure),
    path("massnahmen/<number:number>-<slug:slug>/", measures.measure, name="measure"),
    path("handlungsfelder/", fields.fields_of_action, name="fields_of_action"),
    path("handlungsfelder/<slug:slug>/", fields.field_of_action, name="field_of_action"),
    path("beschluesse/", resolutions.resolutions, name="resolutions"),
    path("beschluesse/<slug:slug>/", resolutions.resolution, name="resolution"),
    path("vereinbarungen/", agreements.agreements, name="agreements"),
    path("berichte/", reports.reports, name="reports"),
    path("berichte/<int:year>/", reports.report, name="report"),
]
