"""Where the measures are: by district, and on a map for those who ask for one."""

import datetime as dt
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialog.models import District
from measures.filters import Found, MeasureFilter
from measures.models import Measure

#: So many measures of each district stand on the page; the list has all.
SHOWN = 5
#: So many measures are on the map at most, those with the newest news; more would make it slow and unreadable.
MAX_ON_MAP = 500


def measure_map(request: HttpRequest) -> HttpResponse:
    """What the list of measures would show, by district; the map itself is loaded by the reader."""
    today = timezone.localdate()
    chosen = MeasureFilter(request.GET, user=request.user, today=today)
    response = render(
        request,
        "measures/measure_map.html",
        {
            "filter": chosen,
            "districts": _by_district(chosen, request.user, today),
            "server": urlsplit(settings.MAP_TILE_URL).hostname,
            "tiles": settings.MAP_TILE_URL,
            "attribution": settings.MAP_ATTRIBUTION.replace("{year}", str(today.year)),
            "has_points": Measure.objects.visible_to(request.user).exclude(latitude=None).exists()
            or District.objects.visible_to(request.user).exclude(latitude=None).exists(),
        },
    )
    if settings.MAP_TILE_URL:
        response._csp_update = {"img-src": [_origin(settings.MAP_TILE_URL)]}  # type: ignore[attr-defined]
    return response


def places_on_map(request: HttpRequest) -> JsonResponse:
    """The points of the map for the same choice: places with their measures, and districts with how many they have."""
    today = timezone.localdate()
    chosen = MeasureFilter(request.GET, user=request.user, today=today)
    return JsonResponse({"places": _places(chosen, request.user, today), "districts": _districts(chosen, request.user)})


def _by_district(chosen: MeasureFilter, user: Any, today: dt.date) -> list[dict[str, Any]]:
    """Each district with a measure on the list, and the whole city: how many, the first of them, the way to all."""
    options = _district_options(chosen)
    first = {option.value: _first(chosen, option.value) for option in options}
    keys = {key for some in first.values() for key in some}
    rows = Measure.objects.visible_to(user).filter(pk__in=keys).with_standing(today).select_related("lead")
    measures = {row.pk: row for row in rows}
    return [
        {
            "name": option.label,
            "slug": option.value,
            "count": option.count,
            "address": _list_address(chosen, option.value),
            "measures": [measures[key] for key in first[option.value] if key in measures],
        }
        for option in options
    ]


def _first(chosen: MeasureFilter, district: str) -> list[int]:
    """The primary keys of the first measures on the list that are in this district."""
    here = chosen.facets.bits["district"].get(chosen.choices["ortsteil"][district].key, 0)
    return Found(chosen.facets, chosen.found.bits & here, chosen.order)[:SHOWN]


def _district_options(chosen: MeasureFilter) -> list[Any]:
    """The districts, and the whole city, that have a measure on the list."""
    districts = next(group for group in chosen.groups() if group.name == "ortsteil")
    wanted = chosen.data.getlist("ortsteil")
    return [option for option in districts.options if option.count and (option.chosen or not wanted)]


def _list_address(chosen: MeasureFilter, district: str) -> str:
    """The list of measures with this choice, in one district."""
    address = chosen.data.copy()
    address.setlist("ortsteil", [district])
    return f"{reverse('measures')}?{address.urlencode()}"


def _places(chosen: MeasureFilter, user: Any, today: dt.date) -> list[dict[str, Any]]:
    """The points with a measure; what is at the same point stands together."""
    columns = ("number", "slug", "title", "place", "latitude", "longitude", "state", "last_news_on", "is_example")
    points: dict[tuple, dict[str, Any]] = {}
    wanted = set(chosen.found)
    placed = Measure.objects.visible_to(user).exclude(latitude=None).only(*columns)
    for row in islice((row for row in placed.iterator() if row.pk in wanted), MAX_ON_MAP):
        point = points.setdefault(
            (row.latitude, row.longitude),
            {"lat": float(row.latitude), "lon": float(row.longitude), "place": row.place, "measures": []},
        )
        words = str(row.standing_on(today).label)
        if row.is_example:
            words = _("%(standing)s, Beispiel") % {"standing": words}
        point["measures"].append({"title": row.title, "url": row.get_absolute_url(), "standing": words})
    for point in points.values():
        titles = [measure["title"] for measure in point["measures"]]
        number = len(titles)
        point["label"] = (
            titles[0]
            if number == 1
            else ngettext("%(number)s Maßnahme an diesem Ort", "%(number)s Maßnahmen an diesem Ort", number)
            % {"number": number}
        )
    return list(points.values())


def _districts(chosen: MeasureFilter, user: Any) -> list[dict[str, Any]]:
    """The districts with a point and a measure on the list."""
    options = {option.value: option for option in _district_options(chosen)}
    rows = District.objects.visible_to(user).exclude(latitude=None).filter(slug__in=options)
    return [
        {
            "lat": float(row.latitude),
            "lon": float(row.longitude),
            "count": options[row.slug].count,
            "label": ngettext(
                "%(district)s: %(number)s Maßnahme im Ortsteil",
                "%(district)s: %(number)s Maßnahmen im Ortsteil",
                options[row.slug].count,
            )
            % {"district": row.name, "number": options[row.slug].count},
            "url": _list_address(chosen, row.slug),
        }
        for row in rows
    ]


def _origin(address: str) -> str:
    """The server of an address as a content policy names it; `{s}` stands for any of its names."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"
