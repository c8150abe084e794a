"""What the report counts and controls: points of resolutions, recommendations, indicators, who takes part."""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from dialog.models import User
from dialog.services import recommendations
from measures import charts
from measures.models import Measure
from measures.services import report_files, reports
from tests.factories import (
    AddresseeFactory,
    BodyFactory,
    IndicatorFactory,
    IndicatorValueFactory,
    MeasureFactory,
    MembershipFactory,
    OrganizationFactory,
    RecommendationFactory,
    ResolutionFactory,
    ResolutionPointFactory,
    berlin,
)

pytestmark = pytest.mark.django_db

AT = berlin(2010, 11, 20)


def collected(year: int = 2010) -> dict[str, Any]:
    return reports.collect(reports.draft(year, at=AT))


def points(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {point["title"]: point for row in content["resolutions"] for point in row["points"]}


def test_a_point_that_missed_its_date_is_printed_with_the_reason() -> None:
    ResolutionPointFactory(title="Zu spät", due_on=dt.date(2010, 6, 1), late_reason="Die Stelle war nicht besetzt.")
    ResolutionPointFactory(title="Noch Zeit", due_on=dt.date(2011, 6, 1))

    content = collected()

    assert points(content)["Zu spät"]["is_overdue"]
    assert not points(content)["Noch Zeit"]["is_overdue"]
    (row,) = content["summary"]["overdue_points"]
    assert (row["due_on"], row["late_reason"]) == ("2010-06-01", "Die Stelle war nicht besetzt.")


def test_the_council_is_asked_to_answer_what_is_recommended_to_it() -> None:
    council, other = BodyFactory(name="Rat", council=True), BodyFactory(name="Sport")
    waiting = RecommendationFactory(title="Mehr Licht")
    for row, body in (
        (waiting, council),
        (RecommendationFactory(title="Beantwortet", outcome="Wird gemacht."), council),
        (RecommendationFactory(title="An andere"), other),
    ):
        AddresseeFactory(recommendation=row, body=body, organization=None)

    content = collected()

    assert [row["title"] for row in content["summary"]["asked_of_council"]] == ["Mehr Licht"]
    page = render_to_string("measures/report_summary.html", reports.context(content, paper=True))
    asked = page[page.index("Der Rat wird gebeten") :]
    assert f'<a href="#{waiting.number}">Mehr Licht</a>' in asked
    assert "An andere" not in asked


def test_an_ongoing_point_has_no_date_to_be_done_by() -> None:
    ResolutionPointFactory(title="Laufend", state="ongoing", due_on=dt.date(2010, 6, 1))

    assert points(collected())["Laufend"]["due_on"] is None
    assert not points(collected())["Laufend"]["is_overdue"]


def test_a_done_point_is_reported_once_more_and_then_only_in_the_annex() -> None:
    resolution = ResolutionFactory(adopted_on=dt.date(2008, 10, 30))
    ResolutionPointFactory(resolution=resolution, title="Früher", state="done", done_on=dt.date(2009, 10, 31))
    ResolutionPointFactory(resolution=resolution, title="Jetzt", state="done", done_on=dt.date(2009, 11, 1))

    content = collected()

    assert points(content)["Früher"]["is_settled"]
    assert not points(content)["Jetzt"]["is_settled"]
    assert not content["resolutions"][0]["is_settled"]


def test_recommendations_are_counted_by_what_became_of_them() -> None:
    RecommendationFactory(date=dt.date(2010, 3, 1))
    RecommendationFactory(date=dt.date(2009, 3, 1), state="presented")
    RecommendationFactory(date=dt.date(2009, 3, 1), state="taken_up")
    RecommendationFactory(date=dt.date(2009, 3, 1), state="done")
    RecommendationFactory(date=dt.date(2009, 3, 1), state="rejected", outcome="Dafür fehlt das Geld.")

    fates = {row["fate"]: row["number"] for row in collected()["summary"]["fates"]}

    assert fates == {"new": 1, "unanswered": 1, "taken_up": 1, "done": 1, "other": 1}


def test_a_recommendation_counts_from_the_year_in_which_it_was_presented(planner: User) -> None:
    row = RecommendationFactory(title="Mehr Licht", date=dt.date(2010, 10, 20), drafted=True)
    AddresseeFactory(recommendation=row)
    recommendations.take_step(row, "present", by=planner, at=berlin(2010, 11, 5))

    MeasureFactory(recommended_by=[row])

    content = collected()
    assert content["recommendations"] == []
    assert [measure["recommended_by"] for measure in content["fields"][0]["measures"]] == [[]]
    (told,) = reports.collect(reports.draft(2011, at=berlin(2011, 11, 20)))["recommendations"]
    assert (told["title"], told["state"], told["fate"]) == ("Mehr Licht", "presented", "new")


def test_a_measure_names_all_that_it_came_from_and_an_older_snapshot_is_set_as_it_was() -> None:
    first = ResolutionFactory(title="Grundsatzbeschluss", adopted_on=dt.date(2008, 10, 30))
    second = ResolutionFactory(title="Bänke für alle", adopted_on=dt.date(2009, 5, 7))
    points = [ResolutionPointFactory(resolution=row, position=n) for row, n in ((second, 4), (first, 1), (first, 3))]
    asked = RecommendationFactory(title="Mehr Licht")
    MeasureFactory(decided_in=points, recommended_by=[asked])

    content = collected()
    named = facts(content)
    assert f'<dt>Empfohlen</dt><dd><a href="#{asked.number}">{asked.number}</a></dd>' in named
    assert (
        '<dt>Beschlossen</dt><dd>Grundsatzbeschluss, Punkte 1, 3 <span class="nowrap">(30. Oktober 2008)</span></dd>'
        '<dd>Bänke für alle, Punkt 4 <span class="nowrap">(7. Mai 2009)</span></dd>'
    ) in named

    dated = facts({**content, "schema": 1})
    assert "<dt>Beschlossen</dt><dd>30. Oktober 2008</dd>" in dated
    assert "Empfohlen" not in dated
    assert "Punkt" not in dated


def facts(content: dict[str, Any]) -> str:
    """What stands beside the text of the only measure."""
    page = render_to_string("measures/report_content.html", reports.context(content, paper=True))
    return page[page.index('<div class="side">') :].split("</dl>")[0]


def test_an_indicator_is_drawn_from_the_content_alone() -> None:
    indicator = IndicatorFactory(name="Plätze", unit="Plätze", source="Schulamt", target=300, target_year=2015)
    IndicatorValueFactory(indicator=indicator, year=2009, value=180)
    IndicatorValueFactory(indicator=indicator, year=2011, value=240)

    (row,) = collected()["indicators"]
    indicator.delete()
    with CaptureQueriesContext(connection) as asked:
        chart = charts.reported_chart(row)

    assert len(asked) == 0
    assert chart
    assert [mark.year for mark in chart.marks] == [2009]  # the value of 2011 belongs to a later report
    assert chart.target
    assert chart.target.words == "300"
    assert row["source"] == "Schulamt"


def test_who_takes_part_is_counted_and_nobody_is_named() -> None:
    group, old = BodyFactory(), BodyFactory(ended_on=dt.date(2009, 5, 1), is_open=False)
    shop = OrganizationFactory()
    first = MembershipFactory(body=group, organization=shop, starts_on=dt.date(2009, 1, 1))
    MembershipFactory(body=BodyFactory(), person=first.person, starts_on=dt.date(2009, 2, 1))
    MembershipFactory(body=group, organization=shop, starts_on=dt.date(2010, 2, 1))
    MembershipFactory(body=group, starts_on=dt.date(2010, 11, 5))  # after the cut-off
    MembershipFactory(body=old, starts_on=dt.date(2008, 1, 1), ends_on=dt.date(2009, 5, 1), state="ended")

    content = collected()

    assert content["participation"] == {"groups": 2, "people": 2, "institutions": 1, "new_people": 1}
    assert first.person.name not in json.dumps(content)


def test_the_table_of_measures_takes_nothing_for_a_formula() -> None:
    MeasureFactory(title="=1+1; Wege", last_news_on=dt.date(2010, 3, 1))

    lines = report_files.table(collected()).splitlines()

    assert lines[0].startswith("Nummer;Titel;Art;Handlungsfeld;")
    assert '"\'=1+1; Wege"' in lines[1]


def test_collecting_takes_at_most_forty_queries_however_many_rows_there_are() -> None:
    def fill(number: int) -> None:
        resolution = ResolutionFactory()
        for _ in range(number):
            point = ResolutionPointFactory(resolution=resolution)
            measure = MeasureFactory(decided_in=[point])
            RecommendationFactory().measures.add(measure)
            IndicatorValueFactory(indicator=IndicatorFactory(), year=2009)
            MembershipFactory()

    def asked() -> int:
        report = reports.draft(2010, at=AT)
        with CaptureQueriesContext(connection) as queries:
            reports.collect(report)
        return len(queries)

    fill(1)
    one = asked()
    fill(30)
    assert Measure.objects.count() == 31
    assert asked() <= one <= 40
