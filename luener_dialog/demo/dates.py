"""Dates of the example layer, relative to the day it is loaded: `{in_tagen: 9, wochentag: Dienstag, um: "18:00"}`."""

import calendar
import datetime as dt
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from .files import Entry

_WEEKDAYS = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]
_DISTANCES = ("in_tagen", "vor_tagen", "in_monaten", "vor_monaten")
_WEEKDAY, _TIME = "wochentag", "um"


def day(entry: Entry, now: dt.datetime) -> dt.date:
    """The day that `entry` describes: so many days or months from `now`, then on to the weekday it names.

    In the last days of a month it is the weekday before, so that month and year stay.

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
    if _WEEKDAY not in entry:
        return date
    if entry.text(_WEEKDAY) not in _WEEKDAYS:
        raise entry.error(_("Möglich sind: %s.") % ", ".join(_WEEKDAYS), _WEEKDAY)
    later = date + dt.timedelta(days=(_WEEKDAYS.index(entry.text(_WEEKDAY)) - date.weekday()) % 7)
    return later if later.month == date.month else later - dt.timedelta(days=7)


def moment(entry: Entry, now: dt.datetime) -> dt.datetime:
    """The moment that `entry` describes, in Berlin; without a time it is noon. Errors as `day`."""
    try:
        time = dt.time.fromisoformat(entry.text(_TIME)) if _TIME in entry else dt.time(12)
    except ValueError:
        raise entry.error(_("Das ist keine Uhrzeit. Schreiben Sie zum Beispiel 18:00."), _TIME) from None
    return _at(day(entry, now), time)


def noon(date: dt.date) -> dt.datetime:
    return _at(date, dt.time(12))


def value(entry: Entry, column: models.Field, now: dt.datetime) -> Any:
    """What `entry` means for a column: a moment, a day, or the year of the day. Errors as `day`."""
    if isinstance(column, models.DateTimeField):
        return moment(entry, now)
    if isinstance(column, models.DateField):
        return day(entry, now)
    return day(entry, now).year


def _at(date: dt.date, time: dt.time) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(date, time))


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
