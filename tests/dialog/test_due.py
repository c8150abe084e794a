"""The first page of the workspace: what is due, in order, for whom, and where it is done."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from dialog.services import due, minutes
from tests.dialog.test_calendars import soon
from tests.factories import (
    AgendaItemFactory,
    BodyFactory,
    CouncilReportFactory,
    MeasureFactory,
    MeetingFactory,
    MembershipFactory,
    MinutesFactory,
    PersonFactory,
    SignatureFactory,
    TaskFactory,
    UserFactory,
)

HOME = "/arbeitsbereich/"


def before(days: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


@pytest.fixture
def taker(working_group):
    """Takes the group's minutes and leads nothing."""
    person = PersonFactory(name="Tom Takt", user=UserFactory(email="tom@example.org"))
    return MembershipFactory(body=working_group, role="minute_taker", person=person).person.user


def work(user) -> dict[str, list[str]]:
    """Kind → what is to do about what."""
    return {
        group.slug: [f"{row.what}: {row.about}" for row in group.rows] for group in due.groups(user, timezone.now())
    }


@pytest.fixture
def a_bit_of_everything(working_group, member, planner):
    """One thing of each kind, all in the working group."""
    empty = MeetingFactory(body=working_group, title="Ohne Tagesordnung", starts_at=soon(20))
    ready = MeetingFactory(body=working_group, title="Ohne Einladung", starts_at=soon(21))
    AgendaItemFactory(meeting=ready, position=1)
    MeetingFactory(body=working_group, title="Eingeladen", starts_at=soon(20), invited_at=timezone.now())
    MeetingFactory(body=working_group, title="Fern", starts_at=soon(120))
    held = {
        name: MeetingFactory(body=working_group, title=name, starts_at=before(days), held=True)
        for name, days in (("Unbegonnen", 3), ("Entwurf", 40), ("Korrigiert", 30), ("Liegt aus", 30), ("Fertig", 60))
    }
    MinutesFactory(meeting=held["Entwurf"])
    corrected, reviewed = (MinutesFactory(meeting=held[name]) for name in ("Korrigiert", "Liegt aus"))
    item = AgendaItemFactory(meeting=held["Korrigiert"], position=1)
    minutes.submit(corrected, by=None, at=before(20), until=before(-3).date())
    minutes.propose(corrected, item, text="Anders.", by=member, at=before(19))
    minutes.submit(reviewed, by=None, at=before(20), until=before(5).date())
    MinutesFactory(meeting=held["Fertig"], state="approved", approved_at=before(2))
    assignee = PersonFactory(name="Anna Auftrag")
    TaskFactory(body=working_group, title="Lampen zählen", due_on=before(4).date(), assignee=assignee)
    TaskFactory(body=working_group, title="Später", due_on=soon(30).date())
    TaskFactory(body=working_group, title="Erledigt", due_on=before(4).date(), done_on=before(1).date())
    request = MembershipFactory(body=working_group, requested=True, person__name="Rita Ruf")
    SignatureFactory(requested=True, organization__name="Verein für alle")
    MeasureFactory(title="Stilles Vorhaben", last_news_on=before(500).date())
    MeasureFactory(title="Lebhaftes Vorhaben", last_news_on=before(5).date())
    CouncilReportFactory(year=timezone.localdate().year, state="consultation", consultation_until=soon(5).date())
    return {"empty": empty, "ready": ready, "held": held, "request": request}


def day(meeting) -> str:
    return due.meeting_title(meeting)


def test_the_planning_group_sees_each_thing_and_where_it_is_done(a_bit_of_everything, planner, read):
    rows, held = a_bit_of_everything, a_bit_of_everything["held"]
    found = work(planner)
    assert found["sitzungen"] == [f"Tagesordnung aufstellen: {day(rows['empty'])}", f"Einladen: {day(rows['ready'])}"]
    assert sorted(found["niederschriften"]) == sorted(
        [
            f"Niederschrift beginnen: {day(held['Unbegonnen'])}",
            f"Niederschrift schreiben: {day(held['Entwurf'])}",
            f"Korrekturen beantworten: {day(held['Korrigiert'])}",
            f"Genehmigung einholen: {day(held['Liegt aus'])}",
            f"Veröffentlichen: {day(held['Fertig'])}",
        ]
    )
    assert found["auftraege"] == ["Als erledigt melden: Lampen zählen"]
    assert found["antraege"] == ["Entscheiden: Rita Ruf"]
    assert found["beitritte"] == ["Prüfen: Verein für alle"]
    assert found["massnahmen"] == ["Sachstand melden: Stilles Vorhaben"]
    assert f"Feststellen: Bericht {timezone.localdate().year}" in found["bericht"]
    page = read("planner", HOME)
    assert "Anna Auftrag" in page
    assert reverse("workspace_request", args=[rows["request"].pk]) in page


def test_each_row_leads_to_a_page_that_opens_for_its_reader(a_bit_of_everything, planner, chair, taker, client_of):
    for user in (planner, chair, taker):
        rows = due.in_order(due.groups(user, timezone.now()))
        assert rows
        for row in rows:
            assert client_of(user).get(row.address.split("#")[0]).status_code == 200, (user, row)


def test_rows_stand_in_the_order_of_their_days_and_late_ones_say_so(a_bit_of_everything, read):
    page = read("planner", HOME).split("Nächste Sitzungen")[0]
    days = re.findall(r'<time datetime="(\d{4}-\d\d-\d\d)">', page)
    assert len(days) > 10
    assert days == sorted(days)
    late = page.split("Lampen zählen")[0].rsplit("<li", 1)[1]
    assert "überfällig" in late
    waiting = page.split("Rita Ruf")[0].rsplit("<li", 1)[1]
    assert "seit" in waiting
    assert "überfällig" not in waiting


def test_the_chair_sees_what_a_chair_does(a_bit_of_everything, chair):
    held = a_bit_of_everything["held"]
    found = work(chair)
    assert "sitzungen" not in found
    assert found["niederschriften"] == [
        f"Genehmigen: {day(held['Liegt aus'])}",
        f"Durchsehen: {day(held['Korrigiert'])}",
    ]
    assert found["antraege"] == ["Entscheiden: Rita Ruf"]
    assert found["auftraege"] == ["Als erledigt melden: Lampen zählen"]
    assert [row.split(":")[0] for row in found["bericht"]] == ["Stellung nehmen"]
    assert "massnahmen" not in found


def test_a_minute_taker_who_leads_nothing_sees_their_minutes_and_reaches_their_pages(
    a_bit_of_everything, taker, client_of
):
    held = a_bit_of_everything["held"]
    assert {row.split(":")[0] for row in work(taker)["niederschriften"]} == {
        "Niederschrift beginnen",
        "Niederschrift schreiben",
        "Korrekturen beantworten",
        "Genehmigung einholen",
    }
    browser = client_of(taker)
    assert 'href="/arbeitsbereich/"' in browser.get("/").content.decode()
    home = browser.get(HOME).content.decode()
    for name in ("workspace_minutes", "workspace_tasks"):
        assert f'href="{reverse(name)}"' in home
        assert browser.get(reverse(name)).status_code == 200
    for name in ("workspace_documents", "workspace_bodies", "workspace_requests", "workspace_meetings"):
        assert f'href="{reverse(name)}"' not in home
        assert browser.get(reverse(name)).status_code == 403
    browser.post(reverse("workspace_minutes_start", args=[held["Unbegonnen"].pk]))
    writing = browser.get(reverse("workspace_minutes_write", args=[held["Unbegonnen"].minutes.pk])).content.decode()
    attendance = reverse("workspace_attendance", args=[held["Unbegonnen"].pk])
    assert attendance in writing
    page = browser.get(attendance)
    assert page.status_code == 200
    assert reverse("workspace_agenda", args=[held["Unbegonnen"].pk]) not in page.content.decode()


def test_work_of_other_bodies_is_not_shown(a_bit_of_everything):
    other = MembershipFactory(body=BodyFactory(), chair=True, person__with_account=True).person.user
    assert {slug for slug in work(other) if slug != "bericht"} == set()


def test_one_kind_alone(a_bit_of_everything, read):
    page = read("planner", f"{HOME}?nur=auftraege").split("Nächste Sitzungen")[0]
    assert "Lampen zählen" in page
    assert "Rita Ruf" not in page
    assert "Rita Ruf" in read("planner", f"{HOME}?nur=unsinn")


def test_thousands_of_rows_stay_a_page_that_says_there_is_more(working_group, planner, read):
    for number in range(due.LIMIT + 5):
        TaskFactory(body=working_group, title=f"Auftrag {number}", due_on=before(number).date())
    page = read("planner", HOME)
    assert page.count("Als erledigt melden") == due.LIMIT
    assert "Arbeitsaufträge: Es gibt noch mehr" in page
    assert "Auftrag 29" in page


def test_thirty_rows_take_no_more_queries_than_one(queries, working_group, planner):
    def add() -> None:
        upcoming = MeetingFactory(body=working_group, starts_at=soon(20))
        AgendaItemFactory(meeting=upcoming, position=1)
        MeetingFactory(body=working_group, starts_at=before(3), held=True)
        for state in ("draft", "in_review", "approved"):
            MinutesFactory(meeting=MeetingFactory(body=working_group, starts_at=before(9), held=True), state=state)
        TaskFactory(body=working_group, due_on=before(1).date(), assignee=PersonFactory())
        MembershipFactory(body=working_group, requested=True)
        SignatureFactory(requested=True)
        MeasureFactory(last_news_on=before(500).date())

    add()
    one = queries(HOME, "planner")
    for _ in range(29):
        add()
    assert queries(HOME, "planner") == one
