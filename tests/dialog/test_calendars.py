"""Meetings as iCalendar, read back as an outside reader would."""

import datetime as dt

import pytest
from django.utils import timezone
from icalendar import Calendar

from dialog.models import Meeting
from dialog.services import calendars, meetings
from tests.factories import BodyFactory, MeetingFactory, berlin

AT = berlin(2026, 3, 2)


def soon(days: int = 7) -> dt.datetime:
    return timezone.now().replace(microsecond=0) + dt.timedelta(days=days)


def event_of(ics: bytes):
    [event] = Calendar.from_ical(ics).walk("VEVENT")
    return event


def invitation(meeting: Meeting, at: dt.datetime = AT) -> bytes:
    return calendars.invitation(meeting, name="Mira Mitglied", address="mira@example.org", text="Antwort", at=at)


@pytest.fixture
def meeting(working_group):
    return MeetingFactory(body=working_group, starts_at=berlin(2026, 5, 5, 18), place="Rathaus", room="Saal 2")


def test_an_invitation_has_all_that_a_calendar_needs(meeting):
    calendar = Calendar.from_ical(invitation(meeting))
    event = event_of(invitation(meeting))
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "REQUEST")
    assert calendar["PRODID"]
    assert event["DTSTAMP"].dt == AT.astimezone(dt.UTC)
    assert event["DTSTART"].dt == meeting.starts_at
    assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert event["LOCATION"] == "Rathaus, Saal 2"
    assert event["ATTENDEE"] == "mailto:mira@example.org"
    assert event["ORGANIZER"].startswith("mailto:")
    assert event["STATUS"] == "CONFIRMED"


@pytest.mark.parametrize(("month", "offset"), [(1, 1), (7, 2)])
def test_the_time_zone_comes_along_and_is_right_in_winter_and_summer(working_group, month, offset):
    meeting = MeetingFactory(body=working_group, starts_at=berlin(2026, month, 6, 18))
    [zone] = Calendar.from_ical(invitation(meeting)).walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Berlin"
    start = event_of(invitation(meeting))["DTSTART"].dt.replace(tzinfo=None)
    assert zone.to_tz(lookup_tzid=False).utcoffset(start) == dt.timedelta(hours=offset)


def test_the_identity_stays_and_the_sequence_rises(meeting, planner):
    first = event_of(invitation(meeting))
    meetings.edit(meeting, by=planner, at=AT, starts_at=berlin(2026, 5, 6, 18), ends_at=berlin(2026, 5, 6, 20))
    moved = event_of(invitation(meeting))
    meetings.cancel(meeting, by=planner, at=AT, reason="Der Saal ist gesperrt.")
    off = calendars.recall(meeting, name="Mira", address="mira@example.org", text="", at=AT)
    assert first["UID"] == moved["UID"] == event_of(off)["UID"]
    assert first["SEQUENCE"] < moved["SEQUENCE"] < event_of(off)["SEQUENCE"]
    assert (Calendar.from_ical(off)["METHOD"], event_of(off)["STATUS"]) == ("CANCEL", "CANCELLED")


def test_the_feed_holds_public_meetings_only_whoever_asks(client_of, users, working_group):
    MeetingFactory(body=working_group, title="Offene Runde", starts_at=soon())
    MeetingFactory(body=working_group, title="Vertrauliches", starts_at=soon(), is_public=False)
    MeetingFactory(body=BodyFactory(), title="Andere Gruppe", starts_at=soon())
    for user in users.values():
        everything = client_of(user).get("/sitzungen/kalender.ics").content
        group = client_of(user).get("/gremien/wohnen-und-quartier/kalender.ics").content
        assert titles(everything) == {"Offene Runde", "Andere Gruppe"}
        assert titles(group) == {"Offene Runde"}
        assert b"Vertraulich" not in everything + group


def titles(ics: bytes) -> set[str]:
    return {str(event["SUMMARY"]) for event in Calendar.from_ical(ics).walk("VEVENT")}


def test_a_non_public_meeting_has_no_file_of_its_own(client_of, users, working_group):
    secret = MeetingFactory(body=working_group, starts_at=soon(), is_public=False)
    public = MeetingFactory(body=working_group, starts_at=soon())
    for user in users.values():
        assert client_of(user).get(f"/sitzungen/{secret.pk}/termin.ics").status_code == 404
        assert client_of(user).get(f"/sitzungen/{public.pk}/termin.ics").status_code == 200


def test_the_feed_names_no_one_and_no_video_link(client_of, anonymous, working_group):
    MeetingFactory(body=working_group, starts_at=soon(), video_url="https://video.example.org/geheim")
    content = client_of(anonymous).get("/sitzungen/kalender.ics").content
    assert b"ATTENDEE" not in content
    assert b"ORGANIZER" not in content
    assert b"video.example.org" not in content


def test_a_cancelled_meeting_stays_in_the_feed_as_such(client_of, anonymous, working_group, planner):
    meeting = MeetingFactory(body=working_group, starts_at=soon())
    meetings.cancel(meeting, by=planner, at=AT, reason="krank")
    event = event_of(client_of(anonymous).get("/sitzungen/kalender.ics").content)
    assert (event["STATUS"], int(event["SEQUENCE"])) == ("CANCELLED", 1)
    assert str(event["SUMMARY"]).startswith("Abgesagt")


# ── the month ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_month_shows_what_the_reader_may_see(read, working_group):
    MeetingFactory(body=working_group, title="Offene Runde", starts_at=berlin(2026, 5, 5, 18))
    MeetingFactory(body=working_group, title="Vertrauliches", starts_at=berlin(2026, 5, 6, 18), is_public=False)
    page = read("anonymous", "/sitzungen/monat/?monat=2026-05")
    assert "Offene Runde" in page
    assert "Vertrauliches" not in page
    assert "Vertrauliches" in read("member", "/sitzungen/monat/?monat=2026-05")
    assert "Offene Runde" not in read("anonymous", "/sitzungen/monat/?monat=2026-07")


@pytest.mark.parametrize("query", ["monat=2026-13", "monat=x", "monat=9999-12", "gremium=gibt-es-nicht", "monat="])
def test_nonsense_in_the_address_shows_this_month(read, query, db):
    assert "Sitzungen im" in read("anonymous", f"/sitzungen/monat/?{query}")


def test_the_month_can_be_narrowed_to_a_body(read, working_group):
    MeetingFactory(body=working_group, title="Eins", starts_at=berlin(2026, 5, 5, 18))
    MeetingFactory(title="Zwei", starts_at=berlin(2026, 5, 5, 18))
    page = read("anonymous", "/sitzungen/monat/?monat=2026-05&gremium=wohnen-und-quartier")
    assert ">Eins</a>" in page
    assert ">Zwei</a>" not in page


def test_the_month_stays_light(queries, working_group):
    MeetingFactory(body=working_group, starts_at=berlin(2026, 5, 5, 18))
    one = queries("/sitzungen/monat/?monat=2026-05")
    for day in range(1, 30):
        MeetingFactory(starts_at=berlin(2026, 5, day, 18))
    assert queries("/sitzungen/monat/?monat=2026-05") == one
