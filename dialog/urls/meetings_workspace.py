"""Where meetings are prepared and followed up."""

from django.urls import path

from dialog.views import workspace_meetings as views

urlpatterns = [
    path("sitzungen/", views.workspace_meetings, name="workspace_meetings"),
    path("sitzungen/neu/", views.workspace_meeting_new, name="workspace_meeting_new"),
    path("sitzungen/<int:pk>/", views.workspace_meeting, name="workspace_meeting"),
    path("sitzungen/<int:pk>/bearbeiten/", views.workspace_meeting_edit, name="workspace_meeting_edit"),
    path("sitzungen/<int:pk>/absagen/", views.workspace_meeting_cancel, name="workspace_meeting_cancel"),
    path("sitzungen/<int:pk>/durchgefuehrt/", views.workspace_meeting_hold, name="workspace_meeting_hold"),
    path("sitzungen/<int:pk>/tagesordnung/", views.workspace_agenda, name="workspace_agenda"),
    path(
        "sitzungen/<int:pk>/tagesordnung/uebernehmen/",
        views.workspace_agenda_carry_over,
        name="workspace_agenda_carry_over",
    ),
    path("sitzungen/<int:pk>/tagesordnung/<int:item>/", views.workspace_agenda_item, name="workspace_agenda_item"),
    path(
        "sitzungen/<int:pk>/tagesordnung/<int:item>/verschieben/",
        views.workspace_agenda_move,
        name="workspace_agenda_move",
    ),
    path("sitzungen/<int:pk>/einladung/", views.workspace_meeting_invitation, name="workspace_meeting_invitation"),
    path(
        "sitzungen/<int:pk>/einladung.pdf",
        views.workspace_meeting_invitation_pdf,
        name="workspace_meeting_invitation_pdf",
    ),
    path("sitzungen/<int:pk>/anwesenheit/", views.workspace_attendance, name="workspace_attendance"),
    path("sitzungen/<int:pk>/anwesenheitsliste.pdf", views.workspace_attendance_list, name="workspace_attendance_list"),
    path("gremien/<slug:slug>/staendige-punkte/", views.workspace_standing_items, name="workspace_standing_items"),
]
