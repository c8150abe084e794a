"""The council's resolutions, and the state of each of their points."""

from typing import Any

from django.db.models import Count, F, Prefetch, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from measures.filters import point_value
from measures.models import Measure, Resolution, ResolutionPoint

#: So many measures stand under each point; the list has all.
SHOWN = 3


def resolutions(request: HttpRequest) -> HttpResponse:
    """All resolutions, the newest first, with how their points stand."""
    points = Prefetch("points", ResolutionPoint.objects.visible_to(request.user))
    rows = Resolution.objects.visible_to(request.user).prefetch_related(points)
    return render(request, "measures/resolution_list.html", {"resolutions": rows})


def resolution(request: HttpRequest, slug: str) -> HttpResponse:
    """One resolution: each point with addressee, state, and the measures that rest on it."""
    user = request.user
    resolution = get_object_or_404(Resolution.objects.visible_to(user).select_related("process"), slug=slug)
    points = list(ResolutionPoint.objects.visible_to(user).filter(resolution=resolution).select_related("responsible"))
    first = _first_measures(resolution, user)
    for point in points:
        point.resolution = resolution
        point.first_measures = first.get(point.pk, [])
        point.value = point_value(resolution.slug, point.position)
    return render(request, "measures/resolution_detail.html", {"resolution": resolution, "points": points})


def _first_measures(resolution: Resolution, user: Any) -> dict[int, list[Measure]]:
    """By point the measures with the newest news; each knows in `total` how many rest on the point."""
    a_point = F("decided_in")
    rows = (
        Measure.objects.visible_to(user)
        .filter(decided_in__resolution=resolution)
        .with_standing(timezone.localdate())
        .annotate(
            point=a_point,
            total=Window(Count("pk"), partition_by=a_point),
            rank=Window(RowNumber(), partition_by=a_point, order_by=[F("last_news_on").desc(), F("number")]),
        )
        .filter(rank__lte=SHOWN)
        .only("number", "slug", "title", "is_example", "state", "progress", "last_news_on")
    )
    first: dict[int, list[Measure]] = {}
    for row in rows:
        first.setdefault(row.point, []).append(row)
    return first
