"""Where a document on paper gets its style sheets, fonts and pictures from: the portal's static files alone."""

import logging
import mimetypes
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from weasyprint.urls import URLFetcher, URLFetcherResponse

# They report each step of each document; what goes wrong still comes through.
for _talkative in ("weasyprint.progress", "fontTools"):
    logging.getLogger(_talkative).setLevel(logging.WARNING)


class StaticFiles(URLFetcher):
    """Gives a document the portal's static files and `data:` addresses; nothing from the network or the disk."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)
        self.prefix = urljoin(settings.BASE_URL, settings.STATIC_URL)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The file behind `url`. ValueError for any address that is not ours, FileNotFoundError without a file."""
        if not url.startswith(self.prefix):
            return super().fetch(url, headers)
        name = unquote(urlsplit(url).path.removeprefix(urlsplit(self.prefix).path))
        content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, _static_file(name), {"Content-Type": content_type})


def _static_file(name: str) -> bytes:
    # The finders know the source files; the storage knows the collected ones with a checksum in their name.
    if found := finders.find(name):
        return Path(found).read_bytes()
    with staticfiles_storage.open(name) as file:
        return file.read()
