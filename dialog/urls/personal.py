"""What people do for themselves, and what is served to them."""

from django.urls import path

from dialog.views import accounts, body_invitations, declarations, documents, followings, jobs, memberships

urlpatterns = [
    path("konto/", accounts.account_page, name="account_page"),
    path("konto/zustimmungen/", accounts.consents, name="consents"),
    path("konto/sprache/", accounts.language, name="language"),
    path("konto/daten/", accounts.own_data_page, name="own_data"),
    path("konto/daten/meine-daten.json", accounts.own_data_file, name="own_data_file"),
    path("konto/loeschen/", accounts.account_close, name="close_account"),
    path("gremien/<slug:slug>/mitmachen/", memberships.join_body, name="join_body"),
    path("mitgliedschaften/<int:pk>/zurueckziehen/", memberships.withdraw, name="membership_withdraw"),
    path("mitgliedschaften/<int:pk>/beenden/", memberships.leave, name="membership_leave"),
    path("mitgliedschaften/<int:pk>/name/", memberships.name_public, name="membership_name_public"),
    path("mitgliedschaften/einladung/<str:token>/", body_invitations.answer, name="body_invitation"),
    path("erklaerungen/<slug:slug>/beitreten/", declarations.sign, name="declaration_sign"),
    path("konto/nachrichten/", accounts.mail_preferences, name="mail_preferences"),
    path("abbestellen/<str:token>/", accounts.unsubscribe, name="unsubscribe"),
    path("folgen/<slug:kind>/<int:pk>/", followings.follow, name="follow"),
    path("auftraege/<int:pk>/", jobs.job, name="job"),
    path("auftraege/<int:pk>/noch-einmal/", jobs.restart, name="job_restart"),
    path("dokumente/<int:pk>/<str:filename>", documents.document, name="document"),
    path("dokumente/<int:pk>/", documents.document, name="document_without_name"),
]
