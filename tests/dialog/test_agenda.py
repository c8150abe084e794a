"""The agenda: order, times, what items are about, and what is carried over."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from django_fsm import TransitionNotAllowed

from dialog.models import AgendaItem, Meeting
from dialog.services import agenda
from tests.factories import (
    AgendaItemFactory,
    BodyFactory,
    MeetingFactory,
    RecommendationFactory,
    StandingItemFactory,
    TaskFactory,
    berlin,
)


@pytest.fixture
def meeting(working_group):
    return MeetingFactory(body=working_group, starts_at=berlin(2026, 5, 5, 18))


@pytest.fixture
def items(meeting):
    return [AgendaItemFactory(meeting=meeting, position=n, title=f"Punkt {n}", duration=10) for n in range(1, 5)]


def order(meeting: Meeting) -> list[str]:
    rows = list(meeting.agenda_items.order_by("position"))
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    return [row.title for row in rows]


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        (1, ["Punkt 3", "Punkt 1", "Punkt 2", "Punkt 4"]),
        (2, ["Punkt 1", "Punkt 3", "Punkt 2", "Punkt 4"]),
        (4, ["Punkt 1", "Punkt 2", "Punkt 4", "Punkt 3"]),
        (99999, ["Punkt 1", "Punkt 2", "Punkt 4", "Punkt 3"]),
    ],
)
def test_an_item_moves_to_its_place_and_the_others_close_up(meeting, items, planner, to, expected):
    agenda.move(items[2], to=to, by=planner)
    assert order(meeting) == expected


def test_a_new_item_stands_before_the_standing_ones_at_the_end(meeting, planner, working_group):
    StandingItemFactory(body=working_group, title="Niederschrift", place="beginning")
    StandingItemFactory(body=working_group, title="Verschiedenes", place="end")
    agenda.begin(meeting, by=planner)
    agenda.add(meeting, by=planner, title="Lesepaten")
    agenda.add(meeting, by=planner, title="Spielplatz")
    assert order(meeting) == ["Niederschrift", "Lesepaten", "Spielplatz", "Verschiedenes"]


def test_removing_closes_the_gap(meeting, items, planner):
    agenda.remove(items[1], by=planner)
    assert order(meeting) == ["Punkt 1", "Punkt 3", "Punkt 4"]


def test_200_items_are_possible_and_no_more(meeting, planner):
    AgendaItem.objects.bulk_create(AgendaItem(meeting=meeting, position=n, title=f"{n}") for n in range(1, 200))
    last = agenda.add(meeting, by=planner, title="200")
    agenda.move(last, to=1, by=planner)
    assert order(meeting)[:2] == ["200", "1"]
    with pytest.raises(ValidationError, match="200"):
        agenda.add(meeting, by=planner, title="201")


def test_times_follow_from_start_and_durations(meeting, items):
    items[1].duration = None
    times = [entry.starts_at for entry in agenda.timed(meeting, items)]
    assert times == [berlin(2026, 5, 5, 18), berlin(2026, 5, 5, 18, 10), None, None]


def test_times_are_right_in_the_night_of_the_summer_time(working_group):
    meeting = MeetingFactory(body=working_group, starts_at=berlin(2026, 3, 29, 1), ends_at=berlin(2026, 3, 29, 4))
    rows = [AgendaItemFactory(meeting=meeting, position=n, duration=60) for n in (1, 2)]
    assert agenda.timed(meeting, rows)[1].starts_at == berlin(2026, 3, 29, 3)
    assert meeting.minutes_long == 120


@pytest.mark.parametrize("state", ["held", "cancelled"])
def test_the_agenda_of_a_meeting_that_is_over_or_off_stays(working_group, planner, state):
    meeting = MeetingFactory(body=working_group, state=state)
    item = AgendaItemFactory(meeting=meeting, position=1)
    for step in (
        lambda: agenda.add(meeting, by=planner, title="Neu"),
        lambda: agenda.edit(item, by=planner, title="Anders"),
        lambda: agenda.move(item, to=2, by=planner),
        lambda: agenda.remove(item, by=planner),
    ):
        with pytest.raises(TransitionNotAllowed):
            step()


@pytest.mark.parametrize("role", ["citizen", "member", "chair"])
def test_only_the_planning_group_changes_it(request, meeting, items, role):
    user = request.getfixturevalue(role)
    with pytest.raises(PermissionDenied):
        agenda.add(meeting, by=user, title="Neu")
    with pytest.raises(PermissionDenied):
        agenda.move(items[0], to=2, by=user)


def test_what_an_item_is_about_shows_only_to_who_may_see_it(meeting, planner, anonymous, working_group):
    public = RecommendationFactory(state="adopted")
    draft = RecommendationFactory(state="drafted")
    about_public = agenda.add(meeting, by=planner, title="Eins", about=public)
    about_draft = agenda.add(meeting, by=planner, title="Zwei", about=draft)
    rows = [about_public, about_draft]
    assert agenda.about(rows, planner) == {about_public.pk: public, about_draft.pk: draft}
    assert agenda.about(rows, anonymous) == {about_public.pk: public}


def test_an_item_can_be_about_a_measure(meeting, measure, planner):
    groups = dict(agenda.subject_choices(meeting, planner))
    assert f"measure:{measure.pk}" in dict(groups["Maßnahme"])
    item = agenda.add(meeting, by=planner, title="Stand", about=agenda.subject_of(f"measure:{measure.pk}", planner))
    assert agenda.subject_key(item) == f"measure:{measure.pk}"


def test_saving_an_item_again_keeps_what_it_is_about_also_when_that_is_done_or_beyond_the_list(
    client_of, meeting, planner, working_group, monkeypatch
):
    monkeypatch.setattr(agenda, "MAX_CHOICES", 2)
    recommendations = [RecommendationFactory(state="adopted") for _ in range(4)]
    done = TaskFactory(body=working_group, done_on=dt.date(2026, 3, 1))
    listed = dict(agenda.subject_choices(meeting, planner))["Empfehlung"]
    assert len(listed) == 2
    beyond = next(row for row in recommendations if f"recommendation:{row.pk}" not in dict(listed))
    for row in (beyond, done):
        item = agenda.add(meeting, by=planner, title="Stand", about=row)
        page = reverse("workspace_agenda_item", args=[meeting.pk, item.pk])
        form = client_of(planner).get(page).context["form"]
        shown = {name: form[name].value() or "" for name in form.fields}
        assert client_of(planner).post(page, {**shown, "save": "1"}).status_code == 302
        assert AgendaItem.objects.get(pk=item.pk).about == row


@pytest.mark.parametrize("key", ["", "x", "measure:", "measure:999999", "geheim:1", "task:abc"])
def test_nonsense_is_about_nothing(planner, key):
    assert agenda.subject_of(key, planner) is None


def test_a_copy_remembers_what_it_continues(meeting, items, planner, working_group):
    later = MeetingFactory(body=working_group, starts_at=berlin(2026, 6, 2, 18))
    agenda.copy(meeting, to=later, by=planner)
    assert order(later) == order(meeting)
    assert later.agenda_items.first().about == items[0]


def test_open_matters_are_carried_over_once(meeting, items, planner, working_group):
    later = MeetingFactory(body=working_group, starts_at=berlin(2026, 6, 2, 18))
    task = TaskFactory(body=working_group)
    TaskFactory(body=working_group, done_on=berlin(2026, 5, 1).date())
    assert agenda.open_matters(later, planner) == {"items": items, "tasks": [task]}
    agenda.carry_over(task, to=later, by=planner)
    agenda.carry_over(items[0], to=later, by=planner)
    assert agenda.open_matters(later, planner) == {"items": items[1:], "tasks": []}
    assert not later.agenda_items.get(title=task.title).is_public


def test_nothing_of_another_body_is_carried_over(meeting, planner):
    with pytest.raises(PermissionDenied):
        agenda.carry_over(TaskFactory(body=BodyFactory()), to=meeting, by=planner)
    with pytest.raises(PermissionDenied):
        agenda.carry_over(AgendaItemFactory(position=1), to=meeting, by=planner)


@pytest.mark.django_db(transaction=True)
def test_two_who_move_items_at_once_leave_a_whole_agenda(planner, working_group):
    meeting = MeetingFactory(body=working_group)
    rows = [AgendaItemFactory(meeting=meeting, position=n, title=f"{n}") for n in range(1, 7)]
    barrier = threading.Barrier(2, timeout=20)

    def move(item: AgendaItem, to: int) -> None:
        try:
            barrier.wait()
            agenda.move(item, to=to, by=planner)
        finally:
            connection.close()

    threads = [threading.Thread(target=move, args=row) for row in ((rows[0], 6), (rows[5], 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(order(meeting)) == ["1", "2", "3", "4", "5", "6"]


def test_a_page_of_30_items_takes_no_more_queries_than_one(queries, meeting):
    address = f"/arbeitsbereich/sitzungen/{meeting.pk}/tagesordnung/"
    AgendaItemFactory(meeting=meeting, position=1)
    one = queries(address, "planner")
    for n in range(2, 31):
        AgendaItemFactory(meeting=meeting, position=n)
    assert queries(address, "planner") == one
