"""The map in a real browser: who is asked and when, and that it can be used by keyboard."""

import base64
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from measures.models import Measure
from tests.browser import looks

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def with_tiles(page: Any, portal: Any, *, answer: bool = True) -> list[Any]:
    """The requests of `page` to other servers than the portal, as they come; the tile server is played here."""
    asked: list[Any] = []
    page.on("request", lambda request: None if request.url.startswith((portal.url, "data:")) else asked.append(request))
    server = f"https://{urlsplit(settings.MAP_TILE_URL).hostname}/**"
    page.route(
        server,
        lambda route: route.fulfill(body=PICTURE, content_type="image/png") if answer else route.abort(),
    )
    return asked


@pytest.mark.django_db  # or no database is made when these tests run alone
def test_the_demo_has_places(portal):
    assert Measure.objects.filter(latitude__isnull=False).exists()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_server_is_asked_before_the_reader_wants_the_map(open_as, portal, width):
    page = open_as(width=width)
    asked = with_tiles(page, portal)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto("/massnahmen/karte/")
    page.wait_for_load_state("networkidle")
    assert asked == []
    assert page.evaluate("typeof window.L") == "undefined"
    page.get_by_role("button", name="Karte laden").click()
    page.get_by_text("Die Karte ist geladen.").wait_for()
    page.wait_for_load_state("networkidle")
    assert asked
    assert {urlsplit(request.url).hostname for request in asked} == {urlsplit(settings.MAP_TILE_URL).hostname}
    assert {request.headers.get("referer") for request in asked} == {None}
    assert "basemap.de" in page.locator(".leaflet-control-attribution").inner_text()
    # Where a place lies cannot be changed (the exception of WCAG 2.5.8); the list below has all of them apart.
    pins = ("div[title=", ".leaflet-marker")
    wrong += [
        line
        for line in looks.axe(page)
        if not (line.startswith("axe target-size") and any(pin in line for pin in pins))
    ]
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert wrong == []
    assert page.context.cookies() == []


def test_the_map_is_used_by_keyboard(open_as, portal):
    page = open_as()
    with_tiles(page, portal)
    page.goto("/massnahmen/karte/")
    page.get_by_role("button", name="Karte laden").focus()
    page.keyboard.press("Enter")
    marker = page.locator(".pin-district").first
    marker.wait_for()
    label = marker.get_attribute("aria-label")
    marker.focus()
    page.keyboard.press("Enter")
    link = page.locator(".leaflet-popup-content a")
    link.and_(page.locator(":focus")).wait_for()
    assert link.inner_text() == label
    page.keyboard.press("Escape")
    link.wait_for(state="detached")
    marker.and_(page.locator(":focus")).wait_for()
    page.keyboard.press("Enter")
    link.and_(page.locator(":focus")).wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/massnahmen/?*ortsteil=*")


def test_a_map_server_that_does_not_answer_is_named_and_the_list_stays(open_as, portal):
    page = open_as()
    with_tiles(page, portal, answer=False)
    page.goto("/massnahmen/karte/")
    page.get_by_role("button", name="Karte laden").click()
    page.get_by_text("Die Karte lässt sich zurzeit nicht laden.").wait_for()
    assert page.locator("section.section-list").count() > 1


def test_without_script_the_list_by_district_says_the_same(open_as, portal):
    page = open_as(width=390, script=False)
    asked = with_tiles(page, portal)
    page.goto("/massnahmen/karte/")
    assert not page.get_by_role("button", name="Karte laden").is_visible()
    page.locator("section.section-list a").first.click()
    page.wait_for_url("**/massnahmen/M-*/")
    page.locator("h1").wait_for()
    assert asked == []
