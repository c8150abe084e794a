from django.urls import path

from dialog.urls import converters  # noqa: F401  (knows public numbers)
from measures.views import progress

urlpatterns = [
    path("massnahmen/", progress.workspace_measures, name="workspace_measures"),
    path("massnahmen/<number:number>/", progress.workspace_progress, name="workspace_progress"),
]
