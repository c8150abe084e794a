"""Pages that the operator answers for. Their texts are a beginning; what only the operator knows is marked."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dialog.models import FieldOfAction
from measures import facets
from measures.models import Measure
from measures.models.measures import QUIET_AFTER


def imprint(request: HttpRequest) -> HttpResponse:
    """Who is responsible for the portal."""
    return render(request, "pages/imprint.html", {"email": settings.CONTACT_EMAIL})


def privacy(request: HttpRequest) -> HttpResponse:
    """What the portal stores about whom, why, and for how long."""
    days = settings.SESSION_COOKIE_AGE // (24 * 3600)
    return render(request, "pages/privacy.html", {"email": settings.CONTACT_EMAIL, "session_days": days})


def accessibility(request: HttpRequest) -> HttpResponse:
    """How accessible the portal is, and where to report a barrier."""
    return render(request, "pages/accessibility.html", {"email": settings.CONTACT_EMAIL})


def contact(request: HttpRequest) -> HttpResponse:
    """How to reach the people behind the dialogue."""
    return render(request, "pages/contact.html", {"email": settings.CONTACT_EMAIL})


def counting(request: HttpRequest) -> HttpResponse:
    """What the standings mean and by which rule they are counted."""
    found = facets.of(Measure.objects.visible_to(request.user), timezone.localdate())
    return render(
        request,
        "pages/counting.html",
        {
            "standings": found.standings(),
            "quiet_days": QUIET_AFTER.days,
            "fields": FieldOfAction.objects.visible_to(request.user),
        },
    )
