"""Recommendations: finding them, and telling what became of each."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dialog.models import Body, DatePrecision, FieldOfAction, Recommendation
from tests.factories import (
    AddresseeFactory,
    AgendaItemFactory,
    BodyFactory,
    ConferenceFactory,
    DebateFactory,
    FieldOfActionFactory,
    MeasureFactory,
    MeetingFactory,
    OrganizationFactory,
    RecommendationFactory,
    StrandFactory,
)

Read = Callable[[str, str], str]

EVERYONE = ("anonymous", "citizen", "applicant", "member", "chair", "planner", "lead_contact", "operator")
INSIDERS = ("member", "chair", "planner", "operator")
WAITS = "Wartet auf eine Antwort"


# ── who reads what ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", EVERYONE)
def test_a_draft_exists_only_for_its_body_and_the_planning_group(
    role: str, request: pytest.FixtureRequest, client_of: Callable[[Any], Client], working_group: Body
) -> None:
    draft = RecommendationFactory(body=working_group, drafted=True, title="Unfertiges", slug="unfertiges")
    client = client_of(request.getfixturevalue(role))
    inside = role in INSIDERS
    assert client.get(draft.get_absolute_url()).status_code == (200 if inside else 404)
    # Not even the right address is given away.
    assert client.get(f"/empfehlungen/{draft.number}-x/").status_code == (301 if inside else 404)
    for address in ("/empfehlungen/", "/empfehlungen/?q=Unfertiges", "/empfehlungen/?stand=drafted"):
        assert (">Unfertiges</a>" in client.get(address).content.decode()) == inside


def test_drafts_are_not_counted_for_others(read: Read, working_group: Body) -> None:
    RecommendationFactory(body=working_group, drafted=True, date=dt.date(1999, 1, 1))
    page = read("anonymous", "/empfehlungen/")
    assert "0 Empfehlungen" in page
    assert 'value="drafted"' not in page
    assert "1999" not in page
    assert "wohnen-und-quartier" not in page
    assert "1 Empfehlung<" in read("member", "/empfehlungen/")


@pytest.mark.parametrize("role", EVERYONE)
def test_the_item_it_was_debated_under_shows_only_to_whoever_may_read_it(
    role: str, read: Read, working_group: Body
) -> None:
    meeting = MeetingFactory(body=working_group, held=True)
    item = AgendaItemFactory(meeting=meeting, is_public=False)
    recommendation = RecommendationFactory(body=working_group, agenda_item=item)
    page = read(role, recommendation.get_absolute_url())
    assert (f"/sitzungen/{meeting.pk}/" in page) == (role in INSIDERS)


@pytest.mark.parametrize("role", EVERYONE)
def test_a_proposed_measure_is_no_answer_for_those_who_may_not_know_of_it(
    role: str, read: Read, working_group: Body
) -> None:
    recommendation = RecommendationFactory(body=working_group)
    MeasureFactory(proposed=True, title="Noch ein Vorschlag", recommended_by=[recommendation])
    page = read(role, recommendation.get_absolute_url())
    knows = role in ("planner", "operator")
    assert ("Noch ein Vorschlag" in page) == knows
    assert (WAITS in page) != knows


# ── one recommendation ──────────────────────────────────────────────────────────────────────────────────


def test_the_page_tells_wording_origin_and_addressees(read: Read) -> None:
    recommendation = RecommendationFactory(
        wording="Jedes Kind bekommt ein Buch.\n\nUnd Zeit zum Lesen.",
        body=BodyFactory(name="Lesen"),
        strands=[StrandFactory(name="Integration")],
    )
    AddresseeFactory(recommendation=recommendation, organization=OrganizationFactory(name="Stadtbücherei"))
    council = BodyFactory(name="Rat der Stadt", slug="rat", council=True)
    AddresseeFactory(recommendation=recommendation, organization=None, body=council)
    page = read("anonymous", recommendation.get_absolute_url())
    assert "<p>Jedes Kind bekommt ein Buch.</p>" in page
    for words in ("Arbeitsgruppe Lesen", "Stadtbücherei", '<a href="/gremien/rat/">Rat der Stadt</a>', "Integration"):
        assert words in page


def test_a_wrong_slug_leads_to_the_right_address_for_good(client: Client) -> None:
    recommendation = RecommendationFactory(number="E-2009-001", slug="mehr-lesen")
    for slug in ("falsch", "mehr-lesen-und-mehr", "E-2009-002-x"):
        response = client.get(f"/empfehlungen/E-2009-001-{slug}/")
        assert (response.status_code, response["Location"]) == (301, "/empfehlungen/E-2009-001-mehr-lesen/")
    assert client.get(recommendation.get_absolute_url()).status_code == 200


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    """Every page here asks the database."""


@pytest.mark.parametrize(
    "address", ["/empfehlungen/E-2009-999-x/", "/empfehlungen/e-2009-001-x/", "/empfehlungen/nichts/"]
)
def test_an_unknown_recommendation_is_404(address: str, client: Client) -> None:
    RecommendationFactory(number="E-2009-001", slug="x")
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("precision", "since"),
    [
        (DatePrecision.DAY, "seit 27. Januar 2009"),
        (DatePrecision.MONTH, "seit Januar 2009"),
        (DatePrecision.YEAR, "seit 2009"),
    ],
)
@pytest.mark.parametrize("state", ["presented", "adopted"])
def test_what_nothing_followed_waits_and_says_since_when(state: str, precision: str, since: str, read: Read) -> None:
    recommendation = RecommendationFactory(state=state, date=dt.date(2009, 1, 27), date_precision=precision)
    page = read("anonymous", recommendation.get_absolute_url())
    assert WAITS in page
    assert since in page


@pytest.mark.parametrize("state", ["taken_up", "done", "rejected"])
def test_what_was_answered_does_not_wait_and_tells_the_outcome(state: str, read: Read) -> None:
    recommendation = RecommendationFactory(state=state, outcome="Der Kreis übernimmt das.")
    page = read("anonymous", recommendation.get_absolute_url())
    assert WAITS not in page
    assert "Der Kreis übernimmt das." in page


def test_what_a_measure_followed_does_not_wait(read: Read) -> None:
    recommendation = RecommendationFactory(state="adopted")
    measure = MeasureFactory(recommended_by=[recommendation])
    page = read("anonymous", recommendation.get_absolute_url())
    assert WAITS not in page
    assert measure.get_absolute_url() in page


def test_what_waits_says_with_whom_it_lies(read: Read) -> None:
    row = RecommendationFactory(state="presented")
    AddresseeFactory(recommendation=row, organization__name="Sportverein Brambauer")
    page = read("anonymous", row.get_absolute_url())
    assert "Sie liegt bei: Sportverein Brambauer" in " ".join(page.split())
    without = read("anonymous", RecommendationFactory(state="presented").get_absolute_url())
    assert "Sie liegt bei" not in without
    assert "Bei wem sie liegt, ist nicht verzeichnet." in without
    assert "Adressat nicht verzeichnet" in without


SILENT = "Aufgegriffen, noch keine Maßnahme verzeichnet"


def test_what_was_taken_up_without_a_word_says_so(read: Read) -> None:
    row = RecommendationFactory(state="taken_up", date=dt.date(2009, 1, 27), date_precision=DatePrecision.DAY)
    AddresseeFactory(recommendation=row, organization__name="Sportverein Brambauer")
    page = " ".join(read("anonymous", row.get_absolute_url()).split())
    assert SILENT in page
    assert "seit 27. Januar 2009" in page
    assert "Sie liegt bei: Sportverein Brambauer" in page
    assert WAITS not in page
    told = RecommendationFactory(state="taken_up", outcome="Der Kreis übernimmt das.")
    assert SILENT not in read("anonymous", told.get_absolute_url())
    MeasureFactory(recommended_by=[row])
    assert SILENT not in read("anonymous", row.get_absolute_url())


def test_debates_stand_between_recommending_and_what_followed(read: Read) -> None:
    recommendation = RecommendationFactory(date=dt.date(2008, 12, 1))
    conference = ConferenceFactory(slug="2009", title="Jahreskonferenz 2009", date=dt.date(2009, 1, 27))
    DebateFactory(conference=conference, recommendation=recommendation, outcome="adopted", note="Einstimmig.")
    DebateFactory(conference=ConferenceFactory(slug="2010", date=dt.date(2010, 1, 27)))
    page = read("anonymous", recommendation.get_absolute_url())
    assert page.index("Empfohlen</b>") < page.index("Beraten: angenommen") < page.index(WAITS)
    assert "Einstimmig." in page
    assert "/jahreskonferenzen/2009/" in page
    assert "/jahreskonferenzen/2010/" not in page


def test_a_debate_to_come_has_no_outcome_yet(read: Read) -> None:
    recommendation = RecommendationFactory()
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    DebateFactory(recommendation=recommendation, conference=ConferenceFactory(date=tomorrow))
    page = read("anonymous", recommendation.get_absolute_url())
    assert "Wird beraten" in page
    assert "Beraten:" not in page


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def field() -> FieldOfAction:
    return FieldOfActionFactory(name="Bildung", slug="bildung")


@pytest.fixture
def several(field: FieldOfAction) -> list[Recommendation]:
    """Three recommendations that differ in everything that can be chosen."""
    reading, sports = BodyFactory(slug="lesen"), BodyFactory(slug="sport")
    elsewhere = FieldOfActionFactory(name="Freizeit", slug="freizeit")
    return [
        RecommendationFactory(title="Bücherei öffnen", body=reading, field=field, date=dt.date(2009, 1, 27)),
        RecommendationFactory(title="Vorlesen", body=reading, field=field, state="taken_up", date=dt.date(2010, 1, 26)),
        RecommendationFactory(title="Halle bauen", body=sports, field=elsewhere, date=dt.date(2010, 1, 26)),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"Bücherei öffnen", "Vorlesen", "Halle bauen"}),
        ("q=bücherei", {"Bücherei öffnen"}),
        ("q=HALLE+bauen", {"Halle bauen"}),
        ("handlungsfeld=bildung", {"Bücherei öffnen", "Vorlesen"}),
        ("handlungsfeld=bildung&handlungsfeld=freizeit", {"Bücherei öffnen", "Vorlesen", "Halle bauen"}),
        ("gremium=sport", {"Halle bauen"}),
        ("stand=taken_up", {"Vorlesen"}),
        ("stand=taken_up&stand=presented", {"Bücherei öffnen", "Vorlesen", "Halle bauen"}),
        ("jahr=2010", {"Vorlesen", "Halle bauen"}),
        ("jahr=2010&handlungsfeld=bildung&stand=taken_up&gremium=lesen&q=vorlesen", {"Vorlesen"}),
        ("jahr=2010&gremium=lesen&stand=presented", set()),
        ("utm_source=brief&x[]=1", {"Bücherei öffnen", "Vorlesen", "Halle bauen"}),
    ],
)
def test_filters_narrow_the_list(query: str, found: set[str], read: Read, several: list[Recommendation]) -> None:
    page = read("anonymous", f"/empfehlungen/?{query}")
    assert {row.title for row in several if f">{row.title}</a>" in page} == found
    words = "1 Empfehlung<" if len(found) == 1 else f"{len(found)} Empfehlungen<"
    assert words in page


@pytest.mark.parametrize(
    "query",
    [
        "stand=verschollen",
        "handlungsfeld=gibt-es-nicht",
        "gremium=gibt-es-nicht",
        "jahr=MMIX",
        "jahr=0",
        "handlungsfeld=%00",
        "gremium=%00",
        "q=%00",
        "stand=" + "x" * 5000,
    ],
)
def test_nonsense_is_named_and_loses_nothing(query: str, read: Read, several: list[Recommendation]) -> None:
    page = read("anonymous", f"/empfehlungen/?{query}")
    assert "Eine Angabe in der Adresse kennen wir nicht." in page
    assert "3 Empfehlungen" in page


def test_nonsense_beside_a_good_filter_leaves_the_good_one(read: Read, several: list[Recommendation]) -> None:
    assert "1 Empfehlung<" in read("anonymous", "/empfehlungen/?gremium=sport&jahr=MMIX")


@pytest.mark.parametrize("words", ["x" * 5000, "a " * 3000, "%_'\"\\", "<script>alert(1)</script>", "🌊"])
def test_hostile_words_are_only_searched_for(words: str, client: Client, several: list[Recommendation]) -> None:
    response = client.get("/empfehlungen/", {"q": words})
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


def test_each_filter_in_effect_can_be_taken_back(read: Read, several: list[Recommendation]) -> None:
    page = read("anonymous", "/empfehlungen/?q=vorlesen&handlungsfeld=bildung&stand=taken_up&seite=1")
    assert 'href="?handlungsfeld=bildung&amp;stand=taken_up"' in page
    assert 'href="?q=vorlesen&amp;stand=taken_up"' in page
    assert 'href="?q=vorlesen&amp;handlungsfeld=bildung"' in page
    assert "Stand: aufgegriffen" in page
    assert "Alle Filter aufheben" in page


def test_choices_tell_how_many_they_would_leave(read: Read, several: list[Recommendation]) -> None:
    page = read("anonymous", "/empfehlungen/?handlungsfeld=bildung")
    # The other fields are counted as if none were chosen, the states within the chosen field.
    assert 'value="bildung" checked>Bildung<span>2</span>' in page
    assert 'value="freizeit">Freizeit<span>1</span>' in page
    assert 'value="presented">Vorgestellt<span>1</span>' in page
    assert 'value="taken_up">Aufgegriffen<span>1</span>' in page
    assert 'value="done"' not in page


def test_the_form_keeps_what_was_typed(read: Read, several: list[Recommendation]) -> None:
    page = read("anonymous", "/empfehlungen/?q=Vor%22lesen&gremium=sport&jahr=2010")
    assert 'value="Vor&quot;lesen"' in page
    assert '<option value="sport" selected>' in page
    assert '<option value="2010" selected>' in page


@pytest.mark.parametrize(("number", "shown"), [("2", 2), ("77", 2), ("-1", 2), ("zwei", 1), ("1e9", 1)])
def test_paging_keeps_the_filters_and_forgives_numbers(
    number: str, shown: int, read: Read, field: FieldOfAction
) -> None:
    RecommendationFactory.create_batch(26, field=field)
    page = read("anonymous", f"/empfehlungen/?handlungsfeld=bildung&seite={number}")
    assert f"Seite {shown} von 2" in page
    assert f'href="?handlungsfeld=bildung&amp;seite={3 - shown}"' in page


def test_an_empty_list_says_what_may_help(read: Read) -> None:
    assert "Vielleicht hilft ein anderes Wort" in read("anonymous", "/empfehlungen/?q=nirgends")


def test_readers_without_account_get_no_cookie(client: Client, several: list[Recommendation]) -> None:
    for address in ("/empfehlungen/", several[0].get_absolute_url()):
        assert not client.get(address).cookies


def test_the_list_takes_as_many_queries_for_30_rows_as_for_one(queries: Callable[..., int]) -> None:
    RecommendationFactory()
    few = queries("/empfehlungen/?jahr=2009&stand=presented")
    RecommendationFactory.create_batch(29)
    assert queries("/empfehlungen/?jahr=2009&stand=presented") == few


def test_a_page_takes_as_many_queries_for_30_of_everything_as_for_one(queries: Callable[..., int]) -> None:
    recommendation = RecommendationFactory()

    def add(count: int) -> None:
        for _ in range(count):
            AddresseeFactory(recommendation=recommendation)
            AddresseeFactory(recommendation=recommendation, organization=None, body=BodyFactory())
            DebateFactory(recommendation=recommendation)
            MeasureFactory(recommended_by=[recommendation])

    add(1)
    few = queries(recommendation.get_absolute_url())
    add(29)
    assert queries(recommendation.get_absolute_url()) == few <= 12
