"""The workspace of the council side."""

from django.urls import path

from measures.views import reports

urlpatterns = [
    path("berichte/", reports.workspace_reports, name="workspace_reports"),
    path("berichte/<int:year>/", reports.workspace_report, name="workspace_report"),
    path("berichte/<int:year>/veroeffentlichen/", reports.workspace_report_publish, name="workspace_report_publish"),
]
