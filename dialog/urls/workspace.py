from django.urls import path

from dialog.views import documents, memberships, workspace

urlpatterns = [
    path("", workspace.workspace, name="workspace"),
    path("antraege/", memberships.requests, name="workspace_requests"),
    path("antraege/<int:pk>/", memberships.decide, name="workspace_request"),
    path("dokumente/", documents.workspace_documents, name="workspace_documents"),
]
