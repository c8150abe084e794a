"""Reminders: on the day, after 7, then every 30 days; contact, institution, planning group; nobody twice."""

import datetime as dt
import re

import pytest
from post_office.models import Email

from measures.models import ProgressDraft, Reminder
from measures.services import progress, reminders
from tests.factories import MeasureFactory, OrganizationFactory, PersonFactory, ResolutionPointFactory, berlin

DUE = dt.date(2026, 3, 2)


def at(days: int) -> dt.datetime:
    return berlin(2026, 3, 2, 7) + dt.timedelta(days=days)


@pytest.fixture
def due(planner, measure, lead_contact):
    """News are due on 2 March 2026; the lead has a mailbox, and there is a planning group."""
    measure.lead.email = "post@verein.example.org"
    measure.lead.save()
    measure.last_news_on = DUE - dt.timedelta(days=measure.interval)
    measure.save()
    return measure


def mailed() -> list[str]:
    found = sorted(address for mail in Email.objects.all() for address in mail.to)
    Email.objects.all().delete()
    return found


CONTACT, INSTITUTION, PLANNING = "kim@example.org", "post@verein.example.org", "paula@example.org"


def test_day_by_day(due):
    sent = {}
    for day in range(-3, 75):
        reminders.send(at(day))
        if addresses := mailed():
            sent[day] = addresses
    assert sent == {
        0: [CONTACT],
        7: [CONTACT, INSTITUTION],
        37: [CONTACT, PLANNING, INSTITUTION],
        67: [CONTACT, PLANNING, INSTITUTION],
    }


def test_nobody_is_mailed_twice_for_one_thing(due):
    assert [reminders.send(at(0)) for _ in range(3)] == [1, 0, 0]


def test_a_portal_that_was_off_sends_one_reminder_not_all_it_missed(due):
    assert reminders.send(at(40)) == 3
    assert Reminder.objects.get().stage == 2


def test_news_end_the_reminders(due):
    reminders.send(at(0))
    progress.publish(due, by=None, on=DUE, at=at(1), text="Es geht weiter.", status="in_progress", progress=50)
    mailed()
    assert reminders.send(at(30)) == 0
    assert reminders.send(at(due.interval)) == 1


def test_who_waits_for_the_planning_group_is_not_reminded(due, lead_contact):
    ProgressDraft.objects.create(measure=due, by=lead_contact, at=at(-1), submitted_at=at(-1))
    assert reminders.send(at(0)) == 0


def test_several_measures_are_one_mail_with_a_link_each(due, lead_contact):
    other = MeasureFactory(title="Zweite", last_news_on=due.last_news_on, contacts=[lead_contact.person])
    assert reminders.send(at(0)) == 1
    mail = Email.objects.get()
    assert "2 Maßnahmen" in mail.subject
    links = re.findall(r"/arbeitsbereich/massnahmen/(\S+)/", mail.message)
    assert sorted(links) == sorted([due.number, other.number])


def test_two_roles_are_one_mail(due, planner):
    due.contacts.add(planner.person)
    reminders.send(at(37))
    assert mailed() == [CONTACT, PLANNING, INSTITUTION]


def test_without_an_address_the_next_one_is_asked_at_once(planner, db):
    silent = MeasureFactory(last_news_on=DUE - dt.timedelta(days=182), lead=OrganizationFactory(email=""))
    silent.contacts.add(PersonFactory(email=""))
    reminders.send(at(0))
    assert mailed() == [PLANNING]


@pytest.mark.parametrize("trait", ["proposed", "done", "stopped"])
def test_what_is_not_under_way_is_not_asked_for(planner, trait):
    MeasureFactory(**{trait: True}, last_news_on=dt.date(2020, 1, 1))
    assert reminders.send(at(0)) == 0


# ── points of resolutions ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def point(planner):
    contact = PersonFactory(email="amt@example.org")
    office = OrganizationFactory(email="post@amt.example.org")
    row = ResolutionPointFactory(title="Konzept vorlegen", due_on=DUE, responsible=office)
    row.contacts.add(contact)
    return row


def test_a_point_is_asked_for_like_a_measure(point):
    sent = {}
    for day in range(-3, 40):
        reminders.send(at(day))
        if addresses := mailed():
            sent[day] = addresses
    assert sent == {
        0: ["amt@example.org"],
        7: ["amt@example.org", "post@amt.example.org"],
        37: ["amt@example.org", PLANNING, "post@amt.example.org"],
    }


def test_the_mail_leads_to_the_points_form(point):
    reminders.send(at(0))
    mail = Email.objects.get()
    assert "Konzept vorlegen" in mail.subject
    assert f"/arbeitsbereich/beschlusspunkte/{point.pk}/" in mail.message
    assert "2. März 2026" in mail.message


@pytest.mark.parametrize(
    ("state", "values", "asked"),
    [
        ("done", {"done_on": DUE}, 0),
        ("ongoing", {"next_review_on": DUE + dt.timedelta(days=30)}, 0),
        ("ongoing", {"next_review_on": DUE}, 1),
        ("under_way", {}, 1),
        ("open", {"due_on": None}, 0),
    ],
)
def test_only_what_is_expected_is_asked_for(point, state, values, asked):
    type(point).objects.filter(pk=point.pk).update(state=state, **values)
    assert reminders.send(at(1)) == asked
