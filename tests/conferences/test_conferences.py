"""Conferences: programme, debates, declarations, and what they add to other pages."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from conferences.models import Conference
from dialog.models import Body
from tests.factories import (
    BodyFactory,
    ConferenceFactory,
    DebateFactory,
    DeclarationFactory,
    ProgrammeItemFactory,
    RecommendationFactory,
)

Read = Callable[[str, str], str]

EVERYONE = ("anonymous", "citizen", "applicant", "member", "chair", "planner", "lead_contact", "operator")
INSIDERS = ("member", "chair", "planner", "operator")


@pytest.fixture
def conference(db: None) -> Conference:
    return ConferenceFactory(slug="2009", title="Jahreskonferenz 2009", date=dt.date(2009, 1, 27))


@pytest.mark.parametrize("role", EVERYONE)
def test_the_debate_of_a_draft_shows_only_to_insiders(
    role: str, read: Read, conference: Conference, working_group: Body
) -> None:
    draft = RecommendationFactory(body=working_group, drafted=True, title="Noch geheim")
    DebateFactory(conference=conference, recommendation=draft, note="Vorab besprochen")
    page = read(role, "/jahreskonferenzen/2009/")
    assert ("Noch geheim" in page) == (role in INSIDERS)
    assert ("Vorab besprochen" in page) == (role in INSIDERS)


def test_the_page_tells_programme_debates_and_declarations(read: Read, conference: Conference) -> None:
    group = BodyFactory(name="Lesen", slug="lesen")
    ProgrammeItemFactory(conference=conference, position=2, title="Aussprache")
    ProgrammeItemFactory(
        conference=conference, position=1, title="Bericht", body=group, starts_at=dt.time(14, 30), text="Zehn Minuten."
    )
    debate = DebateFactory(conference=conference, outcome="changed", recommendation__title="Mehr lesen")
    conference.declarations.add(DeclarationFactory(title="Lüner Erklärung", slug="luener-erklaerung"))
    ProgrammeItemFactory(title="Von einer anderen Konferenz")
    page = read("anonymous", "/jahreskonferenzen/2009/")
    assert page.index("Bericht") < page.index("Aussprache")
    for words in (
        "Dienstag, 27. Januar 2009",
        "14:30 Uhr",
        "Zehn Minuten.",
        "Arbeitsgruppe Lesen",
        debate.recommendation.get_absolute_url(),
        "Mit Änderungen angenommen",
        '<a href="/erklaerungen/luener-erklaerung/">Lüner Erklärung</a>',
    ):
        assert words in page
    assert "Von einer anderen Konferenz" not in page


def test_a_body_tells_at_which_conferences_it_had_the_floor(read: Read, conference: Conference) -> None:
    body = BodyFactory(slug="lesen")
    ProgrammeItemFactory(conference=conference, body=body, title="Die Gruppe berichtet")
    ProgrammeItemFactory(conference=conference, title="Jemand anders berichtet")
    page = read("anonymous", "/gremien/lesen/")
    assert "Die Gruppe berichtet" in page
    assert "/jahreskonferenzen/2009/" in page
    assert "Jemand anders berichtet" not in page


def test_a_body_without_the_floor_has_no_empty_section(read: Read) -> None:
    BodyFactory(slug="lesen")
    assert "Bei den Konferenzen" not in read("anonymous", "/gremien/lesen/")


def test_coming_conferences_stand_first_the_next_on_top_then_the_past(read: Read) -> None:
    today = timezone.localdate()
    days = {"Übernächste": 400, "Heute": 0, "Nächste": 30, "Letzte": -1, "Vorletzte": -400}
    for title, offset in days.items():
        ConferenceFactory(
            title=title,
            slug=f"tag-{offset + 500}",
            kind=Conference.Kind.INTERIM,
            date=today + dt.timedelta(days=offset),
        )
    page = read("anonymous", "/jahreskonferenzen/")
    order = ("Demnächst", ">Heute<", ">Nächste<", ">Übernächste<", "Bisherige Konferenzen", ">Letzte<", ">Vorletzte<")
    places = [page.index(words) for words in order]
    assert places == sorted(places)


@pytest.mark.parametrize(("offset", "told"), [(30, True), (-30, False)])
def test_only_a_coming_conference_promises_a_programme(offset: int, told: bool, read: Read) -> None:
    date = timezone.localdate() + dt.timedelta(days=offset)
    ConferenceFactory(slug="eine", date=date)
    assert ("Das Programm steht noch nicht fest." in read("anonymous", "/jahreskonferenzen/eine/")) == told


def test_an_unknown_conference_is_404(client: Client, conference: Conference) -> None:
    assert client.get("/jahreskonferenzen/1871/").status_code == 404


def test_the_list_stands_without_any_conference(read: Read, db: None) -> None:
    assert "Der nächste Termin steht noch nicht fest." in read("anonymous", "/jahreskonferenzen/")


def test_readers_without_account_get_no_cookie(client: Client, conference: Conference) -> None:
    for address in ("/jahreskonferenzen/", "/jahreskonferenzen/2009/"):
        assert not client.get(address).cookies


def test_the_pages_take_as_many_queries_for_30_rows_as_for_one(
    queries: Callable[..., Any], conference: Conference
) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            ConferenceFactory()
            ProgrammeItemFactory(conference=conference, body=BodyFactory())
            DebateFactory(conference=conference)
            conference.declarations.add(DeclarationFactory())

    addresses = ("/jahreskonferenzen/", "/jahreskonferenzen/2009/")
    add(1)
    few = [queries(address) for address in addresses]
    add(29)
    assert [queries(address) for address in addresses] == few


def test_a_bodys_page_takes_as_many_queries_for_30_conferences_as_for_one(queries: Callable[..., Any]) -> None:
    body = BodyFactory(slug="lesen")
    ProgrammeItemFactory(body=body)
    few = queries("/gremien/lesen/")
    for _ in range(29):
        ProgrammeItemFactory(body=body)
    assert queries("/gremien/lesen/") == few
