"""Meetings as iCalendar, read back as an outside reader would."""

import datetime as dt
import re
from dataclasses import dataclass, field

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


# ── by the letter of RFC 5545, without the library that wrote it ────────────────────────────────────────

LONG = "Wohnen, Wege; Plätze \\ Grün: größere Bäume für Brambauer, Lünen-Süd und Gahmen – dafür weniger Pflaster 🌳"
PERSON = 'Özlem "Özi" Yıldız, Kultur; Süd: Lünen-Brambauer und Umgebung'
UTC, LOCAL = re.compile(r"\d{8}T\d{6}Z"), re.compile(r"\d{8}T\d{6}")


@dataclass
class Component:
    """A component as it stands in the file: properties as (name, parameters, value), and what it holds."""

    name: str
    properties: list[tuple[str, str, str]] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)

    def one(self, name: str) -> tuple[str, str]:
        """Parameters and value of a property that stands here exactly once."""
        [found] = [(parameters, value) for known, parameters, value in self.properties if known == name]
        return found

    def all(self, name: str) -> list["Component"]:
        return [part for part in self.parts if part.name == name]


def read_by_hand(ics: bytes) -> Component:
    """The file's VCALENDAR; fails where it breaks sections 3.1, 3.2 or 3.4 of the standard."""
    assert ics.endswith(b"\r\n")
    assert b"\n" not in ics.replace(b"\r\n", b"")
    assert b"\r" not in ics.replace(b"\r\n", b"")
    physical = ics.removesuffix(b"\r\n").split(b"\r\n")
    lines: list[str] = []
    for octets in physical:
        assert len(octets) <= 75
        # A line broken within a letter could not be read by itself.
        text = octets.decode()
        if text.startswith(" "):
            lines[-1] += text[1:]
        else:
            lines.append(text)
    outside = Component("")
    stack = [outside]
    for line in lines:
        match = re.fullmatch(r'([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:"[^"]*"|[^";:,]*))*):(.*)', line)
        assert match, line
        name, parameters, value = match.groups()
        if name == "BEGIN":
            stack[-1].parts.append(Component(value))
            stack.append(stack[-1].parts[-1])
        elif name == "END":
            assert stack.pop().name == value
        else:
            stack[-1].properties.append((name, parameters, value))
    [calendar] = outside.parts
    assert (stack, outside.properties, calendar.name) == ([outside], [], "VCALENDAR")
    return calendar


def words(value: str) -> str:
    """The text of a property (3.3.11); nothing that must be escaped stands there as it is."""
    assert not re.search(r"[\\,;]", re.sub(r"\\[\\,;nN]", "", value)), value
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "N": "\n"}.get(found[1], found[1]), value)


def check_by_the_standard(calendar: Component) -> None:
    """What every file needs: 3.4, 3.6.1, 3.6.5, 3.8.7."""
    assert calendar.one("VERSION") == ("", "2.0")
    assert calendar.one("PRODID")[1]
    zones = {}
    for zone in calendar.all("VTIMEZONE"):
        zones[zone.one("TZID")[1]] = zone
        for rule in zone.parts:
            assert rule.name in {"STANDARD", "DAYLIGHT"}
            assert LOCAL.fullmatch(rule.one("DTSTART")[1])
            assert all(re.fullmatch(r"[+-]\d{4}", rule.one(name)[1]) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
        assert {rule.name for rule in zone.parts} == {"STANDARD", "DAYLIGHT"}
    events = calendar.all("VEVENT")
    assert events
    for event in events:
        assert re.fullmatch(r"\S+@\S+", event.one("UID")[1])
        assert UTC.fullmatch(event.one("DTSTAMP")[1])
        assert event.one("SEQUENCE")[1].isdecimal()
        for name in ("DTSTART", "DTEND"):
            parameters, value = event.one(name)
            assert parameters.removeprefix(";TZID=") in zones
            assert LOCAL.fullmatch(value)
        assert event.one("DTEND")[1] > event.one("DTSTART")[1]
        for name in {"SUMMARY", "LOCATION", "DESCRIPTION"} & {name for name, *_rest in event.properties}:
            words(event.one(name)[1])
    assert len({event.one("UID") for event in events}) == len(events)


@pytest.fixture
def wordy(working_group):
    return MeetingFactory(
        body=working_group, title=LONG, place="Rathaus, Saal 2; Eingang: Willy-Brandt-Platz", starts_at=soon()
    )


@pytest.mark.parametrize(("method", "status"), [("REQUEST", "CONFIRMED"), ("CANCEL", "CANCELLED")])
def test_invitation_and_recall_are_by_the_letter(wordy, planner, method, status):
    if method == "CANCEL":
        meetings.cancel(wordy, by=planner, at=AT, reason="krank")
    make = calendars.recall if method == "CANCEL" else calendars.invitation
    text = f"Antworten Sie hier:\nhttps://example.org/sitzungen/antwort/abc,def;ghi/\n\n{LONG}"
    calendar = read_by_hand(make(wordy, name=PERSON, address="oezlem@example.org", text=text, at=AT))
    check_by_the_standard(calendar)
    [event] = calendar.all("VEVENT")
    assert (calendar.one("METHOD")[1], event.one("STATUS")[1]) == (method, status)
    assert words(event.one("SUMMARY")[1]).endswith(LONG)
    assert words(event.one("DESCRIPTION")[1]) == text
    assert words(event.one("LOCATION")[1]) == wordy.where
    # Who invites and who is invited: RFC 5546, 3.2.2 and 3.2.5.
    assert event.one("ORGANIZER")[1].startswith("mailto:")
    parameters, address = event.one("ATTENDEE")
    assert address == "mailto:oezlem@example.org"
    # Between quotes, because of its comma; the quotes in it are written as RFC 6868 says.
    assert parameters.startswith(";CN=\"Özlem ^'Özi^' Yıldız, Kultur; Süd: Lünen-Brambauer und Umgebung\";")


def test_the_feed_is_by_the_letter(client_of, anonymous, wordy, planner):
    off = MeetingFactory(title="Entfällt", starts_at=soon(9))
    meetings.cancel(off, by=planner, at=AT, reason="krank")
    calendar = read_by_hand(client_of(anonymous).get("/sitzungen/kalender.ics").content)
    check_by_the_standard(calendar)
    assert {words(event.one("SUMMARY")[1]) for event in calendar.all("VEVENT")} == {LONG, f"Abgesagt: {off}"}
    # A METHOD would make it a message between people (RFC 5546, 3.2.1), which has to name an organizer.
    assert "METHOD" not in {name for name, *_rest in calendar.properties}


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


def test_the_chosen_body_stays_chosen_between_months_list_and_feed(read, working_group):
    MeetingFactory(body=working_group, starts_at=berlin(2026, 5, 5, 18))
    month = read("anonymous", "/sitzungen/monat/?monat=2026-05&gremium=wohnen-und-quartier")
    for address in (
        "?monat=2026-04&amp;gremium=wohnen-und-quartier",
        "?monat=2026-06&amp;gremium=wohnen-und-quartier",
        "/sitzungen/monat/?gremium=wohnen-und-quartier",
        "/sitzungen/?gremium=wohnen-und-quartier",
        "/gremien/wohnen-und-quartier/kalender.ics",
    ):
        assert f'href="{address}"' in month
    listed = read("anonymous", "/sitzungen/?gremium=wohnen-und-quartier")
    assert 'href="/sitzungen/monat/?gremium=wohnen-und-quartier"' in listed
    assert 'href="/gremien/wohnen-und-quartier/kalender.ics"' in listed


def test_an_empty_month_leads_on_to_the_next_meeting(read, working_group):
    MeetingFactory(body=working_group, starts_at=berlin(2026, 9, 1, 18), is_public=False)
    MeetingFactory(body=working_group, starts_at=berlin(2026, 10, 1, 0, 30))
    page = read("anonymous", "/sitzungen/monat/?monat=2026-05")
    assert "Die nächste ist im Oktober 2026." in page
    assert 'href="?monat=2026-10"' in page
    assert "Die nächste ist" not in read("anonymous", "/sitzungen/monat/?monat=2027-05")
    assert "Die nächste ist im September 2026." in read("member", "/sitzungen/monat/?monat=2026-05")


def test_the_present_month_marks_today_and_another_one_leads_back_to_it(read, db):
    assert 'aria-current="date"' in read("anonymous", "/sitzungen/monat/")
    assert ">Heute</a>" not in read("anonymous", "/sitzungen/monat/")
    other = read("anonymous", "/sitzungen/monat/?monat=2020-05")
    assert 'aria-current="date"' not in other
    assert '<a class="btn btn-2 btn-small" href="/sitzungen/monat/">Heute</a>' in other


def test_the_month_stays_light(queries, working_group):
    MeetingFactory(body=working_group, starts_at=berlin(2026, 5, 5, 18))
    one = queries("/sitzungen/monat/?monat=2026-05")
    for day in range(1, 30):
        MeetingFactory(starts_at=berlin(2026, 5, day, 18))
    assert queries("/sitzungen/monat/?monat=2026-05") == one
