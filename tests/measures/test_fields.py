"""Fields of action and agreements: what the city wants, what came of it, and who works on it."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import (
    BodyFactory,
    CooperationAgreementFactory,
    DistrictFactory,
    FieldOfActionFactory,
    GoalFactory,
    GuidelineFactory,
    IndicatorFactory,
    IndicatorValueFactory,
    MeasureFactory,
    OrganizationFactory,
    RecommendationFactory,
    StrandFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def field():
    return FieldOfActionFactory(name="Bildung", slug="bildung", accent="bildung", summary="Lernen ein Leben lang.")


def text(response: Any) -> str:
    assert response.status_code == 200
    assert not response.cookies
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def shares(response: Any) -> dict[str, int]:
    """The legends of the share bars on a page: words → number."""
    pairs = re.findall(r'<span class="num">(\d+)</span><span>([^<]+)</span>', response.content.decode())
    return {words: int(number) for number, words in pairs}


def test_the_overview_counts_what_everyone_may_see(client, field):
    MeasureFactory(field=field, done=True)
    MeasureFactory(field=field, last_news_on=timezone.localdate())
    MeasureFactory(field=field, proposed=True)
    FieldOfActionFactory(name="Leeres Feld")
    response = client.get("/handlungsfelder/")
    assert "Leeres Feld" in text(response)
    assert shares(response) == {"abgeschlossen": 1, "in Umsetzung": 1}


def test_the_page_has_all_that_belongs_to_the_field(client, field):
    other = FieldOfActionFactory()
    GuidelineFactory(field=field, title="Offen für alle", text="Niemand bleibt zurück.", source="Broschüre, S. 10")
    GoalFactory(field=field, title="Mehr Plätze", strands=[StrandFactory(name="Infrastruktur")])
    MeasureFactory(field=field, title="Ganztag", last_news_on=timezone.localdate(), districts=[])
    RecommendationFactory(field=field, title="Ganztag ausbauen", state="adopted")
    CooperationAgreementFactory(field=field, title="Leseprojekt")
    IndicatorValueFactory(indicator=IndicatorFactory(field=field, name="Ganztagsplätze"), value=300)
    BodyFactory(name="Lernende Stadt", fields=[field])
    BodyFactory(name="Alte Gruppe", fields=[field], ended=True)
    for factory in (GuidelineFactory, GoalFactory, RecommendationFactory, CooperationAgreementFactory):
        factory(field=other, title="Gehört woanders hin")
    content = text(client.get(field.get_absolute_url()))
    for words in (
        "Lernen ein Leben lang.",
        "Offen für alle Niemand bleibt zurück. Quelle: Broschüre, S. 10",
        "Mehr Plätze Infrastruktur",
        "Ganztag M-",
        "Ganztag ausbauen",
        "Leseprojekt",
        "Ganztagsplätze",
        "Arbeitsgruppe Lernende Stadt nimmt neue Mitglieder auf",
    ):
        assert words in content
    assert "Gehört woanders hin" not in content
    assert "Alte Gruppe" not in content


def test_goals_and_guidelines_lead_to_the_measures_that_serve_them(client, field):
    goal, guideline = GoalFactory(field=field, title="Mehr Plätze"), GuidelineFactory(field=field, title="Für alle")
    for n in range(5):
        MeasureFactory(title=f"Ganztag {n}", goal=goal, guidelines=[guideline], last_news_on=dt.date(2010, 1, 1 + n))
    MeasureFactory(title="Geheimer Plan", proposed=True, goal=goal, guidelines=[guideline])
    GoalFactory(field=field, title="Noch ohne Maßnahme")
    response = client.get(field.get_absolute_url())
    content = response.content.decode()
    assert "Geheimer Plan" not in content
    assert text(response).count("5 Maßnahmen dienen dem") == 2
    for name, row in (("ziel", goal), ("leitlinie", guideline)):
        served = content.split(f'id="{name}-{row.pk}"')[1].partition("Alle 5 Maßnahmen")[0]
        assert re.findall(r"Ganztag \d", served) == ["Ganztag 4", "Ganztag 3", "Ganztag 2"]
        listed = client.get(f"/massnahmen/?{name}={row.pk}")
        assert f'href="/massnahmen/?{name}={row.pk}"' in content
        assert "5 Ergebnisse" in text(listed)
        assert row.title in text(listed)


def test_goals_and_guidelines_name_the_recommendations_behind_their_measures(client, field):
    goal, guideline = GoalFactory(field=field), GuidelineFactory(field=field)
    shared, drafted = RecommendationFactory(title="Mehr Plätze"), RecommendationFactory(title="Geheim", drafted=True)
    for _twice in range(2):
        MeasureFactory(field=field, goal=goal, guidelines=[guideline], recommended_by=[shared, drafted])
    MeasureFactory(field=field, proposed=True, goal=goal, recommended_by=[RecommendationFactory(title="Nicht gezeigt")])
    content = client.get(field.get_absolute_url()).content.decode()
    for anchor in (f'id="leitlinie-{guideline.pk}"', f'id="ziel-{goal.pk}"'):
        part = content.partition(anchor)[2].partition("</section>")[0]
        assert part.count(f'<a href="{shared.get_absolute_url()}">Mehr Plätze</a>') == 1
    assert "Geheim" not in content
    assert "Nicht gezeigt" not in content


def test_of_each_standing_a_few_are_shown_and_all_are_linked(client, field):
    for n in range(8):
        MeasureFactory(field=field, title=f"Stilles {n}", last_news_on=dt.date(2010, 1, 1 + n))
    MeasureFactory(field=field, title="Fertig", done=True)
    response = client.get(field.get_absolute_url())
    assert re.findall(r"Stilles \d", text(response)) == [f"Stilles {n}" for n in (7, 6, 5, 4, 3)]
    assert shares(response)["ohne Neuigkeit seit über einem Jahr"] == 8
    everything = "/massnahmen/?handlungsfeld=bildung&amp;stand=quiet"
    assert f'href="{everything}"' in response.content.decode()
    assert "8 Ergebnisse" in text(client.get(everything.replace("&amp;", "&")))


@pytest.mark.parametrize("role", ["anonymous", "citizen", "member", "planner"])
def test_proposals_and_drafts_stay_with_those_who_may_read_them(role, users, client_of, field, working_group):
    MeasureFactory(field=field, proposed=True, title="Geheimer Plan")
    RecommendationFactory(field=field, drafted=True, title="Noch im Entwurf", body=working_group)
    client = client_of(users[role])
    content = " ".join(client.get(field.get_absolute_url()).content.decode().split())
    assert ("Geheimer Plan" in content) == (role == "planner")
    assert ("vorgeschlagen" in content) == (role == "planner")
    assert ("Noch im Entwurf" in content) == (role in {"member", "planner"})


def test_an_empty_field_and_an_unknown_one(client, field):
    assert "noch keine Maßnahme beschlossen" in text(client.get(field.get_absolute_url()))
    assert client.get("/handlungsfelder/nichts/").status_code == 404


def test_titles_are_text(client, field):
    evil = "<script>alert(1)</script>"
    GuidelineFactory(field=field, title=evil, text=evil)
    MeasureFactory(field=field, title=evil)
    IndicatorValueFactory(indicator=IndicatorFactory(field=field, name=evil, unit=evil, text=evil))
    CooperationAgreementFactory(field=field, title=evil, text=evil, parties_text=evil)
    for address in (field.get_absolute_url(), "/vereinbarungen/"):
        assert evil not in client.get(address).content.decode()


@pytest.mark.parametrize("address", ["/handlungsfelder/", "/handlungsfelder/voll/", "/vereinbarungen/"])
def test_thirty_of_everything_need_no_more_queries_than_one(client, address):
    field = FieldOfActionFactory(slug="voll")

    def add(number: int) -> int:
        for _ in range(number):
            GuidelineFactory(field=field)
            GoalFactory(field=field, strands=[StrandFactory()])
            MeasureFactory(
                field=field,
                districts=[DistrictFactory()],
                goal=GoalFactory(field=field),
                guidelines=[GuidelineFactory(field=field)],
                recommended_by=[RecommendationFactory()],
            )
            RecommendationFactory(field=field)
            BodyFactory(fields=[field])
            IndicatorValueFactory(indicator=IndicatorFactory(field=field))
            CooperationAgreementFactory(
                field=field, districts=[DistrictFactory()], parties=[OrganizationFactory()], measure=MeasureFactory()
            )
            FieldOfActionFactory()
        client.get(address)  # the first one counts all measures anew
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    assert add(1) == add(29) <= 12


# ── agreements ──────────────────────────────────────────────────────────────────────────────────────────


def test_agreements_stand_by_district_with_their_parties(client):
    gahmen, south = DistrictFactory(name="Gahmen"), DistrictFactory(name="Lünen-Süd")
    CooperationAgreementFactory(
        title="Leseprojekt", slug="leseprojekt", districts=[south], parties=[OrganizationFactory(name="Grundschule")],
        concluded_on=dt.date(2008, 9, 1), date_precision="month", source="Broschüre, S. 7",
        measure=MeasureFactory(title="Lesen für alle"),
    )  # fmt: skip
    CooperationAgreementFactory(title="Elterntraining", districts=[gahmen, south], parties_text="Grundschulen")
    CooperationAgreementFactory(title="Fortbildung", ended_on=dt.date(2010, 1, 31))
    response = client.get("/vereinbarungen/")
    headings = re.findall(r"<h2>([^<]+)</h2>", response.content.decode())
    assert headings[:3] == ["Gahmen · Lünen-Süd", "Lünen-Süd", "Ganze Stadt"]
    assert 'id="leseprojekt"' in response.content.decode()
    content = text(response)
    for words in ("geschlossen: September 2008", "Beteiligt: Grundschule", "Maßnahme: Lesen für alle", "S. 7",
                  "Beteiligt: Grundschulen", "beendet: 31. Januar 2010"):  # fmt: skip
        assert words in content


def test_an_agreement_does_not_name_a_measure_that_is_only_proposed(client, client_of, planner):
    CooperationAgreementFactory(measure=MeasureFactory(proposed=True, title="Geheimer Plan"))
    assert "Geheimer Plan" not in text(client.get("/vereinbarungen/"))
    assert "Geheimer Plan" in client_of(planner).get("/vereinbarungen/").content.decode()


def test_no_agreement_yet(client):
    assert "Noch ist keine Vereinbarung eingetragen" in text(client.get("/vereinbarungen/"))
