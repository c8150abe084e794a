"""The fields of action: what the city wants in each, and what has come of it."""

import datetime as dt
from collections.abc import Iterable
from itertools import chain, islice
from typing import Any

from django.db.models import F, FilteredRelation, Prefetch, Q, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from dialog.models import Body, FieldOfAction, Recommendation, Strand
from dialog.readers import same_for_readers
from measures import facets
from measures.charts import line_chart
from measures.models import CooperationAgreement, Goal, Guideline, Indicator, IndicatorValue, Measure
from measures.views.measures import for_lists

#: So many measures of each standing, and for each goal and guideline, stand on the field's page; the list has all.
SHOWN, SHOWN_FOR_EACH = 5, 3


@same_for_readers
def fields_of_action(request: HttpRequest) -> HttpResponse:
    """The four fields, each with what has become of its measures."""
    found = facets.of(Measure.objects.visible_to(request.user), timezone.localdate())
    fields = FieldOfAction.objects.visible_to(request.user)
    return render(
        request,
        "measures/field_list.html",
        {"fields": [(field, found.standings(field=field.pk)) for field in fields]},
    )


@same_for_readers
def field_of_action(request: HttpRequest, slug: str) -> HttpResponse:
    """One field: guidelines and goals, measures by standing, and who works on them."""
    user, today = request.user, timezone.localdate()
    field = get_object_or_404(FieldOfAction.objects.visible_to(user), slug=slug)
    found = facets.of(Measure.objects.visible_to(user), today)
    shares = found.standings(field=field.pk)
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
            **_wanted(field, found, user, today),
            "agreements": CooperationAgreement.objects.visible_to(user).filter(field=field),
            "groups": Body.objects.visible_to(user).working_groups().at_work().filter(fields=field),
            "charts": [chart for chart in charts if chart],
        },
    )


def _wanted(field: FieldOfAction, found: facets.Facets, user: Any, today: dt.date) -> dict[str, list[Any]]:
    """Guidelines and goals of a field, and its recommendations.

    Each guideline and goal knows how many measures serve it (`number`), the first by news, and what recommended these.
    """
    strands = Prefetch("strands", Strand.objects.visible_to(user))
    wanted: dict[str, list[Any]] = {
        "guideline": list(Guideline.objects.visible_to(user).filter(field=field)),
        "goal": list(Goal.objects.visible_to(user).filter(field=field).prefetch_related(strands)),
    }
    keys: dict[tuple[str, int], list[int]] = {}
    for axis, rows in wanted.items():
        for row in rows:
            bits = found.bits[axis].get(row.pk, 0)
            row.number = bits.bit_count()
            keys[axis, row.pk] = list(islice(found.keys_in(facets.USUAL, bits), SHOWN_FOR_EACH))
    measures = Measure.objects.visible_to(user).filter(pk__in=set(chain.from_iterable(keys.values())))
    known = {measure.pk: measure for measure in for_lists(measures, today)}
    recommendations = _recommendations(field, known, user)
    for axis, rows in wanted.items():
        for row in rows:
            row.first_measures = [known[key] for key in keys[axis, row.pk] if key in known]
            serving = {measure.pk for measure in row.first_measures}
            row.recommendations = _each_once(found for found in recommendations if found.measure in serving)
    return {
        "guidelines": wanted["guideline"],
        "goals": wanted["goal"],
        "recommendations": _each_once(row for row in recommendations if row.field_id == field.pk),
    }


def _recommendations(field: FieldOfAction, measures: Iterable[int], user: Any) -> list[Any]:
    """The recommendations of a field and those behind these measures: once for each such `measure`, or without one."""
    keys = [0, *measures]  # no row has the key 0; among no keys at all nothing would be found
    rows = Recommendation.objects.visible_to(user).select_related("body")
    rows = rows.annotate(behind=FilteredRelation("measures", condition=Q(measures__in=keys)))
    return list(rows.filter(Q(field=field) | Q(behind__isnull=False)).annotate(measure=F("behind")))


def _each_once(rows: Iterable[Recommendation]) -> list[Recommendation]:
    return list({row.pk: row for row in rows}.values())


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
