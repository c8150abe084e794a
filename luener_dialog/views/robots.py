"""What search engines are told."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control

from dialog.middleware import NOT_FOR_SEARCH_ENGINES
from dialog.sharing import absolute


@cache_control(public=True, max_age=24 * 3600)
def robots(request: HttpRequest) -> HttpResponse:
    """Which folders hold nothing for search engines (RFC 9309), and where the list of pages is."""
    lines = ["User-agent: *", *(f"Disallow: {folder}" for folder in NOT_FOR_SEARCH_ENGINES)]
    return HttpResponse("\n".join([*lines, "", f"Sitemap: {absolute(reverse('sitemaps'))}", ""]), "text/plain")
