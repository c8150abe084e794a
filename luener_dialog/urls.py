from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.sitemaps import views as sitemap_views
from django.urls import include, path

from dialog.views import sharing

from .sitemaps import SITEMAPS
from .views import errors, health, home, pages, robots

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
    path("", include("dialog.urls.pages")),
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
    path("robots.txt", robots.robots, name="robots"),
    path("sitemap.xml", sitemap_views.index, {"sitemaps": SITEMAPS, "sitemap_url_name": "sitemap"}, name="sitemaps"),
    path("sitemap-<slug:section>.xml", sitemap_views.sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("vorschau/portal.png", sharing.portal_picture, name="portal_picture"),
    path("vorschau/<slug:name>/<int:pk>.png", sharing.picture, name="share_picture"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("measures.urls.public")),
    path("", include("conferences.urls")),
    path("", include("dialog.urls.public")),
]
