"""Freshness: whether an unfinished measure keeps its own interval. What readers see is its standing."""

import datetime as dt

import pytest
from django.utils import timezone

from measures.models import Measure
from measures.models.measures import Freshness, Interval, Standing
from tests.factories import MeasureFactory

TODAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize("interval", Interval)
@pytest.mark.parametrize(
    ("late", "freshness"),
    [(-1, "current"), (0, "due"), (29, "due"), (30, "overdue"), (400, "overdue")],
)
def test_row_and_query_agree(db, interval, late, freshness):
    news = TODAY - dt.timedelta(days=interval + late)
    row = MeasureFactory(interval=interval, last_news_on=news)
    assert row.due_on == TODAY - dt.timedelta(days=late)
    assert row.freshness_on(TODAY) == freshness
    assert Measure.objects.with_freshness(TODAY).get().freshness == freshness
    assert Measure.objects.news_due(TODAY).exists() == (late >= 0)


@pytest.mark.parametrize("trait", ["proposed", "done", "stopped"])
def test_of_what_is_not_under_way_nothing_is_expected(db, trait):
    row = MeasureFactory(**{trait: True}, last_news_on=dt.date(2001, 1, 1))
    assert row.freshness_on(TODAY) is None
    assert Measure.objects.with_freshness(TODAY).get().freshness == ""
    assert not Measure.objects.news_due(TODAY).exists()


def test_overdue_is_not_yet_quiet(db):
    row = MeasureFactory(interval=Interval.QUARTER, last_news_on=TODAY - dt.timedelta(days=200))
    assert row.freshness_on(TODAY) == Freshness.OVERDUE
    assert row.standing_on(TODAY) == Standing.IN_PROGRESS


def test_quiet_is_always_overdue_or_due(db):
    row = MeasureFactory(interval=Interval.YEAR, last_news_on=TODAY - dt.timedelta(days=367))
    assert row.standing_on(TODAY) == Standing.QUIET
    assert row.freshness_on(TODAY) == Freshness.DUE


def test_the_list_shows_what_is_due_and_can_be_narrowed_to_it(client_of, lead_contact, measure):
    person = lead_contact.person
    fresh = MeasureFactory(title="Ganz frisch", last_news_on=timezone.localdate(), contacts=[person])
    browser = client_of(lead_contact)
    page = browser.get("/arbeitsbereich/massnahmen/").content.decode()
    assert "überfällig seit" in page
    assert fresh.title in page
    only_due = browser.get("/arbeitsbereich/massnahmen/?nur=faellig").content.decode()
    assert measure.title in only_due
    assert fresh.title not in only_due


def test_the_list_takes_as_many_queries_for_thirty(queries, lead_contact, measure):
    one = queries("/arbeitsbereich/massnahmen/", "lead_contact")
    MeasureFactory.create_batch(29, contacts=[lead_contact.person])
    assert queries("/arbeitsbereich/massnahmen/", "lead_contact") == one
