"""What everyone may read of the council side."""

from django.urls import path

import dialog.urls.converters  # noqa: F401  (makes <number:...> known)
from measures.views import (
    agreements,
    fields,
    measure_files,
    measures,
    overview,
    places,
    questions,
    reports,
    resolutions,
    statements,
)

urlpatterns = [
    path("massnahmen/", measures.measures, name="measures"),
    path("massnahmen/liste.<slug:suffix>", measure_files.measures_file, name="measures_file"),
    path("massnahmen/ueberblick/", overview.measures_overview, name="measures_overview"),
    path("massnahmen/karte/", places.measure_map, name="measure_map"),
    path("massnahmen/karte/orte.json", places.places_on_map, name="measure_places"),
    path("kennzahlen/", overview.indicators, name="indicators"),
    path("kennzahlen/<slug:slug>/", overview.indicator, name="indicator"),
    path("massnahmen/<number:number>/", measures.measure),
    path("massnahmen/<number:number>-<slug:slug>/", measures.measure, name="measure"),
    path("massnahmen/<number:number>/aenderungen/", measures.measure_changes, name="measure_changes"),
    path("massnahmen/<number:number>/frage/", questions.ask, name="question_ask"),
    path("fragen/<str:token>/", questions.confirm, name="question_confirm"),
    path("handlungsfelder/", fields.fields_of_action, name="fields_of_action"),
    path("handlungsfelder/<slug:slug>/", fields.field_of_action, name="field_of_action"),
    path("beschluesse/", resolutions.resolutions, name="resolutions"),
    path("beschluesse/<slug:slug>/", resolutions.resolution, name="resolution"),
    path("vereinbarungen/", agreements.agreements, name="agreements"),
    path("berichte/", reports.reports, name="reports"),
    path("berichte/<int:year>/", reports.report, name="report"),
    path("berichte/<int:year>/bericht.pdf", reports.report_pdf, name="report_pdf"),
    path("berichte/<int:year>/vergleich/<int:other>/", reports.report_comparison_page, name="report_comparison"),
    path("berichte/<int:year>/ausgaben/<int:number>/", reports.report_edition, name="report_edition"),
    path("berichte/<int:year>/ausgaben/<int:number>/auszuege/<slug:slug>.pdf", reports.report_part, name="report_part"),
    path("berichte/<int:year>/ausgaben/<int:number>/bericht.json", reports.report_data, name="report_data"),
    path("berichte/<int:year>/stellungnahme/<slug:slug>/", statements.report_statement, name="report_statement"),
]
