"""The list of measures, and one measure with its story."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from conferences.models import Debate
from dialog.forms.filters import PAGE
from dialog.models import District, Organization, Recommendation, Strand
from measures import story
from measures.filters import MeasureFilter
from measures.models import (
    CooperationAgreement,
    CouncilReport,
    Guideline,
    Measure,
    MeasureMilestone,
    ProgressUpdate,
    ResolutionPoint,
)
from measures.models.measures import MeasureQuerySet

PAGE_SIZE = 25
#: What lists of measures show.
LISTED = (
    *("number", "slug", "title", "is_example", "state", "progress"),
    *("last_news_on", "starts_on", "ends_on", "date_precision"),
    *("field__name", "field__slug", "field__accent", "lead__name"),
)
#: So many axes stand open in the form; the others are one click away.
OPEN_GROUPS = 3
#: So many news stand open on a measure's page; older ones are one click away.
RECENT_NEWS = 6


def measures(request: HttpRequest) -> HttpResponse:
    """All measures, to be searched, narrowed down and sorted; everything chosen is in the address."""
    today = timezone.localdate()
    chosen = MeasureFilter(request.GET, user=request.user, today=today)
    pages = Paginator(for_lists(chosen.qs, today), PAGE_SIZE)
    pages.count = chosen.count  # counted by the facets already
    page = pages.get_page(request.GET.get(PAGE))
    page.object_list = with_places(page.object_list, chosen.district_names)
    groups = chosen.groups()
    return render(
        request,
        "measures/measure_list.html",
        {
            "filter": chosen,
            "groups": groups[:OPEN_GROUPS],
            "more_groups": groups[OPEN_GROUPS:],
            "more_is_used": any(group.is_used for group in groups[OPEN_GROUPS:]),
            "page_obj": page,
        },
    )


def for_lists(rows: MeasureQuerySet, today: dt.date) -> MeasureQuerySet:
    """`rows` with what a list shows of them, and no more; also whether the news they stand by are invented."""
    news = ProgressUpdate.objects.filter(measure=OuterRef("pk"), date=OuterRef("last_news_on"), is_example=True)
    rows = rows.with_standing(today).annotate(news_is_example=Exists(news))
    return rows.select_related("field", "lead").only(*LISTED)


def with_places(rows: Iterable[Any], names: dict[int, str]) -> list[Any]:
    """`rows`, each with its districts in `places`, by the `names` of those the reader may see.

    One small query: to prefetch a relation costs more than the rest of the list.
    """
    measures = list(rows)
    links: dict[int, list[str]] = {}
    for key, district in Measure.districts.through.objects.filter(measure__in=measures).values_list(
        "measure", "district"
    ):
        if district in names:
            links.setdefault(key, []).append(names[district])
    for measure in measures:
        measure.places = ", ".join(sorted(links.get(measure.pk, []))) or _("ganze Stadt")
    return measures


def measure(request: HttpRequest, number: str, slug: str = "") -> HttpResponse:
    """One measure: where it comes from, where it stands, and what is next."""
    user, today = request.user, timezone.localdate()
    measure = get_object_or_404(Measure.objects.visible_to(user).select_related("field", "goal", "lead"), number=number)
    if slug != measure.slug:
        return redirect(measure, permanent=True)
    recommendations = list(
        Recommendation.objects.visible_to(user).filter(measures=measure).select_related("body__process")
    )
    updates = list(ProgressUpdate.objects.visible_to(user).filter(measure=measure))
    milestones = list(MeasureMilestone.objects.visible_to(user).filter(measure=measure))
    reports = list(_reports_on(measure, user))
    return render(
        request,
        "measures/measure_detail.html",
        {
            "measure": measure,
            "standing": measure.standing_on(today),
            "strands": _names(Strand.objects.visible_to(user).filter(measures=measure)),
            "districts": _names(District.objects.visible_to(user).filter(measures=measure)),
            "partners": _names(Organization.objects.visible_to(user).filter(partnered_measures=measure)),
            "guidelines": _names(Guideline.objects.visible_to(user).filter(measures=measure), "title"),
            "agreements": CooperationAgreement.objects.visible_to(user).filter(measure=measure),
            "milestones": milestones,
            "next_milestone": _next_step(measure, milestones),
            "news": updates[:RECENT_NEWS],
            "older_news": updates[RECENT_NEWS:],
            "reports": reports,
            "story": story.tell(
                measure,
                recommendations=recommendations,
                debates=_debates(recommendations, user),
                points=ResolutionPoint.objects.visible_to(user).filter(measures=measure).select_related("resolution"),
                updates=updates,
                reports=reports,
                today=today,
            ),
        },
    )


def _debates(recommendations: list[Recommendation], user: Any) -> list[Debate]:
    """The debates of these recommendations, each with its own out of them."""
    known = {row.pk: row for row in recommendations}
    debates = list(Debate.objects.visible_to(user).filter(recommendation__in=known).select_related("conference"))
    for debate in debates:
        debate.recommendation = known[debate.recommendation_id]
    return debates


def _next_step(measure: Measure, milestones: list[MeasureMilestone]) -> MeasureMilestone | None:
    """The step that is due first, of a measure that is not at its end; those without a date come last."""
    if measure.state not in Measure.UNFINISHED:
        return None
    ahead = [row for row in milestones if row.done_on is None]
    return min(ahead, key=lambda row: (row.due_on or dt.date.max, row.position), default=None)


def _names(rows: QuerySet, column: str = "name") -> list[str]:
    return list(rows.values_list(column, flat=True))


def _reports_on(measure: Measure, user: Any) -> Any:
    """The published reports that speak of the measure; their content names it by its number."""
    published = CouncilReport.objects.visible_to(user).published()
    return published.filter(content__icontains=f'"{measure.number}"').defer("content").order_by("year")
