"""The portal's public pages for search engines: what everyone may see, and when it changed."""

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.db.models import Model, QuerySet
from django.urls import reverse

from conferences.models import Conference
from dialog.models import Body, Declaration, FieldOfAction, Meeting, Organization, Recommendation
from measures.models import CouncilReport, Indicator, Measure, Resolution

PAGES = (
    "home",
    "measures",
    "measures_overview",
    "measure_map",
    "indicators",
    "fields_of_action",
    "resolutions",
    "recommendations",
    "agreements",
    "reports",
    "working_groups",
    "bodies",
    "join",
    "meetings",
    "conferences",
    "processes",
    "organizations",
    "declarations",
    "counting",
    "easy_language",
    "help",
    "contact",
    "report_barrier",
    "imprint",
    "privacy",
    "accessibility",
)

#: Model → the column that tells when its page changed.
ROWS: dict[type[Model], str] = {
    Measure: "",
    Meeting: "changed_at",
    Body: "",
    Recommendation: "",
    Resolution: "",
    CouncilReport: "published_at",
    Conference: "",
    Indicator: "",
    FieldOfAction: "",
    Organization: "",
    Declaration: "",
}


class AtPublicAddress(Sitemap):
    """Addresses as the public knows them, whatever the machine is called inside."""

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.BASE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.BASE_URL).netloc


class Pages(AtPublicAddress):
    def items(self) -> tuple[str, ...]:
        return PAGES

    def location(self, item: str) -> str:
        return reverse(item)


class Rows(AtPublicAddress):
    """The pages of one model's rows."""

    limit = 5000

    def __init__(self, model: type[Model], changed: str) -> None:
        self.model, self.changed = model, changed

    def items(self) -> QuerySet:
        return self.model.objects.visible_to(AnonymousUser()).order_by("pk")  # type: ignore[attr-defined]

    def get_latest_lastmod(self) -> None:
        """Not asked for: it would read every row for the index."""

    def lastmod(self, item: Any) -> dt.datetime | None:
        return getattr(item, self.changed) if self.changed else None


SITEMAPS: dict[str, Sitemap] = {
    "pages": Pages(),
    **{str(model._meta.model_name): Rows(model, changed) for model, changed in ROWS.items()},
}
