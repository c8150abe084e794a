"""Measures by district and on the map: the list says everything, and nobody is asked before the reader wants it."""

import re
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from environs import EnvValidationError

from luener_dialog.settings import _tiles
from measures.views import places
from tests.factories import DistrictFactory, FieldOfActionFactory, MeasureFactory

ADDRESS, POINTS = "/massnahmen/karte/", "/massnahmen/karte/orte.json"
TILES = "https://karten.example.org/{z}/{x}/{y}.png"


@pytest.fixture
def town(db: None) -> dict[str, Any]:
    """Two districts; measures in one, in both, in none; one that is only proposed."""
    gahmen = DistrictFactory(name="Gahmen", slug="gahmen", latitude="51.593", longitude="7.536")
    south = DistrictFactory(name="Lünen-Süd", slug="sued")
    school = FieldOfActionFactory(slug="schule")
    here = {"latitude": "51.590001", "longitude": "7.530002"}
    return {
        "school": MeasureFactory(title="Ganztag", field=school, districts=[gahmen], place="Overbergschule", **here),
        "yard": MeasureFactory(title="Schulhof", districts=[gahmen, south], place="Overbergschule", **here),
        "path": MeasureFactory(title="Radweg", districts=[], latitude="51.6", longitude="7.5", is_example=True),
        "hidden": MeasureFactory(title="Geheim", districts=[south], proposed=True, latitude="51.7", longitude="7.6"),
    }


def sections(response: Any) -> dict[str, list[str]]:
    """District → the titles that stand under it."""
    content = response.content.decode()
    parts = re.findall(r'<section class="section-list" id="([^"]+)">(.*?)</section>', content, re.S)
    return {slug: re.findall(r'<p><a href="/massnahmen/M-[^"]+">([^<]+)</a>', text) for slug, text in parts}


def points(client: Client, query: str = "") -> dict[str, Any]:
    response = client.get(f"{POINTS}?{query}")
    assert response.status_code == 200
    return response.json()


def test_every_measure_stands_under_its_districts_or_the_whole_city(client, town):
    assert sections(client.get(ADDRESS)) == {
        "gahmen": ["Ganztag", "Schulhof"],
        "sued": ["Schulhof"],
        "ganze-stadt": ["Radweg"],
    }


def test_what_is_chosen_in_the_list_holds_here_too(client, town):
    response = client.get(f"{ADDRESS}?handlungsfeld=schule")
    assert sections(response) == {"gahmen": ["Ganztag"]}
    assert 'href="/massnahmen/?handlungsfeld=schule"' in response.content.decode()
    assert sections(client.get(f"{ADDRESS}?ortsteil=sued")) == {"sued": ["Schulhof"]}
    assert [point["label"] for point in points(client, "handlungsfeld=schule")["places"]] == ["Ganztag"]


def test_of_a_full_district_the_first_are_shown_and_all_are_linked(client, town):
    gahmen = town["school"].districts.get()
    for _ in range(places.SHOWN + 3):
        MeasureFactory(districts=[gahmen])
    response = client.get(f"{ADDRESS}?ortsteil=gahmen")
    assert len(sections(response)["gahmen"]) == places.SHOWN
    content = response.content.decode()
    assert f"Alle {places.SHOWN + 5} in der Liste: Gahmen" in content
    assert 'href="/massnahmen/?ortsteil=gahmen"' in content
    assert f"{places.SHOWN + 5} Ergebnisse" in client.get("/massnahmen/?ortsteil=gahmen").content.decode()


def test_the_points_stand_together_by_place_and_name_the_standing(client, town):
    found = points(client)
    assert {(point["lat"], point["lon"]): point["label"] for point in found["places"]} == {
        (51.590001, 7.530002): "2 Maßnahmen an diesem Ort",
        (51.6, 7.5): "Radweg",
    }
    together = next(point for point in found["places"] if len(point["measures"]) == 2)
    assert together["place"] == "Overbergschule"
    assert {row["title"] for row in together["measures"]} == {"Ganztag", "Schulhof"}
    path = next(row for point in found["places"] for row in point["measures"] if row["title"] == "Radweg")
    assert path == {
        "title": "Radweg",
        "url": town["path"].get_absolute_url(),
        "standing": "ohne Neuigkeit seit über einem Jahr, Beispiel",
    }
    assert found["districts"] == [
        {
            "lat": 51.593,
            "lon": 7.536,
            "count": 2,
            "label": "Gahmen: 2 Maßnahmen im Ortsteil",
            "url": "/massnahmen/?ortsteil=gahmen",
        }
    ]


@pytest.mark.parametrize("role", ["anonymous", "citizen", "member", "lead_contact", "planner"])
def test_proposals_are_on_the_map_only_for_the_planning_group(role, users, client_of, town):
    client = client_of(users[role])
    assert ("Geheim" in client.get(ADDRESS).content.decode()) == (role == "planner")
    assert ("Geheim" in client.get(POINTS).content.decode()) == (role == "planner")


def test_the_map_holds_no_more_than_one_can_read(client, db, monkeypatch):
    monkeypatch.setattr(places, "MAX_ON_MAP", 3)
    for n in range(5):
        MeasureFactory(latitude=f"51.6{n}", longitude="7.5", last_news_on=f"2026-01-0{n + 1}", title=f"Nr. {n}")
    assert [point["label"] for point in points(client)["places"]] == ["Nr. 4", "Nr. 3", "Nr. 2"]


# ── who is asked ────────────────────────────────────────────────────────────────────────────────────────


def policy(response: Any) -> dict[str, list[str]]:
    parts = response.headers["Content-Security-Policy"].split("; ")
    return {name: values for name, *values in (part.split() for part in parts)}


def test_pictures_of_the_map_are_allowed_on_its_page_alone(client, town, settings):
    settings.MAP_TILE_URL = TILES
    assert policy(client.get(ADDRESS))["img-src"] == ["'self'", "data:", "https://karten.example.org"]
    for address in ("/", "/massnahmen/", "/massnahmen/ueberblick/", town["school"].get_absolute_url()):
        assert "karten.example.org" not in client.get(address).headers["Content-Security-Policy"]


def test_a_server_with_several_names_is_allowed_under_all(client, town, settings):
    settings.MAP_TILE_URL = "https://{s}.karten.example.org:8443/{z}/{x}/{y}.png"
    assert policy(client.get(ADDRESS))["img-src"][-1] == "https://*.karten.example.org:8443"


def test_the_reader_is_told_who_learns_what_before_the_map_is_loaded(client, town, settings):
    settings.MAP_TILE_URL = TILES
    settings.MAP_ATTRIBUTION = "© Stadtplan ({year})"
    content = client.get(ADDRESS).content.decode()
    assert "Die Bilder der Karte kommen von karten.example.org. Erst wenn Sie die Karte laden" in content
    assert re.search(r'data-attribution="© Stadtplan \(20\d\d\)"', content)
    assert not re.search(r'<(?:img|script)[^>]*src="https?:', content)
    assert "leaflet.js" not in re.sub(r'data-script="[^"]*"', "", content)


def test_without_a_server_there_is_the_list_and_no_map(client, town, settings):
    settings.MAP_TILE_URL = ""
    response = client.get(ADDRESS)
    content = response.content.decode()
    assert "data-map" not in content
    assert "map.js" not in content
    assert policy(response)["img-src"] == ["'self'", "data:"]
    assert sections(response)["gahmen"] == ["Ganztag", "Schulhof"]


def test_without_a_point_no_map_is_offered(client, db):
    MeasureFactory(title="Überall")
    content = client.get(ADDRESS).content.decode()
    assert "data-map" not in content
    assert "Überall" in content


@pytest.mark.parametrize("value", ["", TILES, "https://{s}.example.org/{z}/{y}/{x}.png?key=1"])
def test_a_tile_server_that_can_be_meant(value):
    assert _tiles(value) == value


@pytest.mark.parametrize("value", ["http://a.example/{z}/{x}/{y}", "https://a.example/{z}/{x}", "javascript:{z}{x}{y}"])
def test_a_tile_server_that_cannot_be_meant(value):
    with pytest.raises((EnvValidationError, ImproperlyConfigured)):
        _tiles(value)


# ── what no address may break ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "query",
    [
        "ortsteil=gibt-es-nicht",
        "ortsteil=%00",
        "q=%25&stand=%3Cscript%3Ealert(1)",
        "q=" + "x" * 10_000,
        "q=%D9%85%D8%AF%D8%B1%D8%B3%D8%A9",
    ],
)
def test_no_address_breaks_map_or_points(client, town, query):
    response = client.get(f"{ADDRESS}?{query}")
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()
    points(client, query)


def test_an_unknown_value_is_named_and_an_empty_choice_says_so(client, town):
    content = client.get(f"{ADDRESS}?ortsteil=gibt-es-nicht&q=nirgends").content.decode()
    assert "„gibt-es-nicht“" in content
    assert "Zu dieser Auswahl gibt es keine Maßnahme." in content


def test_a_portal_without_measures_says_so(client, db):
    assert "Noch ist keine Maßnahme eingetragen." in client.get(ADDRESS).content.decode()
    assert points(client) == {"places": [], "districts": []}


def test_names_are_text(client, db):
    evil = "<script>alert(1)</script>"
    MeasureFactory(title=evil, place=evil, latitude="51.6", longitude="7.5", districts=[DistrictFactory(name=evil)])
    assert evil not in client.get(ADDRESS).content.decode()
    assert points(client)["places"][0]["place"] == evil  # for a script that writes it as text


@pytest.mark.parametrize("address", [ADDRESS, POINTS])
def test_thirty_of_everything_need_no_more_queries_than_one(client, db, address):
    def add(number: int) -> int:
        for n in range(number):
            MeasureFactory(
                districts=[DistrictFactory(latitude="51.6", longitude="7.5")], latitude=f"51.{n + 10}", longitude="7.5"
            )
            MeasureFactory(districts=[])
        client.get(address)  # the first one counts all measures anew
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    assert add(1) == add(29) <= 12
