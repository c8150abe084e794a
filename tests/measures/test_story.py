"""The story of a measure: told in the order of time, from what the reader may see, with the present marked."""

import datetime as dt

import pytest
from django.utils import timezone

from measures import story
from measures.models import Measure
from measures.models.measures import QUIET_AFTER
from measures.story import Stage
from tests.factories import (
    ConferenceFactory,
    CouncilReportFactory,
    DebateFactory,
    MeasureFactory,
    ProgressUpdateFactory,
    RecommendationFactory,
    ResolutionFactory,
    ResolutionPointFactory,
    berlin,
)

pytestmark = pytest.mark.django_db
TODAY = dt.date(2010, 3, 1)


@pytest.fixture
def measure() -> Measure:
    return made()


def made(**values) -> Measure:
    """A decided measure with recent news, unless said otherwise."""
    usual = {"starts_on": None, "state": "decided", "progress": 0, "last_news_on": dt.date(2010, 2, 1)}
    return MeasureFactory(**{**usual, **values})


def tell(measure, *, today=TODAY, **rows):
    nothing = dict.fromkeys(("recommendations", "debates", "points", "updates", "reports"), ())
    return story.tell(measure, **{**nothing, **rows}, today=today)


def stages(chapters):
    return [(chapter.stage.value, chapter.date.isoformat()) for chapter in chapters]


def test_it_goes_from_the_recommendation_to_the_report():
    measure = made(starts_on=dt.date(2009, 5, 1), state="in_progress")
    recommendation = RecommendationFactory(date=dt.date(2008, 10, 1), date_precision="month")
    chapters = tell(
        measure,
        reports=[CouncilReportFactory(year=2009, published=True, published_at=berlin(2009, 12, 1))],
        updates=[ProgressUpdateFactory(measure=measure, date=dt.date(2010, 2, 1))],
        points=[ResolutionPointFactory(resolution=ResolutionFactory(adopted_on=dt.date(2009, 3, 5)))],
        debates=[DebateFactory(recommendation=recommendation, conference=ConferenceFactory(date=dt.date(2009, 1, 27)))],
        recommendations=[recommendation],
    )
    assert stages(chapters) == [
        ("recommended", "2008-10-01"),
        ("debated", "2009-01-27"),
        ("decided", "2009-03-05"),
        ("started", "2009-05-01"),
        ("reported", "2009-12-01"),
        ("updated", "2010-02-01"),
    ]
    assert [chapter.machine_date for chapter in chapters][:3] == ["2008-10", "2009-01-27", "2009-03-05"]
    assert [chapter.is_now for chapter in chapters] == [False] * 5 + [True]


def test_what_happened_on_one_day_follows_the_dialogue():
    day = dt.date(2008, 1, 1)
    measure = made(starts_on=day, state="in_progress")
    chapters = tell(
        measure,
        updates=[ProgressUpdateFactory(measure=measure, date=day)],
        points=[ResolutionPointFactory(resolution=ResolutionFactory(adopted_on=day))],
        recommendations=[RecommendationFactory(date=day, date_precision="year")],
    )
    in_order = [Stage.RECOMMENDED, Stage.DECIDED, Stage.STARTED, Stage.UPDATED]
    assert [chapter.stage for chapter in chapters] == in_order
    assert chapters[0].machine_date == "2008"


def test_points_of_one_resolution_are_one_chapter(measure):
    one, other = ResolutionFactory(), ResolutionFactory(adopted_on=dt.date(2008, 9, 4))
    points = [ResolutionPointFactory(resolution=one, position=n) for n in (5, 2)]
    chapters = tell(measure, points=[*points, ResolutionPointFactory(resolution=other, position=1)])
    assert [chapter.row for chapter in chapters] == [other, one]
    assert [point.position for point in chapters[1].points] == [2, 5]


def test_only_turning_points_of_the_news_are_told(measure):
    days = [dt.date(2009, month, 1) for month in range(1, 8)]
    statuses = ["decided", "decided", "in_progress", "in_progress", "in_progress", "done", "done"]
    updates = [
        ProgressUpdateFactory(measure=measure, date=day, status=status)
        for day, status in zip(days, statuses, strict=True)
    ]
    chapters = tell(measure, updates=reversed(updates))
    assert [chapter.row for chapter in chapters] == [updates[n] for n in (0, 2, 5, 6)]


def test_a_coming_conference_is_ahead_and_not_the_present(measure):
    recommendation = RecommendationFactory(date=dt.date(2009, 1, 1))
    coming = DebateFactory(recommendation=recommendation, conference=ConferenceFactory(date=dt.date(2010, 11, 1)))
    chapters = tell(measure, recommendations=[recommendation], debates=[coming])
    assert [(chapter.is_now, chapter.is_ahead) for chapter in chapters] == [(True, False), (False, True)]


def test_a_quiet_measure_ends_in_its_silence(measure):
    measure.last_news_on = TODAY - QUIET_AFTER - dt.timedelta(days=1)
    point = ResolutionPointFactory()
    chapters = tell(measure, points=[point])
    assert [chapter.stage for chapter in chapters] == [Stage.DECIDED, Stage.SILENT]
    assert [chapter.is_now for chapter in chapters] == [False, True]
    measure.last_news_on = TODAY - QUIET_AFTER
    assert [chapter.stage for chapter in tell(measure, points=[point])] == [Stage.DECIDED]


@pytest.mark.parametrize("state", ["proposed", "decided"])
def test_a_planned_beginning_is_not_yet_a_beginning(state):
    assert tell(made(state=state, starts_on=dt.date(2009, 1, 1))) == []


def test_a_report_is_told_on_the_day_it_was_published_in_luenen(measure):
    late = CouncilReportFactory(year=2009, published=True, published_at=berlin(2009, 12, 1, 0, 30))
    assert tell(measure, reports=[late])[0].date == timezone.localdate(late.published_at) == dt.date(2009, 12, 1)
