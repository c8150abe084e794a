"""Tasks: given from an item, listed by body and person, reminded of once, done with a note."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django_fsm import TransitionNotAllowed
from post_office.models import Email

from dialog.models import Task
from dialog.services import assignments
from dialog.tasks import remind_of_tasks
from tests.factories import AgendaItemFactory, MinutesFactory, PersonFactory, TaskFactory, berlin

NOW = berlin(2026, 3, 11)


def test_a_task_is_given_from_an_item_and_told(client_of, working_group, member, planner):
    draft = MinutesFactory(meeting__body=working_group)
    item = AgendaItemFactory(meeting=draft.meeting)
    due = timezone.localdate() + dt.timedelta(days=10)
    data = {"title": "Lampen zählen", "assignee": member.person.pk, "due_on": due.isoformat()}
    address = reverse("workspace_minutes_add", args=[draft.pk, item.pk, "auftrag"])
    assert client_of(planner).post(address, data).status_code == 302
    task = Task.objects.get()
    assert (task.body, task.agenda_item, task.assignee, task.due_on) == (working_group, item, member.person, due)
    mail = Email.objects.get()
    assert mail.to == ["mira@example.org"]
    assert "Lampen zählen" in mail.message


def test_a_task_is_not_due_before_it_is_given(working_group, planner):
    with pytest.raises(ValidationError):
        assignments.give(working_group, title="Gestern", due_on=dt.date(2026, 3, 1), by=planner, at=NOW)


def test_a_stranger_cannot_be_given_a_task(client_of, working_group, citizen, planner):
    draft = MinutesFactory(meeting__body=working_group)
    item = AgendaItemFactory(meeting=draft.meeting)
    address = reverse("workspace_minutes_add", args=[draft.pk, item.pk, "auftrag"])
    page = client_of(planner).post(address, {"title": "Tu was", "assignee": citizen.person.pk})
    assert "assignee" in page.context["form"].errors


def test_whoever_has_to_do_it_is_reminded_once(working_group, member):
    soon = timezone.localdate() + dt.timedelta(days=2)
    TaskFactory(body=working_group, assignee=member.person, due_on=soon)
    TaskFactory(body=working_group, assignee=member.person, due_on=soon + dt.timedelta(days=30))
    TaskFactory(body=working_group, assignee=member.person, due_on=soon, done_on=soon)
    TaskFactory(body=working_group, due_on=soon)
    remind_of_tasks()
    remind_of_tasks()
    assert [mail.to for mail in Email.objects.all()] == [["mira@example.org"]]


def test_a_task_is_done_with_a_note_and_only_once(client_of, working_group, member):
    task = TaskFactory(body=working_group, assignee=member.person)
    address = reverse("workspace_task_finish", args=[task.pk])
    assert client_of(member).post(address, {"note": "Es sind sieben."}).status_code == 302
    task.refresh_from_db()
    assert (task.done_note, task.done_by, task.done_on) == ("Es sind sieben.", member, timezone.localdate())
    assert client_of(member).post(address, {"note": "Nochmal"}).status_code == 409
    with pytest.raises(TransitionNotAllowed):
        assignments.finish(task, by=member, at=NOW)
    assert client_of(member).post(reverse("workspace_task_reopen", args=[task.pk])).status_code == 302
    assert Task.objects.open().get() == task


def test_my_account_leads_to_where_my_task_is_done(read, working_group, member, chair):
    mine = TaskFactory(body=working_group, assignee=member.person)
    theirs = TaskFactory(body=working_group, assignee=chair.person)
    page = read("member", reverse("account_page"))
    assert f'href="{reverse("workspace_task_finish", args=[mine.pk])}"' in page
    assert reverse("workspace_task_finish", args=[theirs.pk]) not in page


def test_who_finishes_a_task(client_of, users, working_group):
    task = TaskFactory(body=working_group, assignee=users["citizen"].person)
    page = reverse("workspace_task_finish", args=[task.pk])
    assert {role for role, user in users.items() if client_of(user).get(page).status_code == 200} == {
        "citizen",
        "chair",
        "planner",
        "operator",
    }


def test_the_list_is_narrowed_down_by_body_person_and_state(client_of, working_group, planner, member):
    mine = TaskFactory(body=working_group, assignee=member.person, title="Lampen zählen", due_on=dt.date(2020, 1, 1))
    TaskFactory(title="Stühle stellen", due_on=dt.date(2100, 1, 1))
    TaskFactory(body=working_group, title="Kuchen backen", done_on=dt.date(2026, 1, 1), done_note="Er war gut.")
    expected = {
        "": {"Lampen zählen", "Stühle stellen"},
        "gremium=wohnen-und-quartier": {"Lampen zählen"},
        f"person={mine.assignee_id}": {"Lampen zählen"},
        "stand=ueberfaellig": {"Lampen zählen"},
        "stand=erledigt": {"Kuchen backen"},
        "stand=unsinn&person=x": {"Lampen zählen", "Stühle stellen"},
    }
    for query, titles in expected.items():
        response = client_of(planner).get(f"{reverse('workspace_tasks')}?{query}")
        assert {task.title for task, _may in response.context["tasks"]} == titles, query


def test_what_is_late_is_called_so_and_nothing_else(read, working_group, member):
    today = timezone.localdate()
    TaskFactory(body=working_group, title="Lampen zählen", due_on=today - dt.timedelta(days=1))
    TaskFactory(body=working_group, title="Stühle stellen", due_on=today)
    TaskFactory(body=working_group, title="Kuchen backen", due_on=None)
    TaskFactory(body=working_group, title="Saal mieten", due_on=dt.date(2020, 1, 1), done_on=dt.date(2020, 1, 1))
    for role in ("member", "planner"):
        open_ones = read(role, reverse("workspace_tasks")).split('<ul class="due">')[1]
        assert open_ones.count("überfällig") == 1
        assert open_ones.index("überfällig") < open_ones.index("Lampen zählen")
        done = read(role, reverse("workspace_tasks") + "?stand=erledigt").split('<ul class="due">')[1]
        assert "überfällig" not in done


def test_everyone_lists_the_tasks_they_may_see(client_of, users, working_group):
    TaskFactory(body=working_group, title="Lampen zählen")
    page = reverse("workspace_tasks")
    seen = {
        role
        for role, user in users.items()
        if user.is_authenticated and "Lampen zählen" in client_of(user).get(page).content.decode()
    }
    assert seen == {"member", "chair", "planner", "operator"}


def test_the_list_takes_as_many_queries_for_thirty_as_for_one(queries, working_group, planner):
    def add(number):
        for _ in range(number):
            item = AgendaItemFactory(meeting__body=working_group)
            TaskFactory(body=working_group, agenda_item=item, assignee=PersonFactory(with_account=True))

    add(1)
    before = queries(reverse("workspace_tasks"), "planner")
    add(29)
    assert queries(reverse("workspace_tasks"), "planner") == before
