"""What the council side shows on the ground floor's pages, and to whom."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dialog import panels
from tests.factories import (
    BodyFactory,
    CooperationAgreementFactory,
    CouncilReportFactory,
    FieldOfActionFactory,
    GoalFactory,
    GuidelineFactory,
    MeasureFactory,
    ProgressUpdateFactory,
    RecommendationFactory,
    ResolutionFactory,
    ResolutionPointFactory,
)

pytestmark = pytest.mark.django_db


def shown(rf, user, place, row=None) -> str:
    request = rf.get("/")
    request.user = user
    return panels.render(place, request, row)


def test_a_recommendation_tells_how_it_went_on_in_order_of_time(rf, anonymous):
    recommendation = RecommendationFactory()
    point = ResolutionPointFactory(resolution__title="Grundsatzbeschluss", resolution__adopted_on=dt.date(2008, 10, 30))
    measure = MeasureFactory(
        title="Gefolgt", recommended_by=[recommendation], decided_in=[point], starts_on=dt.date(2009, 5, 1)
    )
    ProgressUpdateFactory(measure=measure, date=dt.date(2009, 6, 1), progress=10)
    ProgressUpdateFactory(measure=measure, date=dt.date(2010, 6, 1), progress=65)
    content = shown(rf, anonymous, "recommendation", recommendation)
    order = ["30. Oktober 2008", "Mai 2009", "1. Juni 2010", "65 %"]
    assert [content.index(words, content.index("Wie es weiterging")) for words in order] == sorted(
        content.index(words, content.index("Wie es weiterging")) for words in order
    )
    assert "1. Juni 2009" not in content


def test_a_recommendation_shows_what_followed(rf, anonymous):
    recommendation = RecommendationFactory()
    MeasureFactory(title="Gefolgt", recommended_by=[recommendation], last_news_on=timezone.localdate(), progress=65)
    MeasureFactory(title="Anderes")
    content = shown(rf, anonymous, "recommendation", recommendation)
    assert "Gefolgt" in content
    assert "In Umsetzung" in content
    assert "65 %" in content
    assert "Anderes" not in content


def test_a_recommendation_leads_to_the_reports_that_told_of_it(rf, client, users):
    recommendation = RecommendationFactory(number="E-2009-003")
    for year in (2009, 2010):
        CouncilReportFactory(year=year, published=True, content={"recommendations": [{"number": "E-2009-003"}]})
    CouncilReportFactory(year=2011, published=True, content={"recommendations": [{"number": "E-2009-0031"}]})
    CouncilReportFactory(year=2012, content={"recommendations": [{"number": "E-2009-003"}]})
    content = client.get(recommendation.get_absolute_url()).content.decode()
    assert re.findall(r'href="/berichte/(\d+)/#E-2009-003"', content) == ["2010", "2009"]
    assert "20. November 2010" in content
    assert "2012" not in shown(rf, users["planner"], "recommendation_debates", recommendation)


def test_where_nothing_followed_the_panel_is_silent(rf, anonymous):
    assert shown(rf, anonymous, "recommendation", RecommendationFactory()) == ""
    assert "Maßnahmen aus" not in shown(rf, anonymous, "body", BodyFactory())


@pytest.mark.parametrize("role", ["anonymous", "citizen", "member", "planner"])
def test_panels_show_proposals_only_to_the_planning_group(rf, users, working_group, role):
    recommendation = RecommendationFactory(body=working_group)
    MeasureFactory(title="Geheimer Plan", proposed=True, recommended_by=[recommendation])
    for place, row in (("recommendation", recommendation), ("body", working_group)):
        assert ("Geheimer Plan" in shown(rf, users[role], place, row)) == (role == "planner")


@pytest.mark.parametrize("role", ["anonymous", "member", "planner"])
def test_a_draft_does_not_give_away_what_it_led_to(rf, users, working_group, role):
    MeasureFactory(title="Aus dem Entwurf", recommended_by=[RecommendationFactory(drafted=True, body=working_group)])
    assert ("Aus dem Entwurf" in shown(rf, users[role], "body", working_group)) == (role != "anonymous")


def test_a_body_shows_each_measure_once_and_not_too_many(rf, anonymous):
    body = BodyFactory()
    both = [RecommendationFactory(body=body), RecommendationFactory(body=body)]
    for n in range(15):
        MeasureFactory(title=f"Maßnahme {n:02}.", recommended_by=both)
    content = shown(rf, anonymous, "body", body)
    assert content.count("Maßnahme ") == 12
    assert "Alle Maßnahmen" in content


def test_the_process_shows_resolutions_in_order_and_how_many_agreements(rf, anonymous):
    ResolutionFactory(title="Später", adopted_on="2008-10-30")
    ResolutionFactory(title="Früher", adopted_on="2008-09-04")
    CooperationAgreementFactory()
    content = shown(rf, anonymous, "process")
    assert content.index("Früher") < content.index("Später")
    assert "1 Kooperationsvereinbarung<" in content


def test_a_recommendation_names_field_guideline_and_goal_of_what_followed(rf, anonymous):
    recommendation = RecommendationFactory()
    field = FieldOfActionFactory(name="Bildung", slug="bildung")
    goal, guideline = GoalFactory(field=field, title="Sprache"), GuidelineFactory(field=field, title="Bildung für alle")
    for _twice in range(2):
        MeasureFactory(field=field, goal=goal, guidelines=[guideline], recommended_by=[recommendation])
    MeasureFactory(field=field, proposed=True, goal=GoalFactory(title="Geheim"), recommended_by=[recommendation])
    shown_first = shown(rf, anonymous, "recommendation_aims", recommendation)
    assert re.findall(r'<a href="([^"]*)">([^<]*)</a>', shown_first) == [
        ("/handlungsfelder/bildung/", "Bildung"),
        (f"/handlungsfelder/bildung/#leitlinie-{guideline.pk}", "Bildung für alle"),
        (f"/handlungsfelder/bildung/#ziel-{goal.pk}", "Sprache"),
    ]
    plain = RecommendationFactory()
    MeasureFactory(recommended_by=[plain])
    assert shown(rf, anonymous, "recommendation_aims", plain) == ""


@pytest.mark.parametrize("place", ["recommendation", "recommendation_aims", "body"])
def test_thirty_measures_need_no_more_queries_than_one(rf, anonymous, place):
    recommendation = RecommendationFactory()
    row = recommendation.body if place == "body" else recommendation

    def add(number: int) -> int:
        for _ in range(number):
            MeasureFactory(recommended_by=[recommendation], goal=GoalFactory(), guidelines=[GuidelineFactory()])
        with CaptureQueriesContext(connection) as queries:
            shown(rf, anonymous, place, row)
        return len(queries)

    assert add(1) == add(29)
