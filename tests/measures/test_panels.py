"""What the council side shows on the ground floor's pages, and to whom."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dialog import panels
from tests.factories import (
    BodyFactory,
    CooperationAgreementFactory,
    MeasureFactory,
    RecommendationFactory,
    ResolutionFactory,
)

pytestmark = pytest.mark.django_db


def shown(rf, user, place, row=None) -> str:
    request = rf.get("/")
    request.user = user
    return panels.render(place, request, row)


def test_a_recommendation_shows_what_followed(rf, anonymous):
    recommendation = RecommendationFactory()
    MeasureFactory(title="Gefolgt", recommended_by=[recommendation], last_news_on=timezone.localdate(), progress=65)
    MeasureFactory(title="Anderes")
    content = shown(rf, anonymous, "recommendation", recommendation)
    assert "Gefolgt" in content
    assert "In Umsetzung" in content
    assert "65 %" in content
    assert "Anderes" not in content


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


@pytest.mark.parametrize("place", ["recommendation", "body"])
def test_thirty_measures_need_no_more_queries_than_one(rf, anonymous, place):
    recommendation = RecommendationFactory()
    row = recommendation if place == "recommendation" else recommendation.body

    def add(number: int) -> int:
        for _ in range(number):
            MeasureFactory(recommended_by=[recommendation])
        with CaptureQueriesContext(connection) as queries:
            shown(rf, anonymous, place, row)
        return len(queries)

    assert add(1) == add(29)
