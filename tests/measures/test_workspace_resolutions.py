"""Measures and resolutions in the workspace, and points that are reported like measures."""

import datetime as dt

import pytest
from django.utils import timezone

from dialog.models import Step
from measures.models import Measure, Resolution, ResolutionPoint
from tests.factories import (
    FieldOfActionFactory,
    MeasureFactory,
    OrganizationFactory,
    ProcessFactory,
    ResolutionFactory,
    ResolutionPointFactory,
    StrandFactory,
)

LIST = "/arbeitsbereich/beschluesse/"


@pytest.fixture
def desk(client_of, planner):
    return client_of(planner)


@pytest.fixture
def values(db):
    return {
        "title": "Konzept Soziale Stadt",
        "adopted_on": "2008-09-04",
        "paper_number": "Vorlage 12/2008",
        "vote": "einstimmig",
        "summary": "Das Konzept gilt.",
        "process": ProcessFactory().pk,
    }


def test_a_resolution_is_taken_in_with_a_point(desk, values):
    desk.post(f"{LIST}neu/", values)
    made = Resolution.objects.get()
    assert (made.slug, made.vote, made.adopted_on) == ("konzept-soziale-stadt", "einstimmig", dt.date(2008, 9, 4))
    office = OrganizationFactory()
    point = {
        "position": "1",
        "title": "Antrag stellen",
        "text": "Die Verwaltung stellt den Antrag.",
        "addressee": "administration",
        "responsible": office.pk,
        "due_on": "2009-03-31",
    }
    assert desk.post(f"{LIST}{made.pk}/punkte/", point).status_code == 302
    assert made.points.get().responsible == office
    twice = desk.post(f"{LIST}{made.pk}/punkte/", point)
    assert twice.status_code == 200
    assert made.points.count() == 1


def test_two_resolutions_of_one_title_have_two_addresses(desk, values):
    desk.post(f"{LIST}neu/", values)
    desk.post(f"{LIST}neu/", values)
    assert set(Resolution.objects.values_list("slug", flat=True)) == {
        "konzept-soziale-stadt",
        "konzept-soziale-stadt-2",
    }


@pytest.mark.parametrize(
    "wrong", [{"adopted_on": "0209-01-01"}, {"adopted_on": "2099-01-01"}, {"title": ""}, {"process": "0"}], ids=str
)
def test_bad_input_is_named_and_nothing_is_saved(desk, values, wrong):
    response = desk.post(f"{LIST}neu/", {**values, **wrong})
    assert "Bitte prüfen Sie Ihre Angaben" in response.content.decode()
    assert "Das Konzept gilt." in response.content.decode()
    assert not Resolution.objects.exists()


@pytest.fixture
def point(lead_contact) -> ResolutionPoint:
    row = ResolutionPointFactory(due_on=dt.date(2020, 1, 1))
    row.contacts.add(lead_contact.person)
    return row


def report(client, point, **values):
    return client.post(f"/arbeitsbereich/beschlusspunkte/{point.pk}/", {"note": "", "late_reason": "", **values})


def test_what_is_late_needs_a_reason(client_of, lead_contact, point):
    browser = client_of(lead_contact)
    assert "warum es später wird" in report(browser, point, state="under_way").content.decode()
    assert report(browser, point, state="under_way", late_reason="Das Amt ist unbesetzt.").status_code == 302
    point.refresh_from_db()
    assert (point.state, point.late_reason) == ("under_way", "Das Amt ist unbesetzt.")
    assert Step.objects.of(point).get().by == lead_contact


def test_ongoing_needs_the_next_date(client_of, lead_contact, point):
    browser = client_of(lead_contact)
    assert report(browser, point, state="ongoing").status_code == 200
    assert report(browser, point, state="ongoing", next_review_on="2000-01-01").status_code == 200
    assert report(browser, point, state="ongoing", next_review_on="2099-01-01").status_code == 302
    point.refresh_from_db()
    assert (point.state, point.next_review_on) == ("ongoing", dt.date(2099, 1, 1))


def test_done_needs_a_final_note(client_of, lead_contact, point):
    browser = client_of(lead_contact)
    assert "was erreicht wurde" in report(browser, point, state="done").content.decode()
    assert report(browser, point, state="done", note="Der Antrag ist bewilligt.").status_code == 302
    point.refresh_from_db()
    assert point.state == "done"
    assert point.done_on is not None


def test_a_way_back_that_does_not_exist_is_named(client_of, lead_contact, point):
    browser = client_of(lead_contact)
    report(browser, point, state="done", note="Fertig.")
    assert "führt kein Weg" in report(browser, point, state="ongoing", next_review_on="2099-01-01").content.decode()


def test_contacts_find_their_point_and_nobody_elses(client_of, users, point):
    address = f"/arbeitsbereich/beschlusspunkte/{point.pk}/"
    seen = {role for role, user in users.items() if client_of(user).get(address).status_code == 200}
    assert seen == {"planner", "lead_contact", "operator"}
    page = client_of(users["lead_contact"]).get("/arbeitsbereich/massnahmen/").content.decode()
    assert point.title in page


def test_the_list_takes_as_many_queries_for_thirty(queries, planner):
    ResolutionPointFactory()
    one = queries(LIST, "planner")
    for _n in range(29):
        ResolutionPointFactory(resolution=ResolutionFactory())
    assert queries(LIST, "planner") == one


# ── measures ────────────────────────────────────────────────────────────────────────────────────────────

ALL = "/arbeitsbereich/massnahmen/alle/"


@pytest.fixture
def measure_values(db):
    return {
        "title": "Bücherei im Quartier",
        "kind": "measure",
        "summary": "Eine Bücherei.",
        "field": FieldOfActionFactory().pk,
        "lead": OrganizationFactory().pk,
        "strands": [StrandFactory().pk],
        "interval": "91",
        "date_precision": "month",
        "starts_on": "2026-01-01",
        "ends_on": "",
    }


def test_a_measure_is_taken_in_and_decided(desk, measure_values, client):
    desk.post("/arbeitsbereich/massnahmen/neu/", measure_values)
    made = Measure.objects.get()
    assert (made.state, made.interval) == ("proposed", 91)
    address = f"/arbeitsbereich/massnahmen/{made.number}/angaben/"
    assert "Bitte nennen Sie den Ratsbeschluss" in desk.post(address, {"step": "decide"}).content.decode()
    desk.post(address, {"step": "decide", "decided_by": "Vorstand des Vereins"})
    assert client.get(made.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_on": "2025-01-01"},
        {"starts_on": "0209-01-01"},
        {"lead": "0"},
        {"interval": "5"},
        {"latitude": "51.6"},
        {"latitude": "91", "longitude": "7.5"},
        {"latitude": "Rathaus", "longitude": "7.5"},
    ],
    ids=str,
)
def test_a_wrong_measure_is_named_and_not_saved(desk, measure_values, wrong):
    response = desk.post("/arbeitsbereich/massnahmen/neu/", {**measure_values, **wrong})
    assert "Bitte prüfen Sie Ihre Angaben" in response.content.decode()
    assert not Measure.objects.exists()


def test_a_measure_gets_its_place_on_the_map(desk, measure_values, client, measure):
    place = {"place": "Stadtbücherei", "latitude": "51.617", "longitude": "7.526"}
    desk.post(f"/arbeitsbereich/massnahmen/{measure.number}/angaben/", {**measure_values, **place})
    measure.refresh_from_db()
    assert (float(measure.latitude), float(measure.longitude)) == (51.617, 7.526)
    page = client.get(measure.get_absolute_url()).content.decode()
    assert "Stadtbücherei" in page
    assert 'href="/massnahmen/karte/"' in page
    assert client.get("/massnahmen/karte/orte.json").json()["places"][0]["place"] == "Stadtbücherei"


def test_a_measure_is_changed_stopped_and_merged_by_the_page(desk, measure_values, measure):
    address = f"/arbeitsbereich/massnahmen/{measure.number}/angaben/"
    desk.post(address, measure_values)
    measure.refresh_from_db()
    assert measure.title == "Bücherei im Quartier"
    assert desk.post(address, {"step": "merge", "into": measure.pk}).status_code == 200
    other = MeasureFactory()
    desk.post(address, {"step": "merge", "into": other.pk})
    measure.refresh_from_db()
    assert measure.merged_into == other
    desk.post(f"/arbeitsbereich/massnahmen/{other.number}/angaben/", {"step": "stop", "reason": "Kein Geld."})
    other.refresh_from_db()
    assert other.state == "stopped"


def test_the_list_of_measures_is_the_planning_groups_and_takes_as_many_queries_for_thirty(
    client_of, users, queries, measure
):
    assert {role for role, user in users.items() if client_of(user).get(ALL).status_code == 200} == {
        "planner",
        "operator",
    }
    one = queries(ALL, "planner")
    MeasureFactory.create_batch(29)
    assert queries(ALL, "planner") == one


def test_late_points_stand_on_the_first_page_until_they_are_done(client_of, planner):
    today = timezone.localdate()
    yesterday, tomorrow = today - dt.timedelta(days=1), today + dt.timedelta(days=1)
    late = ResolutionPointFactory(title="Konzept vorlegen", due_on=yesterday)
    ResolutionPointFactory(title="Jährlich prüfen", state="ongoing", due_on=None, next_review_on=yesterday)
    ResolutionPointFactory(title="Läuft weiter", state="ongoing", due_on=yesterday, next_review_on=tomorrow)
    ResolutionPointFactory(title="Erst morgen", due_on=tomorrow)
    ResolutionPointFactory(title="Längst erledigt", state="done", due_on=yesterday, done_on=yesterday)
    browser = client_of(planner)
    content = browser.get("/arbeitsbereich/").content.decode()
    assert content.count("Stand melden") == 2
    assert f'href="/arbeitsbereich/beschlusspunkte/{late.pk}/"' in content
    assert "Jährlich prüfen" in content
    for others in ("Läuft weiter", "Erst morgen", "Längst erledigt"):
        assert others not in content
    said = {"note": "Das Konzept liegt vor.", "late_reason": "Es fehlten Daten."}
    assert report(browser, late, state="done", **said).status_code == 302
    assert "Konzept vorlegen" not in browser.get("/arbeitsbereich/").content.decode()
