"""News of measures: lawful, by the right people, and nothing typed is lost."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django_fsm import ConcurrentTransition
from post_office.models import Email

from dialog.models import Step
from measures.models import Measure, ProgressDraft, ProgressUpdate
from measures.services import progress
from tests.factories import MeasureFactory, MeasureMilestoneFactory, berlin

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


# ── the form: drafts, two people, milestones, the planning group's look ─────────────────────────────────


def typed(measure, **values):
    return {
        "status": "in_progress",
        "progress": "45",
        "on": "2026-03-02",
        "text": "Das Dach ist dicht.",
        "outlook": "",
        "seen": str(progress.newest_of(measure)),
        "version": "0",
        **values,
    }


def address(measure):
    return f"/arbeitsbereich/massnahmen/{measure.number}/"


def test_a_draft_is_kept_by_the_button_and_comes_back(client_of, lead_contact, measure):
    browser = client_of(lead_contact)
    browser.post(address(measure), typed(measure, progress="", text="Halb fert", save=""))
    assert not ProgressUpdate.objects.exists()
    assert "Halb fert" in browser.get(address(measure)).content.decode()
    assert "Halb fert" not in browser.get(measure.get_absolute_url()).content.decode()


def test_a_draft_is_kept_as_one_types(client_of, lead_contact, measure):
    browser = client_of(lead_contact)
    first = browser.post(f"{address(measure)}entwurf/", typed(measure, text="Das D"))
    assert 'name="version" value="1"' in first.content.decode()
    second = browser.post(f"{address(measure)}entwurf/", typed(measure, text="Das Dach", version="1"))
    assert 'name="version" value="2"' in second.content.decode()
    assert ProgressDraft.objects.get().values["text"] == "Das Dach"


def test_of_two_who_type_at_once_the_second_is_told(client_of, lead_contact, measure, planner):
    client_of(lead_contact).post(f"{address(measure)}entwurf/", typed(measure, text="Kims Text"))
    other = client_of(planner)
    refused = other.post(f"{address(measure)}entwurf/", typed(measure, text="Paulas Text")).content.decode()
    assert "Kim Kontakt hat inzwischen" in refused
    assert "Kims Text" in refused
    assert ProgressDraft.objects.get().values["text"] == "Kims Text"


def test_of_two_who_publish_the_second_reads_first_and_loses_nothing(client_of, lead_contact, measure, planner):
    form = typed(measure)
    client_of(planner).post(address(measure), {**form, "on": "2026-03-01", "text": "Paulas Meldung"})
    browser = client_of(lead_contact)
    refused = browser.post(address(measure), form).content.decode()
    assert "Inzwischen hat jemand anderes" in refused
    assert "Paulas Meldung" in refused
    assert "Das Dach ist dicht." in refused
    again = typed(measure)
    assert browser.post(address(measure), again).status_code == 302
    assert ProgressUpdate.objects.count() == 2


@pytest.mark.parametrize(
    "values",
    [
        {"progress": "130"},
        {"progress": "-1"},
        {"progress": "viel"},
        {"on": "0209-03-02"},
        {"on": "2999-01-01"},
        {"on": "31.02.2026"},
        {"text": ""},
        {"text": "x" * 10_000},
        {"status": "stopped"},
        {"milestones": ["999999"]},
        {"seen": "kaputt", "progress": "130"},
        {"version": "9" * 50, "progress": "130"},
    ],
    ids=str,
)
def test_bad_input_is_named_and_nothing_is_lost(client_of, lead_contact, measure, values):
    MeasureMilestoneFactory(measure=measure)
    response = client_of(lead_contact).post(address(measure), typed(measure, outlook="Bleibt stehen.", **values))
    assert response.status_code == 200
    page = response.content.decode()
    assert "Bitte prüfen Sie Ihre Angaben" in page
    assert "Bleibt stehen." in page
    assert not ProgressUpdate.objects.exists()


def test_a_text_beyond_all_measure_is_not_kept_as_a_draft(client_of, lead_contact, measure):
    response = client_of(lead_contact).post(f"{address(measure)}entwurf/", typed(measure, text="x" * 30_000))
    assert "zu lang" in response.content.decode()
    assert not ProgressDraft.objects.exists()


def test_a_milestone_is_reached_with_the_news(client_of, lead_contact, measure):
    mine = MeasureMilestoneFactory(measure=measure)
    foreign = MeasureMilestoneFactory()
    client_of(lead_contact).post(address(measure), typed(measure, milestones=[str(mine.pk)]))
    mine.refresh_from_db()
    assert mine.done_on == TODAY
    client_of(lead_contact).post(address(measure), typed(measure, on="2026-03-03", milestones=[str(foreign.pk)]))
    foreign.refresh_from_db()
    assert foreign.done_on is None


def test_publishing_ends_the_draft(client_of, lead_contact, measure):
    browser = client_of(lead_contact)
    browser.post(f"{address(measure)}entwurf/", typed(measure))
    assert browser.post(address(measure), typed(measure, version="1")).status_code == 302
    assert not ProgressDraft.objects.exists()


def test_the_planning_group_may_look_before_it_is_public(client_of, lead_contact, measure, planner, settings):
    settings.PROGRESS_CHECKED = True
    client_of(lead_contact).post(address(measure), typed(measure))
    assert not ProgressUpdate.objects.exists()
    assert [mail.to for mail in Email.objects.all()] == [["paula@example.org"]]
    desk = client_of(planner)
    assert measure.title in desk.get("/arbeitsbereich/massnahmen/").content.decode()
    assert "Das Dach ist dicht." in desk.get(address(measure)).content.decode()
    draft = ProgressDraft.objects.get()
    desk.post(address(measure), typed(measure, version=str(draft.version)))
    assert ProgressUpdate.objects.get().text == "Das Dach ist dicht."
    assert Email.objects.latest("id").to == ["kim@example.org"]


def test_the_planning_group_may_give_it_back(client_of, lead_contact, measure, planner, settings):
    settings.PROGRESS_CHECKED = True
    client_of(lead_contact).post(address(measure), typed(measure))
    client_of(planner).post(f"{address(measure)}zurueck/", {"reason": "Wann ist die Einweihung?"})
    assert "Wann ist die Einweihung?" in Email.objects.latest("id").message
    page = client_of(lead_contact).get(address(measure)).content.decode()
    assert "Wann ist die Einweihung?" in page
    assert "Das Dach ist dicht." in page


def test_a_contact_cannot_give_back(client_of, lead_contact, measure, settings):
    settings.PROGRESS_CHECKED = True
    browser = client_of(lead_contact)
    browser.post(address(measure), typed(measure))
    assert browser.post(f"{address(measure)}zurueck/", {"reason": "x"}).status_code == 403


def test_drafts_are_for_contacts_and_the_planning_group(users, measure, lead_contact):
    ProgressDraft.objects.create(measure=measure, by=lead_contact, at=AT)
    seen = {role for role, user in users.items() if ProgressDraft.objects.visible_to(user).exists()}
    assert seen == {"planner", "lead_contact", "operator"}
