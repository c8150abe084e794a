"""News of measures: lawful, by the right people, and nothing typed is lost."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django_fsm import ConcurrentTransition

from dialog.models import Step
from measures.models import Measure, ProgressUpdate
from measures.services import progress
from tests.factories import MeasureFactory, berlin

AT = berlin(2026, 3, 2)
TODAY = AT.date()


def publish(measure, *, by=None, on=TODAY, status="in_progress", percent=40, text="Der Bau läuft."):
    return progress.publish(measure, by=by, on=on, at=AT, text=text, status=status, progress=percent)


@pytest.fixture
def decided(db) -> Measure:
    return MeasureFactory(state="decided", progress=0, last_news_on=dt.date(2025, 1, 1))


def test_news_move_the_measure(decided):
    publish(decided)
    decided.refresh_from_db()
    assert (decided.state, decided.progress, decided.last_news_on) == ("in_progress", 40, TODAY)
    assert [step.name for step in Step.objects.of(decided)] == ["begin"]


def test_a_measure_can_be_done_at_once(decided):
    publish(decided, status="done", percent=100)
    assert [step.to_state for step in Step.objects.of(decided)] == ["in_progress", "done"]


def test_later_found_old_news_do_not_move_the_measure_back(decided):
    publish(decided, percent=60)
    publish(decided, on=dt.date(2025, 6, 1), percent=20)
    decided.refresh_from_db()
    assert (decided.progress, decided.last_news_on) == (60, TODAY)
    assert decided.updates.count() == 2


@pytest.mark.parametrize(
    "values",
    [
        {"percent": 130},
        {"percent": -1},
        {"status": "done", "percent": 60},
        {"status": "proposed"},
        {"status": "unsinn"},
        {"on": TODAY + dt.timedelta(days=1)},
        {"text": ""},
    ],
    ids=str,
)
def test_nonsense_is_refused_and_changes_nothing(decided, values):
    with pytest.raises(ValidationError):
        publish(decided, **values)
    decided.refresh_from_db()
    assert (decided.state, decided.progress) == ("decided", 0)
    assert not ProgressUpdate.objects.exists()


def test_one_update_a_day(decided):
    publish(decided)
    with pytest.raises(ValidationError, match="schon einen Sachstand"):
        publish(decided, percent=50)


def test_a_finished_measure_does_not_begin_again(decided):
    publish(decided, on=dt.date(2026, 1, 1), status="done", percent=100)
    with pytest.raises(ValidationError, match="führt kein Weg"):
        publish(decided, status="in_progress")


def test_of_two_at_once_one_is_told(decided):
    theirs = Measure.objects.get(pk=decided.pk)
    publish(decided, on=dt.date(2026, 3, 1))
    with pytest.raises(ConcurrentTransition):
        publish(theirs)
    assert ProgressUpdate.objects.count() == 1


def test_only_contacts_and_the_planning_group_report(users, measure):
    allowed = set()
    for day, (role, user) in enumerate(users.items(), start=1):
        try:
            publish(Measure.objects.get(pk=measure.pk), by=user, on=dt.date(2026, 2, day))
            allowed.add(role)
        except PermissionDenied:
            pass
    assert allowed == {"planner", "lead_contact", "operator"}


def test_the_contact_reports_by_the_form(client_of, lead_contact, measure):
    browser = client_of(lead_contact)
    assert measure.title in browser.get("/arbeitsbereich/massnahmen/").content.decode()
    address = f"/arbeitsbereich/massnahmen/{measure.number}/"
    typed = {"status": "in_progress", "progress": 45, "on": "2026-03-02", "text": "Das Dach ist dicht.", "outlook": ""}
    refused = browser.post(address, {**typed, "progress": 145})
    assert refused.status_code == 200
    assert "Das Dach ist dicht." in refused.content.decode()
    assert not ProgressUpdate.objects.exists()
    response = browser.post(address, typed)
    assert (response.status_code, response["Location"]) == (302, measure.get_absolute_url())
    assert ProgressUpdate.objects.get().text == "Das Dach ist dicht."
