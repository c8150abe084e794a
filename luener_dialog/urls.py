from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from .views import errors, health, home, pages

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Lüner Dialog · Stammdaten"

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error

urlpatterns = [
    path("", home.home, name="home"),
    path("suche/", home.search, name="search"),
    path("so-wird-gezaehlt/", pages.counting, name="counting"),
    path("kontakt/", pages.contact, name="contact"),
    path("impressum/", pages.imprint, name="imprint"),
    path("datenschutz/", pages.privacy, name="privacy"),
    path("barrierefreiheit/", pages.accessibility, name="accessibility"),
    path("", include("dialog.urls.personal")),
    path("konto/", include("dialog.urls.accounts")),
    path("arbeitsbereich/", include("dialog.urls.workspace")),
    path("arbeitsbereich/", include("dialog.urls.minutes_workspace")),
    path("arbeitsbereich/", include("dialog.urls.people")),
    path("arbeitsbereich/", include("dialog.urls.meetings_workspace")),
    path("arbeitsbereich/", include("dialog.urls.recommendations_workspace")),
    path("arbeitsbereich/", include("measures.urls.workspace")),
    path("arbeitsbereich/", include("measures.urls.progress")),
    path("stammdaten/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("measures.urls.public")),
    path("", include("conferences.urls")),
    path("", include("dialog.urls.public")),
]
