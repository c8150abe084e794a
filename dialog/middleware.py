"""What must hold on every page, in one place each."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from .models.people import runs_the_process

GetResponse = Callable[[HttpRequest], HttpResponse]

#: Where somebody without the second factor may go: to set it up, to leave, and to what makes pages work.
OPEN_WITHOUT_SECOND_FACTOR = ("/konto/", "/static/", "/healthz", "/readyz")


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
            return render(request, "409.html", status=409)
        return None
