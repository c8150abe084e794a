"""Resolutions: each point with its state, and the measures that rest on it."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from measures.models import ResolutionPoint
from tests.factories import MeasureFactory, OrganizationFactory, ResolutionFactory, ResolutionPointFactory

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
    assert re.findall(r"Fest \d", point(content, 2)) == ["Fest 4", "Fest 3", "Fest 2"]
    assert "Geheim" not in content
    listed = client.get(re.search(r'href="(/massnahmen/\?beschluss=[^"]+)"', content).group(1)).content.decode()
    assert 'class="results">5 Ergebnisse' in listed
    assert "Beschlusspunkt: Grundsatzbeschluss, Punkt 2" in listed


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
            MeasureFactory(decided_in=[row])
            ResolutionPointFactory(resolution=ResolutionFactory())
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    assert add(1) == add(29) <= 12
