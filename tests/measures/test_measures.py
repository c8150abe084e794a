"""A measure's page: the whole way from recommendation to report, and nothing that the reader may not see."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from dialog.models import Recommendation
from measures.models import Measure
from tests.factories import (
    AttachmentFactory,
    BodyFactory,
    ConferenceFactory,
    CooperationAgreementFactory,
    CouncilReportFactory,
    DebateFactory,
    DistrictFactory,
    GoalFactory,
    GuidelineFactory,
    IndicatorFactory,
    IndicatorValueFactory,
    MeasureFactory,
    MeasureMilestoneFactory,
    OrganizationFactory,
    ProcessFactory,
    ProgressUpdateFactory,
    QuestionFactory,
    RecommendationFactory,
    ResolutionFactory,
    ResolutionPointFactory,
    StrandFactory,
)

pytestmark = pytest.mark.django_db


def page(client: Any, measure: Measure) -> str:
    response = client.get(measure.get_absolute_url())
    assert response.status_code == 200
    assert not response.cookies
    return response.content.decode()


def facts(content: str) -> dict[str, str]:
    """The aside as a reader sees it: term → text."""
    aside = re.search(r'<aside class="facts".*?</aside>', content, re.S).group()
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", aside, re.S)
    return {term: " ".join(re.sub(r"<[^>]+>", " ", text).split()) for term, text in pairs}


def chapters(content: str) -> list[str]:
    """The story, chapter by chapter, without markup."""
    story = re.search(r'<ol class="story">.*?</ol>', content, re.S)
    items = re.findall(r"<li[^>]*>(.*?)</li>", story.group(), re.S) if story else []
    return [" ".join(re.sub(r"<[^>]+>", " ", item).split()) for item in items]


@pytest.fixture
def told() -> Measure:
    """A measure with everything that belongs to it."""
    today = timezone.localdate()
    recommendation = RecommendationFactory(
        title="Ganztag ausbauen", date=dt.date(2008, 10, 1), date_precision="month",
        body=BodyFactory(name="Bildung", process=ProcessFactory(name="KOMM-IN 2008")),
    )  # fmt: skip
    DebateFactory(
        recommendation=recommendation, outcome="adopted", note="Einstimmig.",
        conference=ConferenceFactory(title="Jahreskonferenz 2009", date=dt.date(2009, 1, 27)),
    )  # fmt: skip
    resolution = ResolutionFactory(title="Grundsatzbeschluss", adopted_on=dt.date(2008, 10, 30))
    measure = MeasureFactory(
        number="M-2009-100", slug="ganztag", title="Ganztag für alle", summary="Mehr Plätze.", progress=65,
        goal=GoalFactory(title="Mehr Plätze schaffen"), lead=OrganizationFactory(name="Stadt Lünen"),
        starts_on=dt.date(2009, 5, 1), funding="Landesmittel", source="Broschüre, Seite 11",
        last_news_on=today - dt.timedelta(days=3), recommended_by=[recommendation],
        decided_in=[ResolutionPointFactory(resolution=resolution, position=2, title="Maßnahmen entwickeln")],
        strands=[StrandFactory(name="Infrastruktur")], districts=[DistrictFactory(name="Gahmen")],
        partners=[OrganizationFactory(name="Sportverein")], guidelines=[GuidelineFactory(title="Bildung für alle")],
    )  # fmt: skip
    ProgressUpdateFactory(measure=measure, date=dt.date(2009, 6, 1), progress=10, text="Es geht los.")
    ProgressUpdateFactory(
        measure=measure, date=measure.last_news_on, progress=65, text="Der Anbau steht.", outlook="Einzug im Herbst."
    )
    MeasureMilestoneFactory(measure=measure, position=1, name="Planung", done_on=dt.date(2009, 8, 1))
    MeasureMilestoneFactory(
        measure=measure, position=2, name="Anbau", due_on=dt.date(2030, 5, 1), date_precision="month"
    )
    CooperationAgreementFactory(measure=measure, title="Lesen im Kindergarten", slug="lesen")
    CouncilReportFactory(year=2010, published=True, content={"measures": [{"number": "M-2009-100"}]})
    return measure


def test_the_page_tells_the_whole_way(client, told):
    content = page(client, told)
    story = chapters(content)
    assert [chapter.split(" ", 2)[:2] for chapter in story[1:2]] == [["Oktober", "2008"]]
    for expected, chapter in zip(
        (
            f"Worum es geht {told.field.name} › Bildung für alle › Mehr Plätze schaffen",
            "Empfehlung Ganztag ausbauen Arbeitsgruppe Bildung, KOMM-IN 2008",
            "30. Oktober 2008 Ratsbeschluss Grundsatzbeschluss Punkt 2 : Maßnahmen entwickeln",
            "27. Januar 2009 Jahreskonferenz 2009 Beraten wurde „Ganztag ausbauen“. Ergebnis: angenommen. Einstimmig.",
            "Mai 2009 Beginn der Umsetzung",
            "1. Juni 2009 Sachstand: in Umsetzung, 10 %",
            "20. November 2010 Bericht an den Rat",
            "jetzt Sachstand: in Umsetzung, 65 % Der Anbau steht. Ausblick: Einzug im Herbst.",
        ),
        story,
        strict=True,
    ):
        assert expected in chapter
    assert [n for n, chapter in enumerate(story) if "jetzt" in chapter] == [7]
    assert content.index("Der Anbau steht.", content.index("Neuigkeiten</h2>")) < content.index("Es geht los.")
    assert "Nächster Schritt: Anbau, Mai 2030" in content
    assert 'aria-label="Fortschritt: 65 Prozent"' in content


def test_the_facts_are_beside_it(client, told):
    assert facts(page(client, told)) == {
        "Federführung": "Stadt Lünen",
        "Kontakt": "Frage an die Federführung",
        "Beteiligte": "Sportverein Kontakt auf der Seite der Institution",
        "Ort": "Gahmen",
        "Zeitraum": "seit Mai 2009",
        "Förderung": "Landesmittel",
        "Ziel": "Mehr Plätze schaffen",
        "Dient den Leitlinien": "Bildung für alle",
        "Berichtet in": "2010",
        "Quelle": "Broschüre, Seite 11",
    }


def test_it_says_why_and_for_whom_and_is_found_by_that(client):
    measure = MeasureFactory(reason="Es fehlen Plätze.\nViele warten.", audience="Familien in Gahmen")
    content = page(client, measure)
    assert "<dt>Warum</dt><dd>Es fehlen Plätze.<br>Viele warten.</dd>" in content
    assert "<dt>Für wen</dt><dd>Familien in Gahmen</dd>" in content
    assert {"Warum", "Für wen"}.isdisjoint(re.findall(r"<dt>(.*?)</dt>", page(client, MeasureFactory())))
    for words in ("warten", "Familien"):
        assert measure.get_absolute_url() in client.get("/massnahmen/", {"q": words}).content.decode()


def test_a_measure_with_nothing_around_it_is_a_whole_page_too(client):
    content = page(client, MeasureFactory(starts_on=None, state="decided", progress=0))
    assert facts(content)["Ort"] == "ganze Stadt"
    assert "Nächster Schritt" not in content
    assert "Neuigkeiten</h2>" not in content


def test_the_next_step_is_the_one_due_first_and_none_at_the_end(client):
    measure = MeasureFactory()
    for name, due in (("Irgendwann", None), ("Später", dt.date(2031, 1, 1)), ("Bald", dt.date(2030, 1, 1))):
        MeasureMilestoneFactory(measure=measure, name=name, due_on=due)
    assert "Nächster Schritt: Bald" in page(client, measure)
    MeasureMilestoneFactory(measure=(done := MeasureFactory(done=True)), name="Vergessen")
    assert "Nächster Schritt" not in page(client, done)


def standing(content: str) -> str:
    """The panel with the standing as a reader sees it."""
    panel = re.search(r'<div class="panel standing">.*?</div>', content, re.S).group()
    return " ".join(re.sub(r"<[^>]+>", " ", panel).split())


def test_a_quiet_measure_keeps_its_state_and_says_when_news_were_expected(client):
    """State and freshness are two things."""
    today = timezone.localdate()
    quiet = MeasureFactory(last_news_on=today - dt.timedelta(days=400), interval=91)
    content = standing(page(client, quiet))
    assert content.startswith("In Umsetzung Ohne Neuigkeit")
    expected = date_format(today - dt.timedelta(days=309), "j. F Y")
    assert f"Die nächste Nachricht war bis zum {expected} erwartet." in content


def test_an_unfinished_measure_says_when_news_are_expected(client):
    today = timezone.localdate()
    fresh = MeasureFactory(last_news_on=today, interval=91)
    content = standing(page(client, fresh))
    assert f"Nächste Nachricht erwartet bis: {date_format(today + dt.timedelta(days=91), 'j. F Y')}" in content
    assert "Ohne Neuigkeit" not in content
    assert "erwartet" not in standing(page(client, MeasureFactory(done=True)))


def test_a_stopped_measure_says_why(client):
    assert "Das Geld fehlt." in page(client, MeasureFactory(stopped=True))


@pytest.mark.parametrize("address", ["/massnahmen/M-2009-100/", "/massnahmen/M-2009-100-alter-titel/"])
def test_an_old_address_leads_to_the_right_one_for_good(client, told, address):
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (301, "/massnahmen/M-2009-100-ganztag/")


@pytest.mark.parametrize(
    "address",
    ["/massnahmen/M-2009-999-nichts/", "/massnahmen/M-2009-1/", "/massnahmen/m-2009-100-ganztag/", "/massnahmen/%00/"],
)
def test_an_unknown_measure_is_not_found(client, told, address):
    assert client.get(address).status_code == 404


# ── who sees what ───────────────────────────────────────────────────────────────────────────────────────

PLANNING = {"planner", "operator"}


@pytest.mark.parametrize(
    "role", ["anonymous", "citizen", "applicant", "member", "chair", "planner", "lead_contact", "operator"]
)
def test_a_proposal_is_the_planning_groups(role, users, client_of):
    proposal = MeasureFactory(proposed=True, title="Geheimer Plan")
    client = client_of(users[role])
    expected = 200 if role in PLANNING else 404
    assert client.get(proposal.get_absolute_url()).status_code == expected
    assert client.get(f"/massnahmen/{proposal.number}/").status_code == (301 if role in PLANNING else 404)


@pytest.mark.parametrize("role", ["anonymous", "citizen", "member", "planner"])
def test_the_story_tells_of_drafts_only_to_those_who_may_read_them(role, users, client_of, working_group):
    draft = RecommendationFactory(drafted=True, title="Noch im Entwurf", body=working_group)
    conference = ConferenceFactory(title="Konferenz ohne Öffentlichkeit")
    DebateFactory(recommendation=draft, conference=conference, note="Vertraulich.")
    measure = MeasureFactory(recommended_by=[draft])
    content = page_of(client_of(users[role]), measure)
    for secret in ("Noch im Entwurf", "Konferenz ohne Öffentlichkeit", "Vertraulich."):
        assert (secret in content) == (role in {"member", "planner"})


def page_of(client: Any, measure: Measure) -> str:
    return client.get(measure.get_absolute_url()).content.decode()


def test_only_published_reports_that_speak_of_it_are_named(client, told):
    CouncilReportFactory(year=2011, content={"measures": [{"number": "M-2009-100"}]})
    CouncilReportFactory(year=2012, published=True, content={"measures": [{"number": "M-2009-1001"}]})
    content = page(client, told)
    assert facts(content)["Berichtet in"] == "2010"
    assert content.count('href="/berichte/2010/#M-2009-100"') == 2


def test_a_draft_report_is_not_told_as_published_to_the_planning_group(told, users, client_of):
    CouncilReportFactory(year=2011, content={"measures": [{"number": "M-2009-100"}]})
    assert facts(page_of(client_of(users["planner"]), told))["Berichtet in"] == "2010"


def test_titles_are_text_and_never_markup(client, told):
    evil = "<script>alert(1)</script>"
    Measure.objects.filter(pk=told.pk).update(title=evil, summary=f'"{evil}', description=evil, funding=evil)
    told.updates.update(text=evil, outlook=evil)
    told.milestones.update(name=evil)
    Recommendation.objects.update(title=evil)
    content = page(client, told)
    assert "<script>alert" not in content
    assert content.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 8
    assert evil not in client.get("/massnahmen/").content.decode()


def test_invented_entries_are_marked_and_real_ones_are_not(client, told):
    assert "Beispiel</span>" not in page(client, told)
    Measure.objects.filter(pk=told.pk).update(is_example=True)
    told.updates.update(is_example=True)
    told.milestones.update(is_example=True)
    told.agreements.update(is_example=True)
    # Measure and beginning, two news with their chapters and the latest, two steps and the next one, the agreement.
    assert page(client, told).count('class="example"') == 11
    MeasureFactory(title="Wirklich", is_example=False)
    rows = client.get("/massnahmen/").content.decode().split('<li class="row">')[1:]
    assert {("Ganztag für alle" in row, "Beispiel" in row) for row in rows} == {(True, True), (False, False)}


def test_what_a_real_measure_owes_to_invented_news_is_marked_in_lists(client, told):
    def row() -> str:
        return client.get("/massnahmen/").content.decode().split('<li class="row">')[1]

    assert "Beispiel" not in row()
    told.updates.exclude(date=told.last_news_on).update(is_example=True)
    assert "Beispiel" not in row()
    told.updates.update(is_example=True)
    assert "Beispiel" in row()
    assert "Beispiel" in client.get(told.field.get_absolute_url()).content.decode()


# ── many ────────────────────────────────────────────────────────────────────────────────────────────────


def surround(measure: Measure, number: int) -> None:
    """Gives the measure `number` of everything a page shows of it."""
    for n in range(number):
        recommendation = RecommendationFactory()
        measure.recommended_by.add(recommendation)
        DebateFactory(recommendation=recommendation)
        measure.decided_in.add(ResolutionPointFactory())
        measure.partners.add(OrganizationFactory())
        measure.districts.add(DistrictFactory())
        measure.guidelines.add(GuidelineFactory())
        measure.strands.add(StrandFactory())
        ProgressUpdateFactory(measure=measure)
        MeasureMilestoneFactory(measure=measure)
        CooperationAgreementFactory(measure=measure)
        CouncilReportFactory(published=True, content={"n": n, "numbers": [measure.number]})
        IndicatorValueFactory(indicator=IndicatorFactory(measures=[measure]))
        QuestionFactory(measure=measure, published=True)
        AttachmentFactory(measure=measure)


def test_thirty_of_everything_need_no_more_queries_than_one(client):
    poor, rich = MeasureFactory(), MeasureFactory()
    surround(poor, 1)
    surround(rich, 30)
    numbers = []
    for measure in (poor, rich):
        with CaptureQueriesContext(connection) as queries:
            content = page(client, measure)
        numbers.append(len(queries))
    assert len(chapters(content)) > 90
    assert content.count("Wann geht es los?") == content.count('<svg viewBox="0 0 360 200"') == 30
    assert numbers[0] == numbers[1] <= 11  # and outside of a transaction one for the stamp
