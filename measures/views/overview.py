"""The measures in pictures, and the indicators."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from measures import overview
from measures.charts import line_chart
from measures.models import Indicator, IndicatorValue, Measure


def measures_overview(request: HttpRequest) -> HttpResponse:
    """By field and by strand: how the measures stand, how that changed in a year, how fresh the news are."""
    shown = overview.of(request.user, timezone.localdate())
    charts = [line_chart(row, row.values.all()) for row in _with_values(request.user)]
    return render(
        request, "measures/overview.html", {"overview": shown, "charts": [chart for chart in charts if chart]}
    )


def indicators(request: HttpRequest) -> HttpResponse:
    """All indicators by field, those without one first."""
    rows = _with_values(request.user).select_related("field").order_by("field__position", "name")
    groups: dict[Any, list[Any]] = {}
    for row in rows:
        groups.setdefault(row.field, []).append((row, line_chart(row, row.values.all())))
    return render(request, "measures/indicator_list.html", {"groups": groups.items()})


def indicator(request: HttpRequest, slug: str) -> HttpResponse:
    """One indicator: its values as chart and table, the target, the source, and the measures meant to move it."""
    row = get_object_or_404(_with_values(request.user).select_related("field"), slug=slug)
    measures = Measure.objects.visible_to(request.user).filter(indicators=row)
    return render(
        request,
        "measures/indicator_detail.html",
        {
            "indicator": row,
            "chart": line_chart(row, row.values.all()),
            "measures": measures.with_standing(timezone.localdate()),
        },
    )


def _with_values(user: Any) -> QuerySet:
    values = Prefetch("values", IndicatorValue.objects.visible_to(user))
    return Indicator.objects.visible_to(user).prefetch_related(values)
