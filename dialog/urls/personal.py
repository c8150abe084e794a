"""What people do for themselves, and what is served to them."""

from django.urls import path

from dialog.views import accounts, body_invitations, declarations, documents, jobs, memberships

urlpatterns = [
    path("konto/", accounts.account_page, name="account_page"),
    path("gremien/<slug:slug>/mitmachen/", memberships.join_body, name="join_body"),
    path("mitgliedschaften/<int:pk>/zurueckziehen/", memberships.withdraw, name="membership_withdraw"),
    path("mitgliedschaften/<int:pk>/beenden/", memberships.leave, name="membership_leave"),
    path("mitgliedschaften/<int:pk>/name/", memberships.name_public, name="membership_name_public"),
    path("mitgliedschaften/einladung/<str:token>/", body_invitations.answer, name="body_invitation"),
    path("erklaerungen/<slug:slug>/beitreten/", declarations.sign, name="declaration_sign"),
    path("konto/nachrichten/", accounts.mail_preferences, name="mail_preferences"),
    path("abbestellen/<str:token>/", accounts.unsubscribe, name="unsubscribe"),
    path("auftraege/<int:pk>/", jobs.job, name="job"),
    path("auftraege/<int:pk>/noch-einmal/", jobs.restart, name="job_restart"),
    path("dokumente/<int:pk>/<str:filename>", documents.document, name="document"),
    path("dokumente/<int:pk>/", documents.document, name="document_without_name"),
]
