"""Dates of the example layer, relative to the day it is loaded: `{in_tagen: 9, wochentag: Dienstag, um: "18:00"}`."""

import calendar
import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from .files import Entry

_WEEKDAYS = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]
_DISTANCES = ("in_tagen", "vor_tagen", "in_monaten", "vor_monaten")
_WEEKDAY, _TIME = "wochentag", "um"


def day(entry: Entry, now: dt.datetime) -> dt.date:
    """The day that `entry` describes: so many days or months from `now`, then on to the weekday it names.

    RecordError for an unknown word, no distance or two, or a distance that is no number.
    """
    for name in entry:
        if name not in (*_DISTANCES, _WEEKDAY, _TIME):
            message = _("Das gehört nicht zu einem Datum. Möglich sind: %s.")
            raise entry.error(message % ", ".join((*_DISTANCES, _WEEKDAY, _TIME)), name)
    given = [name for name in _DISTANCES if name in entry]
    if len(given) != 1:
        raise entry.error(_("Ein Datum braucht genau einen Abstand: %s.") % ", ".join(_DISTANCES))
    distance = _number(entry, given[0])
    today = timezone.localdate(now)
    date = _months_on(today, distance) if given[0].endswith("monaten") else today + dt.timedelta(days=distance)
    if _WEEKDAY in entry:
        if entry.text(_WEEKDAY) not in _WEEKDAYS:
            raise entry.error(_("Möglich sind: %s.") % ", ".join(_WEEKDAYS), _WEEKDAY)
        date += dt.timedelta(days=(_WEEKDAYS.index(entry.text(_WEEKDAY)) - date.weekday()) % 7)
    return date


def moment(entry: Entry, now: dt.datetime) -> dt.datetime:
    """The moment that `entry` describes, in Berlin; without a time it is noon."""
    try:
        time = dt.time.fromisoformat(entry.text(_TIME)) if _TIME in entry else dt.time(12)
    except ValueError:
        raise entry.error(_("Das ist keine Uhrzeit. Schreiben Sie zum Beispiel 18:00."), _TIME) from None
    return timezone.make_aware(dt.datetime.combine(day(entry, now), time))


def _number(entry: Entry, name: str) -> int:
    try:
        number = int(entry.text(name))
    except ValueError:
        raise entry.error(_("Das ist keine ganze Zahl."), name) from None
    return -number if name.startswith("vor_") else number


def _months_on(date: dt.date, months: int) -> dt.date:
    """The same day `months` later; the last of the month where that day does not exist."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return dt.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))
