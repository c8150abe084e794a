from django.urls import path

from dialog.models import SitePage
from dialog.views import pages

Kind = SitePage.Kind

urlpatterns = [
    path("barriere-melden/", pages.report_barrier, name="report_barrier"),
    path("barriere-melden/danke/", pages.barrier_reported, name="barrier_reported"),
    *(path(f"{kind}/", pages.page, {"kind": kind.value}, name=kind.name.lower()) for kind in Kind),
    path("arbeitsbereich/seiten/", pages.workspace_pages, name="workspace_pages"),
    path("arbeitsbereich/seiten/<slug:kind>/", pages.workspace_page, name="workspace_page"),
    path("arbeitsbereich/seiten/<slug:kind>/vorlage/", pages.restore_page, name="restore_page"),
    path("arbeitsbereich/barrieren/", pages.workspace_barriers, name="workspace_barriers"),
    path("arbeitsbereich/barrieren/<int:pk>/", pages.workspace_barrier, name="workspace_barrier"),
]
