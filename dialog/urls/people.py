"""Members, people and institutions in the workspace."""

from django.urls import path

from dialog.views import body_invitations, declarations, memberships, workspace_people

urlpatterns = [
    path("personen/", workspace_people.persons, name="workspace_persons"),
    path("personen/<int:pk>/", workspace_people.person, name="workspace_person"),
    path("personen/doppelt/", workspace_people.merges, name="workspace_merges"),
    path("personen/doppelt/<int:paper>/<int:account>/", workspace_people.merge, name="workspace_merge"),
    path("personen/doppelt/<int:pk>/rueckgaengig/", workspace_people.undo_merge, name="workspace_merge_undo"),
    path("institutionen/", workspace_people.organizations, name="workspace_organizations"),
    path("institutionen/neu/", workspace_people.enter_organization, name="workspace_enter_organization"),
    path("beitritte/", declarations.signatures, name="workspace_signatures"),
    path("beitritte/<int:pk>/", declarations.signature, name="workspace_signature"),
    path("mitgliedschaften/<int:pk>/", memberships.workspace_membership, name="workspace_membership"),
    path("mitglieder/", workspace_people.bodies, name="workspace_bodies"),
    path("mitglieder/<slug:slug>/", workspace_people.members, name="workspace_members"),
    path("mitglieder/<slug:slug>/liste.<str:kind>", workspace_people.members_file, name="workspace_members_file"),
    path("mitglieder/<slug:slug>/eintragen/", workspace_people.enter_member, name="workspace_enter_member"),
    path("mitglieder/<slug:slug>/einladen/", body_invitations.invite, name="workspace_invite"),
    path("mitglieder/<slug:slug>/schreiben/", workspace_people.write, name="workspace_write"),
    path("mitglieder/<slug:slug>/import/", workspace_people.import_members, name="workspace_import"),
    path("importe/<int:pk>/", workspace_people.member_import, name="workspace_member_import"),
    path("nachrichten/<int:pk>/", workspace_people.group_mail, name="workspace_group_mail"),
    path("mitgliedseinladungen/<int:pk>/zuruecknehmen/", body_invitations.revoke, name="workspace_invitation_revoke"),
]
