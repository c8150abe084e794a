"""Pages about the portal whose words follow from its rules."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dialog.models import FieldOfAction
from measures import facets
from measures.models import Measure
from measures.models.measures import QUIET_AFTER


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
