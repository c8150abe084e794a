"""Where a document on paper gets its style sheets, fonts and pictures from: the portal's static files alone."""

import io
import logging
import mimetypes
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from fontTools.ttLib import woff2
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
        content = _static_file(name)
        if content_type == "font/woff2":
            content, content_type = _unpacked(content), "font/ttf"
        return URLFetcherResponse(url, content, {"Content-Type": content_type})


@lru_cache(maxsize=8)
def _unpacked(font: bytes) -> bytes:
    """A font as the setting needs it; to unpack each one for each document would be half the time of a short one."""
    unpacked = io.BytesIO()
    woff2.decompress(io.BytesIO(font), unpacked)
    return unpacked.getvalue()


def _static_file(name: str) -> bytes:
    # The finders know the source files; the storage knows the collected ones with a checksum in their name.
    if found := finders.find(name):
        return Path(found).read_bytes()
    with staticfiles_storage.open(name) as file:
        return file.read()
