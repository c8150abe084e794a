"""The workspace of the council side."""

from django.urls import path

from measures.views import workspace_reports as views

urlpatterns = [
    path("berichte/", views.workspace_reports, name="workspace_reports"),
    path("berichte/<int:year>/", views.workspace_report, name="workspace_report"),
    path("berichte/<int:year>/termine/", views.workspace_report_dates, name="workspace_report_dates"),
    path("berichte/<int:year>/texte/<slug:kind>/", views.workspace_report_text, name="workspace_report_text"),
    path("berichte/<int:year>/<slug:name>/", views.workspace_report_step, name="workspace_report_step"),
]
