"""Tasks that a conference gives: noted in the workspace, listed with where they come from, never public."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from conferences.models import Conference
from dialog.models import Body, Task
from tests.conftest import ROLES
from tests.factories import AgendaItemFactory, BodyFactory, ConferenceFactory, PersonFactory, TaskFactory

PAGE = "/arbeitsbereich/konferenzen/2009/"
INSIDE = {"member", "chair", "planner", "operator"}


@pytest.fixture
def conference(db: None) -> Conference:
    return ConferenceFactory(slug="2009", title="Jahreskonferenz 2009", date=dt.date(2009, 1, 27))


def given(conference: Conference, body: Body, **more: Any) -> Task:
    return TaskFactory(occasion=conference, body=body, title="Lampen zählen", **more)


def test_the_planning_group_notes_a_task_and_whoever_has_to_do_it_is_told(
    client_of: Any, planner: Any, conference: Conference, working_group: Body, member: Any
) -> None:
    due = timezone.localdate() + dt.timedelta(days=10)
    data = {"title": "Lampen zählen", "body": working_group.pk, "assignee": member.person.pk, "due_on": due.isoformat()}
    answer = client_of(planner).post(PAGE, data)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    task = Task.objects.get()
    assert (task.occasion, task.agenda_item, task.body) == (conference, None, working_group)
    assert (task.assignee, task.due_on) == (member.person, due)
    mail = Email.objects.get()
    assert mail.to == ["mira@example.org"]
    assert "Lampen zählen" in mail.message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": ""}, "erforderlich"),
        ({"due_on": "2009-02-01"}, "Dieser Tag ist schon vorbei."),
        ({"body": "other"}, "Mira Mitglied gehört nicht zu diesem Gremium."),
        ({"body": "ended"}, "Auswahl"),
        ({"assignee": "stranger"}, "Auswahl"),
    ],
)
def test_what_is_wrong_is_said_and_stays_typed(
    client_of: Any,
    planner: Any,
    citizen: Any,
    conference: Conference,
    working_group: Body,
    member: Any,
    change: dict[str, str],
    words: str,
) -> None:
    rows = {"other": BodyFactory().pk, "ended": BodyFactory(ended=True).pk, "stranger": citizen.person.pk}
    data = {"title": "Lampen zählen", "body": working_group.pk, "assignee": member.person.pk}
    data |= {name: rows.get(value, value) for name, value in change.items()}
    answer = client_of(planner).post(PAGE, data)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert words in page
    assert ("Lampen zählen" in page) == ("title" not in change)
    assert not Task.objects.exists()


@pytest.mark.parametrize("role", ROLES)
def test_who_may_note_a_task(client_of: Any, users: dict[str, Any], conference: Conference, role: str) -> None:
    may = role in {"planner", "operator"}
    for page in (PAGE, "/arbeitsbereich/konferenzen/"):
        answer = client_of(users[role]).get(page)
        assert answer.status_code == (302 if role == "anonymous" else 200 if may else 403)
    body = BodyFactory()
    client_of(users[role]).post(PAGE, {"title": "Lampen zählen", "body": body.pk})
    assert Task.objects.exists() == may
    public = client_of(users[role]).get(conference.get_absolute_url()).content.decode()
    assert (PAGE in public) == may


def test_the_list_says_where_a_task_comes_from(read: Any, conference: Conference, working_group: Body) -> None:
    given(conference, working_group)
    page = read("member", reverse("workspace_tasks"))
    assert '<a href="/jahreskonferenzen/2009/">aus: Jahreskonferenz 2009</a>' in page
    assert "aus: Jahreskonferenz" not in read("planner", PAGE)
    assert "1 offener Auftrag" in read("planner", "/arbeitsbereich/konferenzen/")


@pytest.mark.parametrize("role", ROLES)
def test_the_conferences_page_shows_a_task_to_those_who_may_see_it(
    role: str, read: Any, conference: Conference, working_group: Body, users: dict[str, Any]
) -> None:
    given(conference, working_group, assignee=PersonFactory(name="Nora Niemand"))
    page = read(role, conference.get_absolute_url())
    for words in ("Lampen zählen", "Nora Niemand", "Arbeitsaufträge"):
        assert (words in page.split("<article")[1].split("</article>")[0]) == (role in INSIDE), words


def test_only_what_this_conference_gave_stands_there(read: Any, conference: Conference, working_group: Body) -> None:
    TaskFactory(body=working_group, title="Aus einer Sitzung", agenda_item=AgendaItemFactory())
    TaskFactory(body=working_group, title="Von einer anderen", occasion=ConferenceFactory())
    TaskFactory(body=working_group, title="Von anderer Art", occasion=BodyFactory(pk=conference.pk + 1000))
    Task.objects.filter(title="Von anderer Art").update(occasion_id=conference.pk)
    for page in (PAGE, conference.get_absolute_url()):
        text = read("planner", page)
        for title in ("Aus einer Sitzung", "Von einer anderen", "Von anderer Art"):
            assert title not in text


def test_a_task_outlives_its_conference(read: Any, conference: Conference, working_group: Body) -> None:
    given(conference, working_group)
    conference.delete()
    page = read("planner", reverse("workspace_tasks"))
    assert "Lampen zählen" in page
    assert "aus:" not in page


def test_the_pages_take_as_many_queries_for_thirty_tasks_as_for_one(
    queries: Callable[..., int], conference: Conference, working_group: Body, planner: Any
) -> None:
    def add(number: int) -> None:
        for _ in range(number):
            given(conference, working_group, assignee=PersonFactory(with_account=True))
            given(ConferenceFactory(), working_group)

    addresses = (PAGE, "/arbeitsbereich/konferenzen/", conference.get_absolute_url(), reverse("workspace_tasks"))
    add(1)
    few = [queries(address, "planner") for address in addresses]
    add(29)
    assert [queries(address, "planner") for address in addresses] == few
