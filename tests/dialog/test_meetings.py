"""Meetings, agendas and minutes: who reads what, and finding them by body and year."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dialog.models import Body, Meeting, Minutes
from tests.factories import (
    AgendaItemFactory,
    BodyFactory,
    DocumentFactory,
    MeetingFactory,
    MinutesFactory,
    RecommendationFactory,
    berlin,
)

Read = Callable[[str, str], str]

EVERYONE = ("anonymous", "citizen", "applicant", "member", "chair", "planner", "lead_contact", "operator")
INSIDERS = ("member", "chair", "planner", "operator")


@pytest.fixture
def meeting(working_group: Body) -> Meeting:
    """A public meeting of the working group that was held."""
    return MeetingFactory(body=working_group, held=True)


def soon(days: int = 7) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


# ── who reads what ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", EVERYONE)
def test_a_non_public_meeting_exists_only_for_insiders(
    role: str, request: pytest.FixtureRequest, client_of: Callable[[Any], Client], working_group: Body
) -> None:
    meeting = MeetingFactory(body=working_group, non_public=True, held=True, title="Vertrauliche Runde")
    MinutesFactory(meeting=meeting, published=True, text="Vertrauliches Ergebnis")
    client = client_of(request.getfixturevalue(role))
    status = 200 if role in INSIDERS else 404
    assert client.get(f"/sitzungen/{meeting.pk}/").status_code == status
    assert client.get(f"/sitzungen/{meeting.pk}/niederschrift/").status_code == status
    for address in ("/sitzungen/", "/sitzungen/?gremium=wohnen-und-quartier", "/sitzungen/?jahr=2009"):
        assert ("Vertrauliche Runde" in client.get(address).content.decode()) == (role in INSIDERS)


@pytest.mark.parametrize("state", ["draft", "in_review", "published"])
def test_an_agenda_leads_to_the_minutes_of_the_meeting_before_if_the_reader_may_read_them(
    read: Read, meeting: Meeting, state: str
) -> None:
    following = MeetingFactory(body=meeting.body, starts_at=meeting.starts_at + dt.timedelta(days=90))
    MinutesFactory(meeting=meeting, **{"published": True} if state == "published" else {"state": state})
    readers = {"draft": {"planner"}, "in_review": {"planner", "member"}}.get(state, {"planner", "member", "anonymous"})
    for role in ("anonymous", "member", "planner"):
        linked = f'href="/sitzungen/{meeting.pk}/niederschrift/"' in read(role, f"/sitzungen/{following.pk}/")
        assert linked == (role in readers), role
    assert f"/sitzungen/{meeting.pk}/niederschrift/" in read(
        "planner", f"/arbeitsbereich/sitzungen/{following.pk}/tagesordnung/"
    )


@pytest.mark.parametrize("role", EVERYONE)
def test_a_non_public_item_is_only_counted_for_others(role: str, read: Read, meeting: Meeting) -> None:
    AgendaItemFactory(meeting=meeting, title="Offener Punkt")
    AgendaItemFactory(meeting=meeting, title="Personalsache", is_public=False)
    page = read(role, f"/sitzungen/{meeting.pk}/")
    assert "Offener Punkt" in page
    assert ("Personalsache" in page) == (role in INSIDERS)
    assert ("Ein Punkt wird nicht öffentlich beraten." in page) == (role not in INSIDERS)


@pytest.mark.parametrize("role", EVERYONE)
def test_a_drafted_recommendation_is_not_shown_at_its_item(role: str, read: Read, meeting: Meeting) -> None:
    item = AgendaItemFactory(meeting=meeting)
    RecommendationFactory(body=meeting.body, agenda_item=item, title="Vorgestelltes")
    RecommendationFactory(body=meeting.body, agenda_item=item, title="Entworfenes", drafted=True)
    page = read(role, f"/sitzungen/{meeting.pk}/")
    assert "Vorgestelltes" in page
    assert ("Entworfenes" in page) == (role in INSIDERS)


@pytest.mark.parametrize(
    ("state", "readers"),
    [
        (Minutes.State.DRAFT, {"planner", "operator"}),
        (Minutes.State.IN_REVIEW, set(INSIDERS)),
        (Minutes.State.APPROVED, set(INSIDERS)),
        (Minutes.State.PUBLISHED, set(EVERYONE)),
    ],
)
@pytest.mark.parametrize("role", EVERYONE)
def test_minutes_are_read_from_the_state_on_that_the_reader_may_see(
    role: str,
    state: str,
    readers: set[str],
    request: pytest.FixtureRequest,
    client_of: Callable[[Any], Client],
    meeting: Meeting,
) -> None:
    published_at = berlin(2009, 4, 1) if state == Minutes.State.PUBLISHED else None
    MinutesFactory(meeting=meeting, state=state, published_at=published_at, text="Frau Muster sagt Ja.")
    client = client_of(request.getfixturevalue(role))
    response = client.get(f"/sitzungen/{meeting.pk}/niederschrift/")
    assert response.status_code == (200 if role in readers else 404)
    assert ("Frau Muster sagt Ja." in response.content.decode()) == (role in readers)
    for address in (f"/sitzungen/{meeting.pk}/", "/sitzungen/"):
        page = client.get(address).content.decode()
        assert (f"/sitzungen/{meeting.pk}/niederschrift/" in page) == (role in readers)


@pytest.mark.parametrize("role", EVERYONE)
def test_papers_of_the_body_are_listed_only_for_insiders(role: str, read: Read, meeting: Meeting) -> None:
    DocumentFactory(meeting=meeting, body=meeting.body, title="Einladung zum Mitnehmen")
    DocumentFactory(meeting=meeting, body=meeting.body, title="Interne Vorlage", is_public=False)
    DocumentFactory(title="Ganz anderes Papier")
    page = read(role, f"/sitzungen/{meeting.pk}/")
    assert "Einladung zum Mitnehmen" in page
    assert ("Interne Vorlage" in page) == (role in INSIDERS)
    assert "Ganz anderes Papier" not in page


# ── one meeting ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_cancelled_meeting_says_so_everywhere(read: Read, working_group: Body) -> None:
    meeting = MeetingFactory(body=working_group, cancelled=True, starts_at=soon())
    page = read("anonymous", f"/sitzungen/{meeting.pk}/")
    assert "Diese Sitzung ist abgesagt." in page
    assert "Sie können ohne Anmeldung kommen" not in page
    assert "Abgesagt" in read("anonymous", "/sitzungen/")


def test_a_coming_public_meeting_invites(read: Read, working_group: Body) -> None:
    meeting = MeetingFactory(body=working_group, starts_at=soon())
    page = read("anonymous", f"/sitzungen/{meeting.pk}/")
    assert "Sie können ohne Anmeldung kommen" in page
    assert "Die Tagesordnung steht noch nicht fest." in page


@pytest.mark.parametrize(
    ("month", "clock"), [(1, "18:00 bis 20:00 Uhr"), (7, "18:00 bis 20:00 Uhr")], ids=["winter", "summer"]
)
def test_times_are_those_of_a_clock_in_luenen(month: int, clock: str, read: Read) -> None:
    meeting = MeetingFactory(starts_at=berlin(2009, month, 10))
    meeting.refresh_from_db()
    assert clock in read("anonymous", f"/sitzungen/{meeting.pk}/")


def test_a_meeting_after_midnight_in_luenen_stands_on_the_right_day(read: Read) -> None:
    meeting = MeetingFactory(starts_at=berlin(2010, 1, 1, 0, 30))
    assert "Freitag, 1. Januar 2010" in read("anonymous", f"/sitzungen/{meeting.pk}/")
    assert "Bisher im Jahr 2010" in read("anonymous", "/sitzungen/")
    assert f"/sitzungen/{meeting.pk}/" in read("anonymous", "/sitzungen/?jahr=2010")


def test_a_meeting_over_two_days_says_when_it_ends(read: Read) -> None:
    meeting = MeetingFactory(starts_at=berlin(2008, 10, 17, 9), ends_at=berlin(2008, 10, 18, 13))
    assert "09:00 Uhr bis 18. Oktober, 13:00 Uhr" in read("anonymous", f"/sitzungen/{meeting.pk}/")


def test_minutes_keep_their_paragraphs_and_no_markup(read: Read, meeting: Meeting) -> None:
    MinutesFactory(meeting=meeting, published=True, text="Erster Absatz.\n\nZweiter <script>alert(1)</script>")
    page = read("anonymous", f"/sitzungen/{meeting.pk}/niederschrift/")
    assert "<p>Erster Absatz.</p>" in page
    assert "<script>alert" not in page


def test_insiders_see_in_which_state_the_minutes_are(read: Read, meeting: Meeting) -> None:
    MinutesFactory(meeting=meeting, state=Minutes.State.IN_REVIEW)
    assert "Stand: in Durchsicht" in read("member", f"/sitzungen/{meeting.pk}/niederschrift/")
    assert "in Durchsicht" in read("member", f"/sitzungen/{meeting.pk}/")
    assert "Eine Niederschrift ist noch nicht veröffentlicht." in read("anonymous", f"/sitzungen/{meeting.pk}/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["/sitzungen/0/", "/sitzungen/99999999999999999999999999/", "/sitzungen/1/niederschrift/", "/sitzungen/abc/"],
)
def test_an_unknown_meeting_is_404(address: str, client: Client) -> None:
    assert client.get(address).status_code == 404


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────


def test_coming_meetings_stand_first_the_next_on_top_then_the_past_by_year(read: Read) -> None:
    for title, starts_at in (
        ("In zwei Wochen", soon(14)),
        ("Morgen", soon(1)),
        ("Im Mai 2009", berlin(2009, 5, 5)),
        ("Im Juni 2010", berlin(2010, 6, 6)),
    ):
        MeetingFactory(title=title, starts_at=starts_at)
    page = read("anonymous", "/sitzungen/")
    order = ("Demnächst", "Morgen", "In zwei Wochen", "Jahr 2010", "Im Juni 2010", "Jahr 2009", "Im Mai 2009")
    places = [page.index(words) for words in order]
    assert places == sorted(places)


def test_a_meeting_under_way_has_not_passed(read: Read) -> None:
    MeetingFactory(title="Gerade jetzt", starts_at=timezone.now() - dt.timedelta(hours=1))
    assert "Bisher im Jahr" not in read("anonymous", "/sitzungen/")


def test_body_and_year_narrow_the_list_and_stand_in_the_address(read: Read) -> None:
    housing, sports = BodyFactory(slug="wohnen", name="Wohnen"), BodyFactory(slug="sport", name="Sport")
    MeetingFactory(body=housing, title="Wohnen 2009", starts_at=berlin(2009, 5, 5))
    MeetingFactory(body=housing, title="Wohnen 2010", starts_at=berlin(2010, 5, 5))
    MeetingFactory(body=sports, title="Sport 2010", starts_at=berlin(2010, 6, 5))

    def found(query: str) -> set[str]:
        page = read("anonymous", f"/sitzungen/?{query}")
        return {title for title in ("Wohnen 2009", "Wohnen 2010", "Sport 2010") if f">{title}</a>" in page}

    assert found("gremium=wohnen") == {"Wohnen 2009", "Wohnen 2010"}
    assert found("jahr=2010") == {"Wohnen 2010", "Sport 2010"}
    assert found("gremium=wohnen&jahr=2010") == {"Wohnen 2010"}
    page = read("anonymous", "/sitzungen/?gremium=wohnen&jahr=2010")
    assert 'href="?jahr=2010"' in page
    assert 'href="?gremium=wohnen"' in page


@pytest.mark.parametrize(
    "query",
    [
        "gremium=gibt-es-nicht",
        "jahr=neunzehnhundert",
        "jahr=999999999999999999999",
        "gremium=%00",
        "gremium=' OR 1=1 --",
        "gremium=" + "x" * 5000,
    ],
)
def test_nonsense_in_the_address_is_named_and_loses_nothing(query: str, read: Read) -> None:
    MeetingFactory(title="Bleibt da")
    page = read("anonymous", f"/sitzungen/?{query}")
    assert "Eine Angabe in der Adresse kennen wir nicht." in page
    assert "Bleibt da" in page


def test_the_filter_offers_no_body_that_only_meets_behind_closed_doors(read: Read) -> None:
    MeetingFactory(body=BodyFactory(slug="geheimrat"), non_public=True, starts_at=berlin(1999, 1, 1))
    page = read("anonymous", "/sitzungen/")
    assert "geheimrat" not in page
    assert "1999" not in page


@pytest.mark.parametrize(
    ("number", "shown"), [("2", 2), ("999", 2), ("0", 2), ("-3", 2), ("unsinn", 1), ("", 1), ("9" * 5000, 1)]
)
def test_any_page_number_leads_to_the_nearest_page(number: str, shown: int, read: Read) -> None:
    for day in range(26):
        MeetingFactory(title=f"Tag {day}", starts_at=berlin(2009, 1, 1) + dt.timedelta(days=day))
    page = read("anonymous", f"/sitzungen/?jahr=2009&seite={number}")
    assert f"Seite {shown} von 2" in page
    other = 2 if shown == 1 else 1
    assert f'href="?jahr=2009&amp;seite={other}"' in page


def test_the_page_takes_as_many_queries_for_30_meetings_as_for_one(queries: Callable[..., int]) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            MinutesFactory(published=True)
            MeetingFactory(starts_at=soon())

    add(1)
    few = queries("/sitzungen/")
    add(29)
    assert queries("/sitzungen/") == few


def test_a_meeting_takes_as_many_queries_for_30_items_as_for_one(queries: Callable[..., int], meeting: Meeting) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            RecommendationFactory(agenda_item=AgendaItemFactory(meeting=meeting))
            DocumentFactory(meeting=meeting)

    address = f"/sitzungen/{meeting.pk}/"
    add(1)
    few = queries(address)
    add(29)
    assert queries(address) == few
