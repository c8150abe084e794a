"""Resolutions: each point with its state, and the measures that rest on it."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from measures.models import ResolutionPoint
from tests.factories import (
    CouncilReportFactory,
    FieldOfActionFactory,
    GoalFactory,
    GuidelineFactory,
    MeasureFactory,
    OrganizationFactory,
    ProgressUpdateFactory,
    RecommendationFactory,
    ResolutionFactory,
    ResolutionPointFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def resolution():
    """Three points: open, done, and one with all its facts."""
    row = ResolutionFactory(slug="grundsatz", title="Grundsatzbeschluss", adopted_on=dt.date(2008, 10, 30))
    ResolutionPointFactory(resolution=row, position=1, title="Leitlinien beachten", addressee="council")
    ResolutionPointFactory(
        resolution=row, position=2, title="Konzept beschließen", state="done", done_on=dt.date(2009, 2, 3)
    )
    ResolutionPointFactory(
        resolution=row, position=5, title="Jährlich berichten", state="ongoing", together_with="den Arbeitsgruppen",
        responsible=OrganizationFactory(name="Büro Bürgermeister"), note="Erster Bericht 2009.",
        next_review_on=dt.date(2030, 12, 1),
    )  # fmt: skip
    return row


def point(content: str, position: int) -> str:
    """What stands in a point's section, without markup."""
    section = re.search(rf'<li id="punkt-{position}">(.*?)(?=<li id="punkt-|</ol></section>)', content, re.S).group(1)
    return " ".join(re.sub(r"<[^>]+>", " ", section).split())


def test_the_vote_is_told_where_it_is_known(client, resolution):
    assert "<dt>Abstimmung</dt>" not in client.get("/beschluesse/grundsatz/").content.decode()
    resolution.vote = "38 Ja, 4 Nein"
    resolution.save()
    assert "<dt>Abstimmung</dt><dd>38 Ja, 4 Nein</dd>" in client.get("/beschluesse/grundsatz/").content.decode()


def test_each_point_says_whom_it_concerns_and_how_it_stands(client, resolution):
    content = client.get("/beschluesse/grundsatz/").content.decode()
    assert "Punkt 1: Leitlinien beachten Offen" in point(content, 1)
    assert "gerichtet an Rat" in point(content, 1)
    assert "Abgeschlossen" in point(content, 2)
    assert "erledigt am 3. Februar 2009" in point(content, 2)
    text = point(content, 5)
    for words in (
        "Laufend",
        "gerichtet an Verwaltung, in Abstimmung mit: den Arbeitsgruppen",
        "zuständig Büro Bürgermeister",
        "Bemerkung Erster Bericht 2009.",
        "nächste Überprüfung 1. Dezember 2030",
    ):
        assert words in text


def test_the_list_shows_every_point_with_its_state(client, resolution):
    ResolutionFactory(title="Gahmen", adopted_on=dt.date(2008, 9, 4))
    content = client.get("/beschluesse/").content.decode()
    assert content.index("Grundsatzbeschluss") < content.index("Gahmen")
    for position, state in ((1, "Offen"), (2, "Abgeschlossen"), (5, "Laufend")):
        item = re.search(rf'<li><span><a href="/beschluesse/grundsatz/#punkt-{position}">.*?</li>', content).group()
        assert state in item


def test_no_resolution_yet(client):
    assert "Noch ist kein Beschluss eingetragen" in client.get("/beschluesse/").content.decode()
    assert client.get("/beschluesse/nichts/").status_code == 404


def test_the_measures_of_a_point_are_counted_shown_and_listed(client, resolution):
    one, two, five = resolution.points.order_by("position")
    for n in range(5):
        MeasureFactory(title=f"Fest {n}", decided_in=[two, five], last_news_on=dt.date(2009, 1, 1 + n))
    MeasureFactory(title="Allein", decided_in=[one])
    MeasureFactory(title="Geheim", proposed=True, decided_in=[one, two, five])
    content = client.get(resolution.get_absolute_url()).content.decode()
    assert "1 Maßnahme beruht auf diesem Punkt" in point(content, 1)
    assert "5 Maßnahmen beruhen auf diesem Punkt" in point(content, 2)
    assert re.findall(r"Fest \d", point(content, 2).split("Wie es dazu kam")[0]) == ["Fest 4", "Fest 3", "Fest 2"]
    assert "Geheim" not in content
    listed = client.get(re.search(r'href="(/massnahmen/\?beschluss=[^"]+)"', content).group(1)).content.decode()
    assert 'class="results">5 Ergebnisse' in listed
    assert "Beschlusspunkt: Grundsatzbeschluss, Punkt 2" in listed


def told(content: str, position: int) -> list[str]:
    """The dates of a point's story, in its order."""
    section = content.split(f'<li id="punkt-{position}">')[1].split('<li id="punkt-')[0]
    story = section.partition('<ol class="story">')[2].partition("</ol>")[0]
    return re.findall(r'<time datetime="([^"]+)"', story)


def test_a_point_tells_what_lay_behind_it_and_what_followed(client, resolution):
    point_of = resolution.points.get(position=1)
    groups = [
        RecommendationFactory(title=f"Empfohlen von {n}", date=dt.date(2008, n, 1), date_precision="month")
        for n in (3, 5)
    ]
    draft = RecommendationFactory(title="Nur im Entwurf", drafted=True)
    measure = MeasureFactory(
        title="Soziale Stadt", decided_in=[point_of], recommended_by=[*groups, draft],
        starts_on=dt.date(2009, 1, 1), date_precision="month", last_news_on=dt.date(2010, 6, 1),
    )  # fmt: skip
    MeasureFactory(
        title="Geheim", proposed=True, decided_in=[point_of],
        recommended_by=[RecommendationFactory(title="Für den Vorschlag")],
    )  # fmt: skip
    ProgressUpdateFactory(measure=measure, date=dt.date(2009, 6, 1))
    update = ProgressUpdateFactory(measure=measure, date=dt.date(2010, 6, 1), progress=65)
    spoken = {"resolutions": [{"url": resolution.get_absolute_url()}]}
    for year in (2009, 2010):
        CouncilReportFactory(year=year, published=True, content=spoken)
    CouncilReportFactory(year=2011, published=True, content={"resolutions": [{"url": "/beschluesse/andere/"}]})
    CouncilReportFactory(year=2012, content=spoken)

    content = client.get(resolution.get_absolute_url()).content.decode()
    assert told(content, 1) == ["2008-03", "2008-05", "2008-10-30", "2009-01", "2010-06-01", "2010-11-20"]
    assert told(content, 2) == []
    for row in groups:
        assert f'href="{row.get_absolute_url()}"' in content
    assert f'href="{measure.get_absolute_url()}#sachstand-{update.pk}"' in content
    for year in (2009, 2010):
        assert f'href="/berichte/{year}/#beschluesse"' in content
    for hidden in ("Nur im Entwurf", "Geheim", "Für den Vorschlag", "/berichte/2011/", "/berichte/2012/"):
        assert hidden not in content


def test_the_story_of_a_point_begins_with_what_the_city_wants(client, resolution):
    field = FieldOfActionFactory()
    goal = GoalFactory(field=field, title="Sprache")
    guideline = GuidelineFactory(field=field, title="Bildung für alle")
    served = {"goal": goal, "guidelines": [guideline]}
    MeasureFactory(decided_in=[resolution.points.get(position=2)], **served)
    MeasureFactory(decided_in=[resolution.points.get(position=5)])
    content = client.get(resolution.get_absolute_url()).content.decode()
    story = point(content, 2)
    assert story.index("Worum es geht") < story.index("Bildung für alle") < story.index("Sprache")
    assert story.index("Sprache") < story.index("Ratsbeschluss")
    assert "Worum es geht" not in point(content, 5)


def test_many_recommendations_behind_a_point_are_one_click_away(client, resolution):
    rows = [RecommendationFactory(title=f"Wunsch {n}.", date=dt.date(2007, 1, 1 + n)) for n in range(6)]
    for _twice in range(2):
        MeasureFactory(decided_in=resolution.points.all(), recommended_by=rows)
    text = point(client.get(resolution.get_absolute_url()).content.decode(), 2)
    before, _summary, after = text.partition("2 weitere Empfehlungen dazu")
    assert re.findall(r"Wunsch \d\.", before) == [f"Wunsch {n}." for n in range(4)]
    assert re.findall(r"Wunsch \d\.", after) == ["Wunsch 4.", "Wunsch 5."]


def test_the_planning_group_sees_proposals_under_a_point(client_of, planner, resolution):
    MeasureFactory(title="Geheim", proposed=True, decided_in=[resolution.points.get(position=5)])
    content = client_of(planner).get(resolution.get_absolute_url()).content.decode()
    assert "1 Maßnahme beruht" in point(content, 5)


def test_a_points_address_is_its_anchor(client, resolution):
    address = ResolutionPoint.objects.get(position=5).get_absolute_url()
    assert address == "/beschluesse/grundsatz/#punkt-5"
    assert 'id="punkt-5"' in client.get(address).content.decode()


def test_titles_are_text(client, resolution):
    evil = "<img src=x onerror=alert(1)>"
    resolution.points.update(title=evil, text=evil, note=evil)
    assert evil not in client.get(resolution.get_absolute_url()).content.decode()
    assert evil not in client.get("/beschluesse/").content.decode()


@pytest.mark.parametrize("address", ["/beschluesse/", "/beschluesse/voll/"])
def test_thirty_points_with_measures_need_no_more_queries_than_one(client, address):
    resolution = ResolutionFactory(slug="voll")

    def add(number: int) -> int:
        for _ in range(number):
            row = ResolutionPointFactory(resolution=resolution, responsible=OrganizationFactory())
            served = {"goal": GoalFactory(), "guidelines": [GuidelineFactory()]}
            measure = MeasureFactory(decided_in=[row], recommended_by=[RecommendationFactory()], **served)
            ProgressUpdateFactory(measure=measure, date=measure.last_news_on)
            ResolutionPointFactory(resolution=ResolutionFactory())
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    assert add(1) == add(29) <= 12
