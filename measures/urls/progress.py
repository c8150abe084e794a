from django.urls import path

from dialog.urls import converters  # noqa: F401  (knows public numbers)
from measures.views import parts, progress, questions, transfer, workspace_measures, workspace_resolutions

urlpatterns = [
    path("tabellen/", transfer.workspace_tables, name="workspace_tables"),
    path("tabellen/<slug:kind>/<slug:suffix>/", transfer.workspace_table_file, name="workspace_table_file"),
    path("tabellen/<int:pk>/", transfer.workspace_table_import, name="workspace_table_import"),
    path("fragen/", questions.workspace_questions, name="workspace_questions"),
    path("fragen/<int:pk>/", questions.workspace_question, name="workspace_question"),
    path("beschluesse/", workspace_resolutions.workspace_resolutions, name="workspace_resolutions"),
    path("beschluesse/neu/", workspace_resolutions.workspace_resolution_new, name="workspace_resolution_new"),
    path("beschluesse/<int:pk>/", workspace_resolutions.workspace_resolution, name="workspace_resolution"),
    path("beschluesse/<int:pk>/punkte/", workspace_resolutions.workspace_point_new, name="workspace_point_new"),
    path(
        "beschlusspunkte/<int:pk>/angaben/",
        workspace_resolutions.workspace_point_change,
        name="workspace_point_change",
    ),
    path("beschlusspunkte/<int:pk>/", workspace_resolutions.workspace_point, name="workspace_point"),
    path("massnahmen/", progress.workspace_measures, name="workspace_measures"),
    path("massnahmen/alle/", workspace_measures.workspace_all_measures, name="workspace_all_measures"),
    path("massnahmen/neu/", workspace_measures.workspace_measure_new, name="workspace_measure_new"),
    path("massnahmen/<number:number>/angaben/", workspace_measures.workspace_measure, name="workspace_measure"),
    path("massnahmen/<number:number>/", progress.workspace_progress, name="workspace_progress"),
    path("massnahmen/<number:number>/meilensteine/", parts.workspace_milestones, name="workspace_milestones"),
    path("massnahmen/<number:number>/meilensteine/<int:pk>/", parts.workspace_milestone, name="workspace_milestone"),
    path("massnahmen/<number:number>/anlagen/", parts.workspace_attachments, name="workspace_attachments"),
    path(
        "massnahmen/<number:number>/anlagen/<int:pk>/loeschen/",
        parts.workspace_attachment_remove,
        name="workspace_attachment_remove",
    ),
    path("massnahmen/<number:number>/entwurf/", progress.workspace_progress_draft, name="workspace_progress_draft"),
    path(
        "massnahmen/<number:number>/zurueck/",
        progress.workspace_progress_give_back,
        name="workspace_progress_give_back",
    ),
]
