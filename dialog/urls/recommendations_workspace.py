"""Recommendations in the workspace."""

from django.urls import path

from dialog.views import workspace_recommendations as views

from . import converters  # noqa: F401  (knows public numbers)

urlpatterns = [
    path("empfehlungen/", views.workspace_recommendations, name="workspace_recommendations"),
    path("empfehlungen/neu/", views.workspace_recommendation_new, name="workspace_recommendation_new"),
    path("empfehlungen/<number:number>/", views.workspace_recommendation, name="workspace_recommendation"),
]
