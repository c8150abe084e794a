"""What must hold on every page, in one place each."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from .models.people import runs_the_process
from .services import preferences

#: What watches over the portal still gets its answers.
OPEN_DURING_MAINTENANCE = ("/static/", "/healthz", "/readyz")

#: Folders that hold nothing for search engines: inside pages, search results, what links from mails open.
NOT_FOR_SEARCH_ENGINES = (
    "/arbeitsbereich/",
    "/konto/",
    "/stammdaten/",
    "/suche/",
    "/mitgliedschaften/",
    "/abbestellen/",
    "/folgen/",
    "/auftraege/",
    "/sitzungen/antwort/",
    "/sitzungen/durchsicht/",
)

GetResponse = Callable[[HttpRequest], HttpResponse]

#: Browsers and search engines come back after so many seconds.
RETRY_AFTER = 600
#: A request may be so many times as large as the largest upload: one that is only a little too large gets its answer at
#: the form, which keeps what was typed; beyond that reading it would only cost time and disk.
TOO_LARGE_FOR_A_FORM = 10

#: Where somebody without the second factor may go: to set it up, to leave, and to what makes pages work.
OPEN_WITHOUT_SECOND_FACTOR = ("/konto/", "/static/", "/healthz", "/readyz")


def maintenance(get_response: GetResponse) -> GetResponse:
    """With `MAINTENANCE` every page says that the portal is back soon (503). Asks no database: it may be the one that
    is being worked on."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.MAINTENANCE and not request.path.startswith(OPEN_DURING_MAINTENANCE):
            return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(RETRY_AFTER)})
        return get_response(request)

    return middleware


def request_size(get_response: GetResponse) -> GetResponse:
    """Turns away what is far larger than any upload (413, RFC 9110) before a byte of it is read."""

    def middleware(request: HttpRequest) -> HttpResponse:
        limit = settings.UPLOAD_MAX_MB * TOO_LARGE_FOR_A_FORM * 1024 * 1024
        try:
            size = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            size = 0
        if size > limit:
            return render(request, "413.html", {"limit": settings.UPLOAD_MAX_MB}, status=413)
        return get_response(request)

    return middleware


def own_language(get_response: GetResponse) -> GetResponse:
    """Pages come in the language that the account has chosen, where the portal speaks more than one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if len(settings.LANGUAGES) > 1 and request.user.is_authenticated:
            translation.activate(preferences.language_of(getattr(request.user, "person", None)))
            request.LANGUAGE_CODE = translation.get_language()
        else:
            translation.activate(settings.LANGUAGE_CODE)
        return get_response(request)

    return middleware


def search_engines(get_response: GetResponse) -> GetResponse:
    """Keeps pages that are no public reading out of search engines, also where another site links to them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith(NOT_FOR_SEARCH_ENGINES) or response.status_code >= HTTPStatus.BAD_REQUEST:
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return middleware


def second_factor(get_response: GetResponse) -> GetResponse:
    """Planning group and operator get in only with a second factor; until they have one, they are led to set it up."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if (
            settings.SECOND_FACTOR_REQUIRED
            and not request.path.startswith(OPEN_WITHOUT_SECOND_FACTOR)
            and request.user.is_authenticated
            and (runs_the_process(request.user) or request.user.is_staff)
            and not is_mfa_enabled(request.user)
        ):
            messages.info(
                request, _("Für Ihre Aufgaben ist ein zweiter Faktor vorgeschrieben. Bitte richten Sie ihn jetzt ein.")
            )
            return redirect("mfa_activate_totp")
        return get_response(request)

    return middleware


class UnlawfulSteps:
    """Turns a step that is not (or no longer) possible into one clear page, status 409."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> Any:
        if isinstance(exception, TransitionNotAllowed | ConcurrentTransition):
            return render(request, "409.html", {"row": _as_it_stands(request, exception)}, status=409)
        return None


def _as_it_stands(request: HttpRequest, exception: Exception) -> Any:
    """The row that the step was about, read again; None if there is none with a page, or not for this reader."""
    row: Any = getattr(exception, "object", None)
    readable = getattr(getattr(type(row), "objects", None), "visible_to", None)
    if readable is None or not hasattr(row, "get_absolute_url"):
        return None
    return readable(request.user).filter(pk=row.pk).first()
