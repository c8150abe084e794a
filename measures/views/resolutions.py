"""The council's resolutions, and the state of each of their points."""

from itertools import chain
from typing import Any

from django.db.models import Count, F, Prefetch, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from dialog.models import Recommendation
from measures import aims, story
from measures.filters import point_value
from measures.models import CouncilReport, Measure, ProgressUpdate, Resolution, ResolutionPoint

#: So many measures stand under each point; the list has all.
SHOWN = 3
#: So many recommendations stand in the story of a point; the others are one click away.
SHOWN_BEHIND = 4


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
    first, behind = _first_measures(resolution, user), _recommendations(resolution, user)
    newest = _newest_updates([measure for measures in first.values() for measure in measures], user)
    wanted = aims.of_measures([measure.pk for measures in first.values() for measure in measures], user)
    reports = list(CouncilReport.objects.visible_to(user).published().telling_of(resolution.get_absolute_url()))
    for point in points:
        point.resolution = resolution
        point.first_measures = first.get(point.pk, [])
        point.value = point_value(resolution.slug, point.position)
        point.story = story.of_point(
            point,
            recommendations=behind.get(point.pk, [])[:SHOWN_BEHIND],
            measures=point.first_measures,
            updates=[newest[measure.pk] for measure in point.first_measures if measure.pk in newest],
            reports=reports[-1:],
        )
        point.aims = aims.by_field(chain.from_iterable(wanted.get(row.pk, []) for row in point.first_measures))
        # What the page says anyway, that it was decided and reported, is no story.
        point.has_story = bool(behind.get(point.pk) or point.first_measures)
        point.more_behind = behind.get(point.pk, [])[SHOWN_BEHIND:]
    return render(
        request,
        "measures/resolution_detail.html",
        {"resolution": resolution, "points": points, "reports": reports},
    )


def _recommendations(resolution: Resolution, user: Any) -> dict[int, list[Recommendation]]:
    """By point the recommendations that its measures came from, the oldest first, each once."""
    rows = (
        Recommendation.objects.visible_to(user)
        .filter(measures__in=Measure.objects.visible_to(user), measures__decided_in__resolution=resolution)
        .annotate(point=F("measures__decided_in"))
        .select_related("body__process")
        .order_by("date", "number")
        .distinct()
    )
    behind: dict[int, list[Recommendation]] = {}
    for row in rows:
        behind.setdefault(row.point, []).append(row)
    return behind


def _newest_updates(measures: list[Measure], user: Any) -> dict[int, ProgressUpdate]:
    """The newest word on each of these measures, by its primary key."""
    rows = ProgressUpdate.objects.visible_to(user).filter(measure__in=measures, date=F("measure__last_news_on"))
    return {row.measure_id: row for row in rows.select_related("measure")}


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
        .only(
            *("number", "slug", "title", "is_example", "state", "progress"),
            *("last_news_on", "starts_on", "date_precision"),
        )
    )
    first: dict[int, list[Measure]] = {}
    for row in rows:
        first.setdefault(row.point, []).append(row)
    return first
