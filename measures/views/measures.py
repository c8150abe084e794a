"""The list of measures, and one measure with its story."""

import datetime as dt
from typing import Any, NamedTuple, cast

from django.core.paginator import Paginator
from django.db.models import CharField, DateField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from conferences.models import Debate
from dialog.forms.filters import PAGE
from dialog.models import District, Organization, Recommendation, Strand
from dialog.prepared import prepared
from dialog.readers import same_for_readers
from measures import aims, changes, story
from measures.charts import line_chart
from measures.filters import MeasureFilter
from measures.models import (
    Attachment,
    CooperationAgreement,
    CouncilReport,
    Guideline,
    IndicatorValue,
    Measure,
    MeasureMilestone,
    ProgressUpdate,
    Question,
    ResolutionPoint,
)
from measures.models.measures import MeasureQuerySet
from measures.views.measure_files import SUFFIXES

PAGE_SIZE = 25
#: What lists of measures show.
LISTED = (
    *("pk", "number", "slug", "title", "is_example", "standing", "progress"),
    *("last_news_on", "starts_on", "ends_on", "date_precision"),
    *("field__name", "field__accent", "lead__name", "news_is_example"),
)
#: What the page of a measure shows of it and of the rows it points at.
COLUMNS = (
    *(column.name for column in Measure._meta.concrete_fields if column.name not in {"search_text", "record_key"}),
    *("field__name", "field__slug", "field__accent", "lead__name", "lead__slug", "goal__title", "goal__field__slug"),
    *("lead__phone", "lead__public_email", "lead__website"),
    *("merged_into__number", "merged_into__slug", "merged_into__title", "merged_into__state"),
)
#: So many axes stand open in the form; the others are one click away.
OPEN_GROUPS = 3
#: So many news stand open on a measure's page; older ones are one click away.
RECENT_NEWS = 6


@same_for_readers
def measures(request: HttpRequest) -> HttpResponse:
    """All measures, to be searched, narrowed down and sorted; everything chosen is in the address."""
    today = timezone.localdate()
    chosen = MeasureFilter(request.GET, user=request.user, today=today)
    # What is found knows its length and gives its parts, and that is all that a page asks of it.
    page = Paginator(cast(Any, chosen.found), PAGE_SIZE).get_page(request.GET.get(PAGE))
    listed = _listed(list(page.object_list), request.user, today)
    page.object_list = _with_places(listed, request.user, chosen.district_names)
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
            "files": SUFFIXES,
        },
    )


def _listed(keys: list[int], user: Any, today: dt.date) -> list[Any]:
    """The rows of a list with these primary keys, in their order."""
    rows = {row.pk: row for row in _rows(user, today, *_padded(keys))}
    return [rows[key] for key in keys if key in rows]


@prepared
def _rows(user: Any, today: dt.date, *keys: int) -> QuerySet:
    return for_lists(Measure.objects.visible_to(user).filter(pk__in=keys).order_by(), today)


@prepared
def _districts(user: Any, *keys: int) -> QuerySet:
    return Measure.districts.through.objects.filter(measure__in=keys).order_by().values_list("measure", "district")


def _padded(keys: list[int]) -> list[int]:
    """As many keys as a page has, so that each page asks the same query; no row has the key 0."""
    return [*keys, *[0] * (PAGE_SIZE - len(keys))]


def for_lists(rows: MeasureQuerySet, today: dt.date) -> Any:
    """What a list shows of `rows`, as plain rows of the columns `LISTED`; the last says if news are invented.

    Models would cost more than all else about a list.
    """
    news = ProgressUpdate.objects.filter(measure=OuterRef("pk"), date=OuterRef("last_news_on"), is_example=True)
    return rows.with_standing(today).annotate(news_is_example=Exists(news)).values_list(*LISTED, named=True)


def _with_places(measures: list[Any], user: Any, names: dict[int, str]) -> list[tuple[Any, str]]:
    """Each of `measures` with its districts in words, by the `names` of those the reader may see."""
    links: dict[int, list[str]] = {}
    for key, district in _districts(user, *_padded([measure.pk for measure in measures])):
        if district in names:
            links.setdefault(key, []).append(names[district])
    return [(measure, ", ".join(sorted(links.get(measure.pk, []))) or _("ganze Stadt")) for measure in measures]


@same_for_readers
def measure(request: HttpRequest, number: str, slug: str = "") -> HttpResponse:
    """One measure: where it comes from, where it stands, and what is next."""
    user, today = request.user, timezone.localdate()
    found = _one(user, number)
    if not found:
        raise Http404
    (measure,) = found
    if slug != measure.slug:
        return redirect(measure, permanent=True)
    key = measure.pk
    recommendations = _recommendations(user, key)
    around = _around(user, key)
    updates, milestones, reports = _updates(user, key), _milestones(user, key), _reports_on(user, number)
    return render(
        request,
        "measures/measure_detail.html",
        {
            "measure": measure,
            "standing": measure.standing_on(today),
            "expected_on": measure.due_on if measure.state in Measure.UNFINISHED else None,
            "today": today,
            **around,
            "aims": _aims(measure, around["guidelines"]),
            "charts": _charts(user, key) if measure.has_charts else [],
            "attachments": _attachments(user, key) if measure.has_attachments else [],
            "questions": _questions(user, key) if measure.has_questions else [],
            "may_update": (may_update := user.has_perm("measures.update_measure", measure)),
            "shows_money": measure.money_public or may_update,
            "milestones": milestones,
            "next_milestone": _next_step(measure, milestones),
            "news": updates[:RECENT_NEWS],
            "older_news": updates[RECENT_NEWS:],
            "reports": reports,
            "story": story.tell(
                measure,
                recommendations=recommendations,
                debates=_debates(user, key, recommendations),
                points=_points(user, key),
                updates=updates,
                reports=reports,
                today=today,
            ),
        },
    )


@prepared
def _one(user: Any, number: str) -> QuerySet[Measure]:
    """The measure with what a page shows of it, and whether there are parts that most measures do not have."""
    own = OuterRef("pk")
    return (
        Measure.objects.visible_to(user)
        .filter(number=number)
        .order_by()
        .select_related("field", "goal__field", "lead", "merged_into")
        .only(*COLUMNS)
        .annotate(
            has_charts=Exists(IndicatorValue.objects.visible_to(user).filter(indicator__measures=own)),
            has_attachments=Exists(Attachment.objects.visible_to(user).filter(measure=own)),
            has_questions=Exists(Question.objects.visible_to(user).published().filter(measure=own)),
        )
    )


@prepared
def _recommendations(user: Any, key: int) -> QuerySet[Recommendation]:
    rows = Recommendation.objects.visible_to(user).filter(measures=key).select_related("body__process")
    texts = ("body__name", "body__kind", "body__process__name")
    return rows.only("number", "title", "slug", "state", "date", "date_precision", "is_example", *texts)


@prepared
def _updates(user: Any, key: int) -> QuerySet[ProgressUpdate]:
    return ProgressUpdate.objects.visible_to(user).filter(measure=key)


@prepared
def _milestones(user: Any, key: int) -> QuerySet[MeasureMilestone]:
    return MeasureMilestone.objects.visible_to(user).filter(measure=key).order_by("position")


@prepared
def _points(user: Any, key: int) -> QuerySet[ResolutionPoint]:
    rows = ResolutionPoint.objects.visible_to(user).filter(measures=key).select_related("resolution").order_by()
    resolution = ("resolution__title", "resolution__slug", "resolution__adopted_on", "resolution__is_example")
    return rows.only("position", "title", "state", *resolution)


@prepared
def _attachments(user: Any, key: int) -> QuerySet[Attachment]:
    rows = Attachment.objects.visible_to(user).filter(measure=key).order_by("pk")
    return rows.select_related("document", "small")


@prepared
def _questions(user: Any, key: int) -> QuerySet[Question]:
    return Question.objects.visible_to(user).published().filter(measure=key)


@prepared
def _reports_on(user: Any, number: str) -> QuerySet[CouncilReport]:
    """The published reports that speak of the measure; their content names it by its number."""
    return CouncilReport.objects.visible_to(user).published().telling_of(number)


@prepared
def _debates_behind(user: Any, key: int) -> QuerySet[Debate]:
    rows = Debate.objects.visible_to(user).filter(recommendation__measures=key).select_related("conference").order_by()
    conference = ("conference__title", "conference__slug", "conference__date")
    return rows.only("recommendation", "outcome", "note", "is_example", *conference)


def _debates(user: Any, key: int, recommendations: list[Recommendation]) -> list[Debate]:
    """The debates of these recommendations to a measure, each with its own out of them."""
    known = {row.pk: row for row in recommendations}
    debates = [row for row in _debates_behind(user, key) if row.recommendation_id in known]
    for debate in debates:
        debate.recommendation = known[debate.recommendation_id]
    return debates


def _next_step(measure: Measure, milestones: list[MeasureMilestone]) -> MeasureMilestone | None:
    """The step that is due first, of a measure that is not at its end; those without a date come last."""
    if measure.state not in Measure.UNFINISHED:
        return None
    ahead = [row for row in milestones if row.done_on is None]
    return min(ahead, key=lambda row: (row.due_on or dt.date.max, row.position), default=None)


class Link(NamedTuple):
    """Something around a measure; of agreements also the day, as exactly as it is known, and if they are invented."""

    words: str
    address: str
    date: dt.date | None
    precision: str
    is_example: bool

    @property
    def place(self) -> tuple[int, str, str]:
        """Where it stands among others of its kind: the newest first, then by its words."""
        return -self.date.toordinal() if self.date else 0, self.words, self.address


def _around(user: Any, key: int) -> dict[str, list[Link]]:
    """Agreements, strands, districts, partners and guidelines of a measure, by kind."""
    found: dict[str, list[Link]] = {
        kind: [] for kind in ("agreements", "strands", "districts", "partners", "guidelines")
    }
    for kind, *row in _links(user, key):
        found[kind].append(Link(*row))
    return {kind: sorted(rows, key=lambda row: row.place) for kind, rows in found.items()}


def _aims(measure: Measure, guidelines: list[Link]) -> list[aims.Aim]:
    """What the city wants with the measure, if that is noted."""
    name, address, fields = measure.field.name, measure.field.get_absolute_url(), reverse("fields_of_action")
    wanted = [aims.Wanted(False, link.words, fields + link.address, name, address) for link in guidelines]
    if goal := measure.goal:
        anchor = f"{goal.field.get_absolute_url()}#ziel-{goal.pk}"
        wanted.append(aims.Wanted(True, goal.title, anchor, name, address))
    return aims.by_field(wanted)


@prepared
def _links(user: Any, key: int) -> QuerySet:
    """Kind and columns of each `Link`; all kinds in one query."""
    slug = Cast("slug", CharField())
    anchor = Concat(F("field__slug"), Value("/#leitlinie-"), Cast("pk", CharField()))
    kinds: dict[str, tuple[QuerySet, str, Any]] = {
        "strands": (Strand.objects.visible_to(user).filter(measures=key), "name", Value("")),
        "districts": (District.objects.visible_to(user).filter(measures=key), "name", slug),
        "partners": (Organization.objects.visible_to(user).filter(partnered_measures=key), "name", slug),
        "guidelines": (Guideline.objects.visible_to(user).filter(measures=key), "title", anchor),
    }
    agreements = CooperationAgreement.objects.visible_to(user).filter(measure=key)
    dated = agreements.order_by().values_list(
        Value("agreements"), "title", slug, "concluded_on", "date_precision", "is_example"
    )
    undated = (Cast(Value(None), DateField()), Value(""), Value(False))
    others = [
        rows.order_by().values_list(Value(kind), column, address, *undated)
        for kind, (rows, column, address) in kinds.items()
    ]
    return dated.union(*others, all=True)


@prepared
def _values(user: Any, key: int) -> QuerySet[IndicatorValue]:
    return IndicatorValue.objects.visible_to(user).filter(indicator__measures=key).select_related("indicator")


def _charts(user: Any, key: int) -> list[Any]:
    """The indicators that tell of a measure, each drawn."""
    by_indicator: dict[int, list[IndicatorValue]] = {}
    for row in _values(user, key):
        by_indicator.setdefault(row.indicator_id, []).append(row)
    charts = [line_chart(rows[0].indicator, rows) for rows in by_indicator.values()]
    return [chart for chart in charts if chart]


def measure_changes(request: HttpRequest, number: str) -> HttpResponse:
    """What was changed of a measure, field by field, old and new."""
    measure = get_object_or_404(Measure.objects.visible_to(request.user), number=number)
    page = Paginator(changes.of(measure, request.user), PAGE_SIZE).get_page(request.GET.get(PAGE))
    return render(request, "measures/measure_changes.html", {"measure": measure, "page_obj": page})
