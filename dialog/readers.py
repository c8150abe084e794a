"""Pages that look the same to every reader without an account are made once, until anything has been written."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language

from . import stamp

View = Callable[..., HttpResponse]


def same_for_readers(view: View) -> View:
    """Lets `view` make a page once for all readers who come without any cookie, and so without an account.

    The page is made again after every write, and each minute for what depends on the time. Whoever sends a cookie
    gets a page of their own, and so does a page that has a form with a secret or sets a cookie.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if settings.DEBUG or request.method != "GET" or request.COOKIES or "HX-Request" in request.headers:
            return view(request, *args, **kwargs)
        minute = timezone.localtime().replace(second=0, microsecond=0)
        key = ("page", minute, get_language(), request.scheme, request.get_host(), request.get_full_path())
        made: list[HttpResponse] = []

        def make() -> HttpResponse | None:
            made.append(view(request, *args, **kwargs))
            return _copy(made[0]) if _is_for_all(request, made[0]) else None

        kept = stamp.kept(key, make)
        response = made[0] if made else _copy(kept) if kept is not None else view(request, *args, **kwargs)
        patch_vary_headers(response, ["Cookie"])
        return response

    return page


def _is_for_all(request: HttpRequest, response: HttpResponse) -> bool:
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "CSRF_COOKIE" not in request.META
        and not response.has_header("Cache-Control")
    )


def _copy(response: HttpResponse) -> HttpResponse:
    """One of its own for each reader, because the middleware still adds to it."""
    copy = HttpResponse(response.content, status=response.status_code, headers=dict(response.headers))
    if hasattr(response, "_csp_update"):
        copy._csp_update = response._csp_update  # type: ignore[attr-defined]
    return copy
