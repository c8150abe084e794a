"""What a report to the council says: collected once, as plain JSON that is complete in itself.

Only what everyone may read goes in (`visible_to` the anonymous reader), and only what was so at the end of the
cut-off day: a report that is made late, or once more, tells the state of its day and not of today. Keys that end
in `_on` hold dates. Labels stand beside codes, so that the text stays when the code's words change.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count, Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from conferences.models import Conference, Debate
from dialog.models import (
    Addressee,
    Body,
    Declaration,
    FieldOfAction,
    Meeting,
    Milestone,
    Organization,
    Recommendation,
    Signature,
    Step,
)
from dialog.models.history import as_of
from measures.models import (
    CooperationAgreement,
    CouncilReport,
    GroupStatement,
    Measure,
    MeasureMilestone,
    ProgressUpdate,
    ReportText,
    Resolution,
    ResolutionPoint,
)
from measures.models.measures import Standing
from measures.services import report_figures
from measures.services.statements import consulted

#: Raised with every change after which an older content needs another template. Since 2 a measure names all that it
#: came from: `recommended_by` what could be read then, `decided_in` in the order of time. A key that is only printed if
#: it is there needs no new number (so came `vote`, how the council voted on a resolution, empty if not recorded).
SCHEMA = 2

#: The four that the first page counts, and what was given up.
COUNTED = (Standing.DONE, Standing.IN_PROGRESS, Standing.DECIDED, Standing.QUIET, Standing.STOPPED)

#: How far the outlook looks beyond the cut-off.
AHEAD = dt.timedelta(days=365)

_ANYONE = AnonymousUser()


@dataclass(frozen=True)
class Period:
    """The days that a report tells of, first and last included."""

    start: dt.date
    cutoff: dt.date

    def holds(self, date: dt.date | None) -> bool:
        return date is not None and self.start <= date <= self.cutoff

    @property
    def day_before(self) -> dt.date:
        """The cut-off of the report before."""
        return self.start - dt.timedelta(days=1)


def collect(report: CouncilReport, *, provisional: bool = False, corrected: bool = False) -> dict[str, Any]:
    """What `report` says, as of its cut-off; `provisional` if the year's own cut-off is still to come.

    A `corrected` one takes in what has been mended since, but nothing that has happened since. The number of queries
    does not depend on the number of rows.
    """
    period = Period(report.period_start, report.cutoff)
    last = CouncilReport.objects.visible_to(_ANYONE).filter(year=report.year - 1).first()
    trace, past = Trace(), Past(period.cutoff, mended=corrected)
    resolutions = _resolutions(period, trace, past)
    fields = _fields(_measures(period, trace, past), with_guidelines=bool(resolutions))
    groups = list(consulted(report).prefetch_related("fields"))
    statements, silent = _statements(report, groups)
    conferences = _conferences(period)
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "year": report.year,
        "title": _("Umsetzung und Ausblick %(year)d") % {"year": report.year},
        "starts_on": period.start,
        "cutoff_on": period.cutoff,
        "provisional": provisional,
        "is_first": last is None and _nothing_was_resolved_before(resolutions, period),
        "has_last": last is not None,
        "resolutions": resolutions,
        "fields": fields,
        "recommendations": _recommendations(fields, period, trace, past),
        "events": _events(conferences, period),
        "meetings": _meetings(period),
        "participation": report_figures.participation(period.start, period.cutoff),
        "indicators": report_figures.indicators(period.cutoff),
        "agreements": _agreements(period),
        "declarations": _declarations(period),
        "statements": statements,
        "silent_groups": silent,
        "groups": _groups(groups),
        "texts": _texts(report),
    }
    content["summary"] = _summary(content, period, last)
    content["outlook"] = _outlook(content, conferences, period)
    content["sources"] = sorted(set(_values(content, "source")) - {""})
    content["has_examples"] = any(_values(content, "is_example"))
    content["is_empty"] = not any(
        content[name]
        for name in ("resolutions", "fields", "recommendations", "events", "meetings", "agreements", "declarations")
    )
    return _plain(content)


def with_dates(content: Any, key: str = "") -> Any:
    """`content` as templates need it: the dates, which JSON keeps as text, are dates again."""
    if isinstance(content, dict):
        return {name: with_dates(value, name) for name, value in content.items()}
    if isinstance(content, list):
        return [with_dates(value, key) for value in content]
    return dt.date.fromisoformat(content) if content and key.endswith("_on") else content


def _plain(content: Any) -> Any:
    """`content` as JSON knows it."""
    if isinstance(content, dict):
        return {name: _plain(value) for name, value in content.items()}
    if isinstance(content, list):
        return [_plain(value) for value in content]
    return content.isoformat() if isinstance(content, dt.date) else content


def _values(content: Any, name: str) -> Iterable[Any]:
    """All values of the key `name`, however deep."""
    if isinstance(content, dict):
        if name in content:
            yield content[name]
        for value in content.values():
            yield from _values(value, name)
    elif isinstance(content, list):
        for value in content:
            yield from _values(value, name)


# ── how a row stood on a day ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Move:
    """A step of a row's trace, without the person who took it."""

    on: dt.date
    before: str
    after: str


class Trace:
    """The steps of everyone's measures, resolution points and recommendations, read in one go.

    The trace names people and is not public; what state a public row had on which day is, and only that is read.
    """

    def __init__(self) -> None:
        self.types = ContentType.objects.get_for_models(Measure, ResolutionPoint, Recommendation)
        traced = Q()
        for model, kind in self.types.items():
            rows = model.objects.visible_to(_ANYONE)  # type: ignore[attr-defined]
            traced |= Q(content_type=kind, object_id__in=rows.values("pk"))
        self.moves: dict[tuple[int, int], list[Move]] = defaultdict(list)
        steps = Step.objects.filter(traced).order_by("at", "pk")
        for kind_id, row, before, after, at in steps.values_list(
            "content_type", "object_id", "from_state", "to_state", "at"
        ):
            self.moves[kind_id, row].append(Move(timezone.localdate(at), before, after))

    def of(self, row: models.Model) -> list[Move]:
        """The steps of `row`, oldest first."""
        return self.moves[self.types[type(row)].pk, row.pk]


def _state_on(row: Any, moves: list[Move], day: dt.date) -> tuple[str, bool]:
    """The state of a row at the end of `day`, and whether it has not moved since."""
    later = [move for move in moves if move.on > day and move.before and move.before != move.after]
    return (later[0].before, False) if later else (row.state, True)


#: What is told of a row in the words of its day; all else of it is as it is now.
_TOLD: dict[type[models.Model], tuple[str, ...]] = {
    ResolutionPoint: (
        *("title", "text", "addressee", "together_with", "responsible_id"),
        *("state", "note", "next_review_on", "due_on", "late_reason", "done_on"),
    ),
    Measure: ("title", "summary", "kind", "lead_id", "funding", "stop_reason"),
    Recommendation: ("title", "wording", "state", "outcome"),
}

#: What is written once and only ever mended; and, of what has come to its end, what was said of that.
_MENDED = {"title", "text", "summary", "wording"}
_MENDED_AT_THE_END = {"note", "outcome", "done_on", "late_reason"}
_ENDS = {
    ResolutionPoint.State.DONE,
    Recommendation.State.DONE,
    Recommendation.State.REJECTED,
    Recommendation.State.NOT_ADOPTED,
}

#: What comes with a step from state to state, as it is before the step.
_UNSAID: dict[str, Any] = {"note": "", "late_reason": "", "outcome": "", "next_review_on": None, "done_on": None}


class Past:
    """What everyone's rows said at the end of a day, by their field history: read in one go for each model.

    If `mended`, in the words of now where these can only have been put right since.
    """

    def __init__(self, day: dt.date, *, mended: bool = False) -> None:
        self.day, self.mended = day, mended
        self.rows = {model: as_of(model, day, *names) for model, names in _TOLD.items()}
        self.organizations = dict(Organization.objects.values_list("pk", "name"))

    def of(self, row: Any, moves: list[Move]) -> dict[str, Any]:
        """The fields of `row` that `_TOLD` names.

        A row taken in later, which was so before, has no history yet: it says what it says now, but for its moves.
        """
        if found := self.rows[type(row)].get(row.pk):
            return found | self._mended(row, found)
        told = {name: getattr(row, name) for name in _TOLD[type(row)]}
        if "state" in told:
            told["state"], is_same = _state_on(row, moves, self.day)
            if not is_same:
                told |= {name: empty for name, empty in _UNSAID.items() if name in told}
        return told

    def _mended(self, row: Any, found: dict[str, Any]) -> dict[str, Any]:
        if not self.mended:
            return {}
        has_ended = row.state in _ENDS and found.get("state") == row.state
        names = _MENDED | _MENDED_AT_THE_END if has_ended else _MENDED
        return {name: getattr(row, name) for name in found if name in names}

    def name_of(self, then: int | None, now: int | None) -> str:
        """The name of an institution; of one that is gone since, merged into another, of that which is `now`."""
        found = then if then is None or then in self.organizations else now
        return self.organizations[found] if found else ""


@dataclass(frozen=True)
class Known:
    """A measure at the end of a day: what was known of it then."""

    state: str
    progress: int
    news_on: dt.date
    state_since: dt.date | None
    standing: Standing


def _began_on(measure: Measure, updates: list[ProgressUpdate], moves: list[Move]) -> dt.date:
    """Since when a measure is one: the day of the step, or the earliest date that speaks of it."""
    for move in moves:
        if move.after == Measure.State.DECIDED:
            return move.on
    resolved = [point.resolution.adopted_on for point in measure.decided_in.all()]
    dates = [measure.last_news_on, measure.starts_on, *resolved, *(update.date for update in updates)]
    return min(date for date in dates if date)


def _known_on(
    measure: Measure, updates: list[ProgressUpdate], moves: list[Move], began_on: dt.date, day: dt.date
) -> Known | None:
    """How `measure` stood at the end of `day`; None if it was none yet. `updates` and `moves` oldest first."""
    if began_on > day:
        return None
    news = [update for update in updates if update.date <= day]
    # On one day the news come before the steps: what they report leads to the step.
    turns = [(update.date, 0, str(update.status)) for update in news]
    turns += [(move.on, 1, move.after) for move in moves if move.on <= day]
    turns.sort(key=lambda turn: turn[:2])
    untouched = len(news) == len(updates) and all(move.on <= day for move in moves)
    if turns:
        state = turns[-1][2]
    elif untouched and measure.last_news_on <= day:
        state = str(measure.state)
    else:
        state = str(Measure.State.DECIDED)
    since = None
    for on, _order, turned in reversed(turns):
        if turned != state:
            break
        since = on
    progress = news[-1].progress if news else measure.progress if untouched and not updates else 0
    if state == Measure.State.DONE:
        progress = 100
    news_on = max([began_on, *(on for on, _order, _state in turns)])
    if measure.last_news_on <= day:
        news_on = max(news_on, measure.last_news_on)
    as_then = Measure(state=state, last_news_on=news_on)
    return Known(state, progress, news_on, since, as_then.standing_on(day))


# ── resolutions ─────────────────────────────────────────────────────────────────────────────────────────


def _nothing_was_resolved_before(resolutions: list[dict[str, Any]], period: Period) -> bool:
    """No resolution is older than the year before this report's, so no report was due before it."""
    year_before = period.start - dt.timedelta(days=366)
    return all(row["adopted_on"] >= year_before for row in resolutions)


def _resolutions(period: Period, trace: Trace, past: Past) -> list[dict[str, Any]]:
    points = ResolutionPoint.objects.visible_to(_ANYONE)
    resolutions = (
        Resolution.objects.visible_to(_ANYONE)
        .filter(adopted_on__lte=period.cutoff)
        .prefetch_related(Prefetch("points", queryset=points.order_by("position")))
    )
    found = []
    for row in resolutions:
        said = [_point(point, trace.of(point), period, past) for point in row.points.all()]
        found.append(
            {
                "title": row.title,
                "url": row.get_absolute_url(),
                "adopted_on": row.adopted_on,
                "paper_number": row.paper_number,
                "vote": row.vote,
                "summary": row.summary,
                "source": row.source,
                "is_example": row.is_example,
                "points": said,
                "is_settled": bool(said) and all(point["is_settled"] for point in said),
            }
        )
    return found


def _point(point: ResolutionPoint, moves: list[Move], period: Period, past: Past) -> dict[str, Any]:
    told = past.of(point, moves)
    state, review_on, done_on = told["state"], told["next_review_on"], told["done_on"]
    is_done = state == ResolutionPoint.State.DONE
    due_on = told["due_on"] if state != ResolutionPoint.State.ONGOING else None
    return {
        "position": point.position,
        "title": told["title"],
        "text": told["text"],
        "addressee": str(ResolutionPoint.Addressee(told["addressee"]).label),
        "together_with": told["together_with"],
        "responsible": past.name_of(told["responsible_id"], point.responsible_id),
        "state": state,
        "state_label": str(ResolutionPoint.State(state).label),
        "note": told["note"],
        "review_on": review_on,
        "is_late": bool(review_on and review_on <= period.cutoff and not is_done),
        "due_on": due_on,
        "is_overdue": bool(due_on and due_on <= period.cutoff and not is_done),
        "late_reason": told["late_reason"],
        "done_on": done_on,
        # A point that is done is reported once more, in the year of its end; after that it stands in the annex.
        "is_settled": is_done and done_on is not None and done_on < period.start,
        "is_example": point.is_example,
    }


# ── fields and their measures ───────────────────────────────────────────────────────────────────────────


def _measures(period: Period, trace: Trace, past: Past) -> dict[int, list[dict[str, Any]]]:
    """What is said of each measure, by the id of its field."""
    rows = Measure.objects.visible_to(_ANYONE)
    decisions = ResolutionPoint.objects.select_related("resolution")
    presented = Recommendation.objects.visible_to(_ANYONE).filter(date__lte=period.cutoff)
    rows = (
        rows.defer("search_text", "description")
        .prefetch_related(
            "partners",
            "districts",
            Prefetch("updates", queryset=ProgressUpdate.objects.visible_to(_ANYONE).order_by("date", "pk")),
            Prefetch(
                "milestones", queryset=MeasureMilestone.objects.visible_to(_ANYONE).order_by("due_on", "position")
            ),
            Prefetch("decided_in", queryset=decisions.order_by("resolution__adopted_on", "resolution", "position")),
            Prefetch("recommended_by", queryset=presented.defer("search_text").order_by("number")),
        )
        .order_by("number")
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for measure in rows:
        if said := _measure(measure, trace, period, past):
            found[measure.field_id].append(said)
    return found


def _measure(measure: Measure, trace: Trace, period: Period, past: Past) -> dict[str, Any] | None:
    updates, moves = list(measure.updates.all()), trace.of(measure)
    began_on = _began_on(measure, updates, moves)
    now = _known_on(measure, updates, moves, began_on, period.cutoff)
    if now is None or now.state == Measure.State.MERGED:  # what went into another one is told there
        return None
    before = _known_on(measure, updates, moves, began_on, period.day_before)
    told = past.of(measure, moves)
    news = [update for update in updates if update.date <= period.cutoff]
    steps = _steps_ahead(measure, now.state, period.cutoff)
    return {
        "number": measure.number,
        "title": told["title"],
        "url": measure.get_absolute_url(),
        "kind": told["kind"],
        "kind_label": str(Measure.Kind(told["kind"]).label),
        "summary": told["summary"],
        "state": now.state,
        "standing": now.standing.value,
        "standing_label": _word(now.standing),
        "progress": now.progress,
        "progress_before": before.progress if before else None,
        "standing_before_label": _word(before.standing) if before and before.standing != now.standing else "",
        "began_on": began_on,
        "is_new": before is None,
        "news_on": now.news_on,
        "state_since_on": now.state_since,
        "is_newly_done": now.state == Measure.State.DONE and (before is None or before.state != now.state),
        "is_newly_stopped": now.state == Measure.State.STOPPED and (before is None or before.state != now.state),
        "stop_reason": told["stop_reason"] if now.state == Measure.State.STOPPED else "",
        "lead": past.name_of(told["lead_id"], measure.lead_id),
        "partners": [row.name for row in measure.partners.all()],
        "districts": [row.name for row in measure.districts.all()],
        "funding": told["funding"],
        "updates": [
            {"date_on": row.date, "text": row.text, "is_example": row.is_example}
            for row in news
            if period.holds(row.date)
        ],
        "outlook": news[-1].outlook if news else "",
        "next_step": steps[0] if steps else None,
        "planned": [step for step in steps if step["due_on"] and not step["is_late"]],
        "recommended_by": [
            {"number": row.number, "title": past.of(row, trace.of(row))["title"]}
            for row in measure.recommended_by.all()
            if not _was_drafted(trace.of(row), row, period.cutoff)
        ],
        "decided_in": [
            {
                "resolution": point.resolution.title,
                "position": point.position,
                "adopted_on": point.resolution.adopted_on,
            }
            for point in measure.decided_in.all()
            if point.resolution.adopted_on <= period.cutoff
        ],
        "source": measure.source,
        "is_example": measure.is_example,
    }


def _word(standing: Standing) -> str:
    """A standing in as few words as are enough where it stands beside a measure."""
    return _("ohne Neuigkeit") if standing == Standing.QUIET else str(Measure.State(standing.value).label)


def _steps_ahead(measure: Measure, state: str, cutoff: dt.date) -> list[dict[str, Any]]:
    """The milestones not reached by `cutoff`, those without a date last; none when the measure has ended."""
    if state in {Measure.State.DONE, Measure.State.STOPPED}:
        return []
    rows = [row for row in measure.milestones.all() if row.done_on is None or row.done_on > cutoff]
    rows.sort(key=lambda row: (row.due_on or dt.date.max, row.position))
    return [
        {
            "name": row.name,
            "due_on": row.due_on,
            "precision": row.date_precision,
            "is_late": row.due_on is not None and row.due_on <= cutoff,
            "is_example": row.is_example,
        }
        for row in rows
    ]


def _fields(measures: dict[int, list[dict[str, Any]]], *, with_guidelines: bool) -> list[dict[str, Any]]:
    """The fields of action with what the city wants in them, which holds since the first resolution."""
    fields = FieldOfAction.objects.visible_to(_ANYONE).prefetch_related("guidelines", "goals")
    found = []
    for field in fields:
        rows = measures.get(field.pk, [])
        guidelines = list(field.guidelines.all()) if with_guidelines else []
        goals = list(field.goals.all()) if with_guidelines else []
        if rows or guidelines or goals:
            found.append(
                {
                    "name": field.name,
                    "slug": field.slug,
                    "accent": field.accent,
                    "guidelines": [
                        {"title": row.title, "text": row.text, "source": row.source, "is_example": row.is_example}
                        for row in guidelines
                    ],
                    "goals": [
                        {"title": row.title, "text": row.text, "source": row.source, "is_example": row.is_example}
                        for row in goals
                    ],
                    "projects": [row for row in rows if row["kind"] == Measure.Kind.PROJECT],
                    "measures": [row for row in rows if row["kind"] == Measure.Kind.MEASURE],
                    "total": len(rows),
                    "counts": counted(rows),
                }
            )
    return found


def counted(measures: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many of `measures` stand where, for each of `COUNTED`."""
    numbers = Counter(row["standing"] for row in measures)
    return [
        {
            "standing": standing.value,
            "label": str(standing.label),
            "word": _word(standing),
            "number": numbers[standing.value],
        }
        for standing in COUNTED
    ]


# ── recommendations ─────────────────────────────────────────────────────────────────────────────────────


def _recommendations(fields: list[dict[str, Any]], period: Period, trace: Trace, past: Past) -> list[dict[str, Any]]:
    debates = Debate.objects.visible_to(_ANYONE).filter(conference__date__lte=period.cutoff)
    rows = (
        Recommendation.objects.visible_to(_ANYONE)
        .filter(date__lte=period.cutoff)
        .select_related("body", "field")
        .defer("search_text")
        .prefetch_related(
            Prefetch("addressees", queryset=Addressee.objects.select_related("body", "organization")),
            Prefetch("debates", queryset=debates.select_related("conference").order_by("conference__date")),
        )
        .order_by("-date", "number")
    )
    grown: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for measure in all_measures(fields):
        for recommendation in measure["recommended_by"]:
            grown[recommendation["number"]].append(
                {name: measure[name] for name in ("number", "title", "standing", "standing_label")}
            )
    return [
        _recommendation(row, trace.of(row), grown[row.number], period, past)
        for row in rows
        if not _was_drafted(trace.of(row), row, period.cutoff)
    ]


def _was_drafted(moves: list[Move], row: Recommendation, day: dt.date) -> bool:
    """At the end of `day` its body still wrote it, and nobody else could read it."""
    return _state_on(row, moves, day)[0] == Recommendation.State.DRAFTED


#: What has become of a recommendation, in the order in which the report counts it.
FATES = ("new", "unanswered", "taken_up", "done", "other")


def _fate(state: str, *, is_new: bool, is_unanswered: bool) -> str:
    """One of `FATES`: of a new one that alone counts, since the council hears of it for the first time."""
    if is_new:
        return "new"
    if is_unanswered:
        return "unanswered"
    known = {Recommendation.State.TAKEN_UP: "taken_up", Recommendation.State.DONE: "done"}
    return known.get(Recommendation.State(state), "other")


def _recommendation(
    row: Recommendation, moves: list[Move], measures: list[dict[str, Any]], period: Period, past: Past
) -> dict[str, Any]:
    told = past.of(row, moves)
    state, outcome = told["state"], told["outcome"]
    waiting = state in {Recommendation.State.PRESENTED, Recommendation.State.ADOPTED}
    is_new = row.date >= period.start or _was_drafted(moves, row, period.day_before)
    is_unanswered = waiting and not outcome and not measures
    return {
        "number": row.number,
        "title": told["title"],
        "url": row.get_absolute_url(),
        "wording": told["wording"],
        "body": row.body.full_name,
        "addressees": [
            addressee.body.full_name if addressee.body else str(addressee.organization)
            for addressee in row.addressees.all()
        ],
        "is_to_council": any(
            addressee.body is not None and addressee.body.kind == Body.Kind.COUNCIL
            for addressee in row.addressees.all()
        ),
        "field": row.field.name,
        "made_on": row.date,
        "precision": row.date_precision,
        "is_new": is_new,
        "state": state,
        "state_label": str(Recommendation.State(state).label),
        "is_unanswered": is_unanswered,
        "fate": _fate(state, is_new=is_new, is_unanswered=is_unanswered),
        "outcome": outcome,
        "measures": measures,
        "debates": [
            {
                "conference": debate.conference.title,
                "debated_on": debate.conference.date,
                "outcome_label": debate.get_outcome_display(),
                "is_example": debate.is_example,
            }
            for debate in row.debates.all()
        ],
        "source": row.source,
        "is_example": row.is_example,
    }


# ── the year ────────────────────────────────────────────────────────────────────────────────────────────


def _conferences(period: Period) -> list[Conference]:
    """The conferences of the period and of the year ahead."""
    rows = Conference.objects.visible_to(_ANYONE).filter(date__range=(period.start, period.cutoff + AHEAD))
    told = Debate.objects.visible_to(_ANYONE)
    return list(rows.prefetch_related("declarations").annotate(debated=Count("debates", filter=Q(debates__in=told))))


def _events(conferences: list[Conference], period: Period) -> list[dict[str, Any]]:
    """Conferences, workshops and other milestones of the period, in the order of time."""
    events = [
        {
            "kind_label": row.get_kind_display(),
            "title": row.title,
            "url": row.get_absolute_url(),
            "on": row.date,
            "precision": "day",
            "place": row.place,
            "text": row.summary,
            "declarations": [declaration.title for declaration in row.declarations.all()],
            "debates": row.debated,  # type: ignore[attr-defined]
            "source": row.source,
            "is_example": row.is_example,
        }
        for row in conferences
        if row.date <= period.cutoff
    ]
    # Conferences and resolutions are told of as such; their milestones would say it a second time.
    milestones = Milestone.objects.visible_to(_ANYONE).filter(
        date__range=(period.start, period.cutoff), kind__in=[Milestone.Kind.WORKSHOP, Milestone.Kind.MILESTONE]
    )
    events += [
        {
            "kind_label": row.get_kind_display(),
            "title": row.name,
            "url": "",
            "on": row.date,
            "precision": row.date_precision,
            "place": "",
            "text": row.text,
            "declarations": [],
            "debates": 0,
            "source": row.source,
            "is_example": row.is_example,
        }
        for row in milestones
    ]
    events.sort(key=lambda event: (event["on"], event["title"]))
    for event in events:
        event["held_on"] = event.pop("on")
    return events


def _meetings(period: Period) -> list[dict[str, Any]]:
    """The public meetings that were held, by body."""
    rows = (
        Meeting.objects.visible_to(_ANYONE)
        .between(period.start, period.cutoff)
        .filter(state=Meeting.State.HELD)
        .select_related("body")
        .order_by("body__position", "body__name", "starts_at")
    )
    bodies: dict[int, dict[str, Any]] = {}
    for row in rows:
        said = bodies.setdefault(row.body_id, {"body": row.body.full_name, "held_on": [], "is_example": False})
        said["held_on"].append(timezone.localdate(row.starts_at))
        said["is_example"] |= row.is_example
    return list(bodies.values())


def _agreements(period: Period) -> list[dict[str, Any]]:
    """The cooperation agreements in force at the cut-off, or ended in the period."""
    rows = (
        CooperationAgreement.objects.visible_to(_ANYONE)
        .filter(concluded_on__lte=period.cutoff)
        .exclude(ended_on__lt=period.start)
        .prefetch_related("parties", "districts")
        .order_by("concluded_on", "title")
    )
    return [
        {
            "title": row.title,
            "url": row.get_absolute_url(),
            "text": row.text,
            "parties": [party.name for party in row.parties.all()],
            "parties_text": row.parties_text,
            "districts": [district.name for district in row.districts.all()],
            "concluded_on": row.concluded_on,
            "precision": row.date_precision,
            "is_new": row.concluded_on >= period.start,
            "ended_on": row.ended_on if period.holds(row.ended_on) else None,
            "source": row.source,
            "is_example": row.is_example,
        }
        for row in rows
    ]


def _declarations(period: Period) -> list[dict[str, Any]]:
    rows = (
        Declaration.objects.visible_to(_ANYONE)
        .filter(adopted_on__lte=period.cutoff)
        .prefetch_related(
            Prefetch("signatures", queryset=Signature.objects.visible_to(_ANYONE).select_related("organization"))
        )
        .order_by("adopted_on")
    )
    return [
        {
            "title": row.title,
            "url": row.get_absolute_url(),
            "adopted_on": row.adopted_on,
            "is_new": row.adopted_on >= period.start,
            "signatories": [
                {
                    "name": signature.organization.name,
                    "is_new": signature.signed_on >= period.start,
                    "is_example": signature.is_example,
                }
                for signature in row.signatures.all()
                if signature.signed_on <= period.cutoff
            ],
            "source": row.source,
            "is_example": row.is_example,
        }
        for row in rows
    ]


def _statements(report: CouncilReport, groups: Iterable[Body]) -> tuple[list[dict[str, Any]], list[str]]:
    """What the working groups say on this report, in full; and the names of those of `groups` that said nothing."""
    # The statements become public with this very report.
    given = GroupStatement.objects.filter(report=report.pk) if report.pk else GroupStatement.objects.none()
    statements = list(given.select_related("body").order_by("body__position", "body__name"))
    spoke = {row.body_id for row in statements}
    said = [
        {
            "body": row.body.full_name,
            "position": row.position,
            "position_label": row.get_position_display(),
            "text": row.text,
            "tasks": row.tasks,
            "decided_on": row.decided_on,
            "is_example": row.is_example,
        }
        for row in statements
    ]
    return said, [group.full_name for group in groups if group.pk not in spoke]


def _groups(groups: Iterable[Body]) -> list[dict[str, Any]]:
    """The working groups consulted, each with the fields of action it works on."""
    return [
        {"name": row.full_name, "slug": row.slug, "fields": [field.slug for field in row.fields.all()]}
        for row in groups
    ]


def said_by_groups(report: CouncilReport) -> tuple[list[dict[str, Any]], list[str]]:
    """What a content says of the groups' statements: `statements` and `silent_groups` as they are now."""
    statements, silent = _statements(report, consulted(report))
    return _plain(statements), silent


def _texts(report: CouncilReport) -> dict[str, str]:
    """The texts that people wrote for this report, by kind; the empty ones too."""
    # Written to be printed here; they become public with this very report.
    written = dict(ReportText.objects.filter(report=report.pk).values_list("kind", "text")) if report.pk else {}
    return {kind: written.get(kind, "") for kind in ReportText.Kind.values}


# ── what follows from all this ──────────────────────────────────────────────────────────────────────────


def all_measures(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The measures of all `fields` of a content, projects first in each."""
    return [row for field in fields for row in (*field["projects"], *field["measures"])]


def said_of(measures: Iterable[dict[str, Any]]) -> Iterable[str]:
    """All that a report has to say of `measures` in words: titles, texts, news and why one was stopped."""
    for row in measures:
        yield from (row["title"], row["summary"], *(news["text"] for news in row["updates"]), row["stop_reason"])


def _summary(content: dict[str, Any], period: Period, last: CouncilReport | None) -> dict[str, Any]:
    """The first page: numbers, what was finished, what is stuck, what the groups say."""
    measures = all_measures(content["fields"])
    counts = counted(measures)
    before = {row["standing"]: row["number"] for row in last.content["summary"]["counts"]} if last else {}
    for row in counts:
        change = row["number"] - before[row["standing"]] if row["standing"] in before else None
        row |= {"is_compared": change is not None, "more": max(change or 0, 0), "fewer": max(-(change or 0), 0)}
    points = [
        {"resolution": resolution["title"], "position": point["position"], "review_on": point["review_on"]}
        for resolution in content["resolutions"]
        for point in resolution["points"]
        if point["is_late"]
    ]
    overdue = [
        {
            "resolution": resolution["title"],
            "position": point["position"],
            "due_on": point["due_on"],
            "late_reason": point["late_reason"],
        }
        for resolution in content["resolutions"]
        for point in resolution["points"]
        if point["is_overdue"]
    ]
    positions = Counter(row["position"] for row in content["statements"])
    fates = Counter(row["fate"] for row in content["recommendations"])
    return {
        "total": len(measures),
        "counts": counts,
        "finished": _named(row for row in measures if row["is_newly_done"]),
        "begun": _named(row for row in measures if row["is_new"]),
        "quiet": _named(row for row in measures if row["standing"] == Standing.QUIET),
        "stopped": _named(row for row in measures if row["is_newly_stopped"]),
        "late": sorted(
            _named(row for row in measures if row["next_step"] and row["next_step"]["is_late"]),
            key=lambda row: row["next_step"]["due_on"],
        ),
        "late_points": points,
        "overdue_points": overdue,
        "fates": [{"fate": fate, "number": fates[fate]} for fate in FATES],
        "agreements_added": sum(row["is_new"] for row in content["agreements"]),
        "unanswered": sum(row["is_unanswered"] for row in content["recommendations"]),
        "asked_of_council": [
            {"number": row["number"], "title": row["title"], "is_example": row["is_example"]}
            for row in content["recommendations"]
            if row["is_unanswered"] and row["is_to_council"]
        ],
        "positions": [
            {"position": position.value, "number": positions[position.value]} for position in GroupStatement.Position
        ],
        "groups": len(content["statements"]) + len(content["silent_groups"]),
    }


def _named(measures: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = ("number", "title", "news_on", "stop_reason", "next_step", "is_example")
    return [{name: row[name] for name in kept} for row in measures]


def _outlook(content: dict[str, Any], conferences: list[Conference], period: Period) -> list[dict[str, Any]]:
    """What is planned with a date in the year after the cut-off, in the order of time."""
    end = period.cutoff + AHEAD
    found = [
        {
            "due_on": step["due_on"],
            "precision": step["precision"],
            "title": step["name"],
            "measure": {"number": row["number"], "title": row["title"]},
            "is_example": step["is_example"],
        }
        for row in all_measures(content["fields"])
        for step in row["planned"]
        if step["due_on"] <= end
    ]
    found += [
        {
            "due_on": point["review_on"],
            "precision": "month",
            "title": _("Überprüfung von Punkt %(position)d: %(title)s")
            % {"position": point["position"], "title": point["title"]},
            "measure": None,
            "is_example": point["is_example"],
        }
        for resolution in content["resolutions"]
        for point in resolution["points"]
        if point["review_on"] and period.cutoff < point["review_on"] <= end
    ]
    found += [
        {"due_on": row.date, "precision": "day", "title": row.title, "measure": None, "is_example": row.is_example}
        for row in conferences
        if row.date > period.cutoff
    ]
    return sorted(found, key=lambda row: (row["due_on"], row["title"]))
