"""Meetings as iCalendar (RFC 5545, RFC 5546): for the invited, and as feeds for everyone.

A meeting keeps its UID for good; its SEQUENCE rises with every change, so that calendars take the newest word.
"""

import datetime as dt
from collections.abc import Iterable
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from dialog.models import Meeting

BERLIN = ZoneInfo("Europe/Berlin")
PRODUCT = "-//Lüner Dialog//Sitzungen//DE"

#: Summer time as the European Union has had it since 1996.
_TIMEZONE = """BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""


@cache
def _timezone() -> Timezone:
    return Timezone.from_ical(_TIMEZONE)  # type: ignore[return-value]


def invitation(meeting: Meeting, *, name: str, address: str, text: str, at: dt.datetime) -> bytes:
    """The meeting for one invited person's calendar (METHOD:REQUEST); sent again after a change, it moves there."""
    return _for_one(meeting, "REQUEST", name=name, address=address, text=text, at=at)


def recall(meeting: Meeting, *, name: str, address: str, text: str, at: dt.datetime) -> bytes:
    """Takes the meeting out of an invited person's calendar (METHOD:CANCEL)."""
    return _for_one(meeting, "CANCEL", name=name, address=address, text=text, at=at)


def feed(meetings: Iterable[Meeting], *, name: str) -> bytes:
    """A calendar to subscribe to; it names no people. Cancelled meetings stay in it as such.

    Without a METHOD: it is no message from an organizer to somebody (RFC 5546, 3.2.1), whom it would have to name.
    """
    calendar = _calendar()
    calendar.add("X-WR-CALNAME", name)
    calendar.add("NAME", name)
    calendar.add("REFRESH-INTERVAL", dt.timedelta(hours=6), parameters={"VALUE": "DURATION"})
    calendar.add_component(_timezone())
    for meeting in meetings:
        # Without a recipient, the stamp is the last change (RFC 5545, 3.8.7.2).
        calendar.add_component(_event(meeting, text="", at=meeting.changed_at))
    return calendar.to_ical()


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    return calendar


def _for_one(meeting: Meeting, method: str, *, name: str, address: str, text: str, at: dt.datetime) -> bytes:
    event = _event(meeting, text=text, at=at)
    organizer = vCalAddress(f"mailto:{settings.CONTACT_EMAIL}")
    organizer.params["CN"] = vText(_("Lüner Dialog"))
    event.add("ORGANIZER", organizer)
    attendee = vCalAddress(f"mailto:{address}")
    attendee.params["CN"] = vText(name)
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    attendee.params["PARTSTAT"] = vText("NEEDS-ACTION")
    # The answer comes by the link in the mail; a calendar's own answer would reach nobody who counts it.
    attendee.params["RSVP"] = vText("FALSE")
    event.add("ATTENDEE", attendee)
    calendar = _calendar()
    calendar.add("METHOD", method)
    calendar.add_component(_timezone())
    calendar.add_component(event)
    return calendar.to_ical()


def _event(meeting: Meeting, *, text: str, at: dt.datetime) -> Event:
    event = Event()
    event.add("UID", f"{meeting.uid}@{urlsplit(settings.BASE_URL).hostname}")
    event.add("SEQUENCE", meeting.revision)
    event.add("DTSTAMP", at.astimezone(dt.UTC))
    event.add("LAST-MODIFIED", meeting.changed_at.astimezone(dt.UTC))
    event.add("DTSTART", meeting.starts_at.astimezone(BERLIN))
    event.add("DTEND", meeting.ends_at.astimezone(BERLIN))
    cancelled = meeting.state == Meeting.State.CANCELLED
    event.add("SUMMARY", _("Abgesagt: %(title)s") % {"title": meeting} if cancelled else str(meeting))
    event.add("STATUS", "CANCELLED" if cancelled else "CONFIRMED")
    if meeting.where:
        event.add("LOCATION", meeting.where)
    if text:
        event.add("DESCRIPTION", text)
    event.add("URL", f"{settings.BASE_URL}{meeting.get_absolute_url()}")
    return event
