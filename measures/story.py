"""The story of a measure: who recommended it, where it was debated and decided, and what has become of it."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conferences.models import Debate
from dialog.models import DatePrecision, Recommendation

from .models import CouncilReport, Measure, ProgressUpdate, ResolutionPoint
from .models.measures import Standing


class Stage(models.TextChoices):
    """What a chapter tells; the order is that of the dialogue, for chapters of the same day."""

    RECOMMENDED = "recommended", _("Empfohlen")
    DEBATED = "debated", _("Beraten")
    DECIDED = "decided", _("Beschlossen")
    STARTED = "started", _("Begonnen")
    UPDATED = "updated", _("Sachstand")
    REPORTED = "reported", _("Berichtet")
    SILENT = "silent", _("Ohne Neuigkeit")


@dataclass(frozen=True)
class Chapter:
    """One point of the story: `row` is what happened (of a resolution also which `points`), known to `precision`."""

    stage: Stage
    date: dt.date
    row: Any
    precision: str = DatePrecision.DAY
    points: tuple[ResolutionPoint, ...] = ()
    is_now: bool = False
    is_ahead: bool = False

    @property
    def machine_date(self) -> str:
        """The date for the `datetime` attribute, cut to what is known: `2008-09`."""
        length = {DatePrecision.YEAR: 4, DatePrecision.MONTH: 7}.get(DatePrecision(self.precision), 10)
        return self.date.isoformat()[:length]


def tell(
    measure: Measure,
    *,
    recommendations: Iterable[Recommendation],
    debates: Iterable[Debate],
    points: Iterable[ResolutionPoint],
    updates: Iterable[ProgressUpdate],
    reports: Iterable[CouncilReport],
    today: dt.date,
) -> list[Chapter]:
    """The story in the order of time, from rows that the reader may see (a story invents no right to read).

    Of the updates only turning points are told: the first, each that changed the state, and the newest. The last
    chapter that is not after `today` is where the measure stands now; for a quiet one that is its silence.
    """
    chapters = [
        *(Chapter(Stage.RECOMMENDED, row.date, row, row.date_precision) for row in recommendations),
        *(Chapter(Stage.DEBATED, row.conference.date, row) for row in debates),
        *_decisions(points),
        *(Chapter(Stage.UPDATED, row.date, row) for row in _turning_points(updates)),
        *(Chapter(Stage.REPORTED, timezone.localdate(row.published_at), row) for row in reports),
    ]
    if measure.starts_on and measure.state not in {Measure.State.PROPOSED, Measure.State.DECIDED}:
        chapters.append(Chapter(Stage.STARTED, measure.starts_on, measure, measure.date_precision))
    if measure.standing_on(today) == Standing.QUIET:
        chapters.append(Chapter(Stage.SILENT, today, measure))
    return _with_now(_in_order(chapters), today)


def went_on(
    measures: Iterable[Measure], *, points: Iterable[ResolutionPoint], updates: Iterable[ProgressUpdate]
) -> list[Chapter]:
    """What followed a recommendation, in the order of time: resolutions, beginnings, and the newest word on each."""
    return _in_order(_followed(measures, points=points, updates=updates))


def of_point(
    point: ResolutionPoint,
    *,
    recommendations: Iterable[Recommendation],
    measures: Iterable[Measure],
    updates: Iterable[ProgressUpdate],
    reports: Iterable[CouncilReport],
) -> list[Chapter]:
    """What lies behind a point of a resolution and what followed it, in the order of time."""
    return _in_order(
        [
            *(Chapter(Stage.RECOMMENDED, row.date, row, row.date_precision) for row in recommendations),
            *_followed(measures, points=[point], updates=updates),
            *(Chapter(Stage.REPORTED, timezone.localdate(row.published_at), row) for row in reports),
        ]
    )


def _followed(
    measures: Iterable[Measure], *, points: Iterable[ResolutionPoint], updates: Iterable[ProgressUpdate]
) -> Iterator[Chapter]:
    distinct = {point.pk: point for point in points}.values()
    newest = {update.measure_id: update for update in sorted(updates, key=lambda update: update.date)}
    yield from _decisions(distinct)
    yield from (Chapter(Stage.UPDATED, row.date, row) for row in newest.values())
    for row in measures:
        if row.starts_on and row.state not in {Measure.State.PROPOSED, Measure.State.DECIDED}:
            yield Chapter(Stage.STARTED, row.starts_on, row, row.date_precision)


def _in_order(chapters: Iterable[Chapter]) -> list[Chapter]:
    order = list(Stage)
    return sorted(chapters, key=lambda chapter: (chapter.date, order.index(chapter.stage)))


def _decisions(points: Iterable[ResolutionPoint]) -> Iterator[Chapter]:
    """One chapter a resolution, however many of its points the measure rests on."""
    ordered = sorted(points, key=lambda point: (point.resolution_id, point.position))
    for _key, group in groupby(ordered, key=lambda point: point.resolution_id):
        same = tuple(group)
        yield Chapter(Stage.DECIDED, same[0].resolution.adopted_on, same[0].resolution, points=same)


def _turning_points(updates: Iterable[ProgressUpdate]) -> Iterator[ProgressUpdate]:
    ordered = sorted(updates, key=lambda update: update.date)
    for before, update in zip([None, *ordered], ordered, strict=False):
        if before is None or update is ordered[-1] or update.status != before.status:
            yield update


def _with_now(chapters: list[Chapter], today: dt.date) -> list[Chapter]:
    now = max((n for n, chapter in enumerate(chapters) if chapter.date <= today), default=None)
    return [replace(chapter, is_now=n == now, is_ahead=chapter.date > today) for n, chapter in enumerate(chapters)]
