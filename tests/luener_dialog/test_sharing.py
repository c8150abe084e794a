"""What search engines and those who share an address are told, and what they are not."""

import json
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from dialog.models import Body
from tests import council
from tests.factories import (
    BodyFactory,
    ConferenceFactory,
    CouncilReportFactory,
    MeasureFactory,
    MeetingFactory,
    RecommendationFactory,
    ResolutionFactory,
    berlin,
)

PUBLIC: dict[str, Callable[[], Any]] = {
    "measure": lambda: MeasureFactory(title="Spielplatz & Park", state="decided"),
    "meeting": lambda: MeetingFactory(is_public=True, title="Runder Tisch", place="Rathaus"),
    "body": lambda: BodyFactory(name="Sport"),
    "conference": ConferenceFactory,
    "resolution": ResolutionFactory,
    "recommendation": lambda: RecommendationFactory(state="presented"),
    "councilreport": lambda: council.handed_over(CouncilReportFactory(year=2024), at=berlin(2024, 11, 20)),
}


def property_of(html: str, name: str) -> str:
    found = re.search(rf'<meta property="{name}" content="([^"]*)">', html)
    assert found, f"{name} is missing"
    return found.group(1)


def linked_data(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert found, "no linked data"
    return json.loads(found.group(1))


@pytest.mark.parametrize("name", PUBLIC)
def test_a_row_has_a_canonical_address_a_title_and_a_picture(
    client: Client, db: None, settings: Any, name: str
) -> None:
    settings.BASE_URL = "https://dialog.example.org"
    row = PUBLIC[name]()
    html = client.get(row.get_absolute_url() + "?seite=1").content.decode()
    address = f"https://dialog.example.org{row.get_absolute_url()}"
    assert f'<link rel="canonical" href="{address}">' in html
    assert property_of(html, "og:url") == address
    assert property_of(html, "og:title")
    picture = property_of(html, "og:image").removeprefix("https://dialog.example.org")
    response = client.get(picture)
    assert response["Content-Type"] == "image/png"
    with Image.open(BytesIO(response.content)) as image:
        assert image.size == (1200, 630)
    assert len(response.content) < 100_000


def test_a_meeting_is_an_event(client: Client, db: None, settings: Any) -> None:
    settings.BASE_URL = "https://dialog.example.org"
    meeting = MeetingFactory(
        is_public=True,
        title="</script><b>Runder Tisch</b>",
        place="Rathaus",
        starts_at=berlin(2026, 7, 1, 18),
        ends_at=berlin(2026, 7, 1, 20),
    )
    data = linked_data(client.get(meeting.get_absolute_url()).content.decode())
    assert data["@type"] == "Event"
    assert data["name"] == "</script><b>Runder Tisch</b>"
    assert data["startDate"] == "2026-07-01T18:00:00+02:00"
    assert data["location"]["name"] == "Rathaus"
    assert data["organizer"]["name"] == meeting.body.full_name


def test_a_cancelled_meeting_says_so(client: Client, db: None) -> None:
    meeting = MeetingFactory(is_public=True, state="cancelled", cancel_reason="Sturm")
    data = linked_data(client.get(meeting.get_absolute_url()).content.decode())
    assert data["eventStatus"] == "https://schema.org/EventCancelled"


def test_a_group_is_an_organization_and_a_report_a_report(client: Client, db: None) -> None:
    group, report = BodyFactory(name="Sport"), PUBLIC["councilreport"]()
    assert linked_data(client.get(group.get_absolute_url()).content.decode())["@type"] == "GovernmentOrganization"
    data = linked_data(client.get(report.get_absolute_url()).content.decode())
    assert (data["@type"], data["temporalCoverage"]) == ("Report", "2024")


def test_there_is_no_picture_of_what_is_not_public(client_of: Callable[[Any], Client], planner: Any) -> None:
    meeting = MeetingFactory(is_public=False)
    draft = RecommendationFactory(state="drafted")
    for browser in (Client(), client_of(planner)):
        assert browser.get(f"/vorschau/meeting/{meeting.pk}.png").status_code == 404
        assert browser.get(f"/vorschau/recommendation/{draft.pk}.png").status_code == 404
        assert browser.get("/vorschau/user/1.png").status_code == 404


@pytest.mark.parametrize("title", ["W" * 160, "Wort " * 32, "x", "Donaudampfschifffahrtsgesellschaft " * 4])
def test_any_title_fits_into_the_picture(client: Client, db: None, title: str) -> None:
    measure = MeasureFactory(title=title[:150], state="decided")
    assert client.get(f"/vorschau/measure/{measure.pk}.png").status_code == 200


def test_the_map_of_the_site_lists_what_everyone_may_see(client: Client, db: None, settings: Any) -> None:
    public = MeetingFactory(is_public=True)
    inside = MeetingFactory(is_public=False)
    index = client.get("/sitemap.xml").content.decode()
    assert "/sitemap-meeting.xml" in index
    addresses = re.findall(r"<loc>([^<]+)</loc>", client.get("/sitemap-meeting.xml").content.decode())
    assert addresses == [f"{settings.BASE_URL}{public.get_absolute_url()}"]
    assert inside.get_absolute_url() not in str(addresses)


def test_every_section_of_the_map_leads_to_pages_that_are_there(client: Client, db: None, settings: Any) -> None:
    for make in PUBLIC.values():
        make()
    addresses = []
    index = client.get("/sitemap.xml").content.decode()
    for section in re.findall(r"/sitemap-[a-z]+\.xml", index):
        addresses += re.findall(r"<loc>([^<]+)</loc>", client.get(section).content.decode())
    assert len(addresses) > len(PUBLIC) + 20
    for address in addresses:
        assert client.get(address.removeprefix(settings.BASE_URL)).status_code == 200, address


def test_robots_keep_out_of_the_inside(client: Client, db: None, settings: Any) -> None:
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /arbeitsbereich/" in text
    assert f"Sitemap: {settings.BASE_URL}/sitemap.xml" in text


@pytest.mark.parametrize("address", ["/konto/anmelden/", "/suche/?q=Kita", "/gibt-es-nicht/"])
def test_what_is_no_reading_is_not_indexed(client: Client, db: None, address: str) -> None:
    assert client.get(address).headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "X-Robots-Tag" not in client.get("/massnahmen/").headers


def test_the_workspace_is_never_indexed(client_of: Callable[[Any], Client], planner: Any, working_group: Body) -> None:
    assert "noindex" in client_of(planner).get("/arbeitsbereich/").headers["X-Robots-Tag"]
