"""The fields of action: what the city wants in each, and what has come of it."""

import datetime as dt
from typing import Any

from django.db.models import F, Prefetch, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from dialog.models import Body, FieldOfAction, Recommendation, Strand
from measures import facets
from measures.charts import line_chart
from measures.models import CooperationAgreement, Goal, Guideline, Indicator, IndicatorValue, Measure
from measures.views.measures import for_lists

#: So many measures of each standing stand on the field's page; the list has all.
SHOWN = 5


def fields_of_action(request: HttpRequest) -> HttpResponse:
    """The four fields, each with what has become of its measures."""
    found = facets.of(Measure.objects.visible_to(request.user), timezone.localdate())
    fields = FieldOfAction.objects.visible_to(request.user)
    return render(
        request,
        "measures/field_list.html",
        {"fields": [(field, found.standings(field=field.pk)) for field in fields]},
    )


def field_of_action(request: HttpRequest, slug: str) -> HttpResponse:
    """One field: guidelines and goals, measures by standing, and who works on them."""
    user, today = request.user, timezone.localdate()
    field = get_object_or_404(FieldOfAction.objects.visible_to(user), slug=slug)
    shares = facets.of(Measure.objects.visible_to(user), today).standings(field=field.pk)
    values = Prefetch("values", IndicatorValue.objects.visible_to(user))
    indicators = Indicator.objects.visible_to(user).filter(field=field).prefetch_related(values)
    charts = [line_chart(indicator, indicator.values.all()) for indicator in indicators]
    return render(
        request,
        "measures/field_detail.html",
        {
            "field": field,
            "shares": shares,
            "total": sum(number for _standing, _words, number in shares),
            "by_standing": _by_standing(field, shares, user, today),
            "guidelines": Guideline.objects.visible_to(user).filter(field=field),
            "goals": Goal.objects.visible_to(user)
            .filter(field=field)
            .prefetch_related(Prefetch("strands", Strand.objects.visible_to(user))),
            "recommendations": Recommendation.objects.visible_to(user).filter(field=field).select_related("body"),
            "agreements": CooperationAgreement.objects.visible_to(user).filter(field=field),
            "groups": Body.objects.visible_to(user).working_groups().at_work().filter(fields=field),
            "charts": [chart for chart in charts if chart],
        },
    )


def _by_standing(field: FieldOfAction, shares: list, user: Any, today: dt.date) -> list[tuple[str, str, int, list]]:
    """For each standing that occurs: itself, its words, how many measures, and the first of them by news."""
    rank = Window(RowNumber(), partition_by=F("standing"), order_by=[F("last_news_on").desc(), F("number")])
    rows = (
        Measure.objects.visible_to(user)
        .filter(field=field)
        .with_standing(today)
        .annotate(rank=rank)
        .filter(rank__lte=SHOWN)
    )
    first: dict[str, list] = {}
    for row in for_lists(rows, today):
        first.setdefault(row.standing, []).append(row)
    return [(standing, words, number, first.get(standing, [])) for standing, words, number in shares if number]
