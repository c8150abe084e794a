"""How things are written and drawn on pages and in documents; available in every template."""

import datetime as dt

from django import template
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from dialog.models import DatePrecision
from dialog.panels import render as render_panels

register = template.Library()


@register.filter
def when(date: dt.date | None, precision: str = DatePrecision.DAY) -> str:
    """A date as a German reader writes it, no more exact than it is known: “5. September 2007”, “September 2008”."""
    if date is None:
        return ""
    formats = {DatePrecision.DAY: "j. F Y", DatePrecision.MONTH: "F Y", DatePrecision.YEAR: "Y"}
    return format_date(date, formats[DatePrecision(precision)])


@register.simple_tag
def period(starts_on: dt.date | None, ends_on: dt.date | None, precision: str = DatePrecision.DAY) -> str:
    """A stretch of time: “April bis Juli 2007”, “seit Juli 2008”, “2009”."""
    start, end = when(starts_on, precision), when(ends_on, precision)
    if start and not end:
        return _("seit %(start)s") % {"start": start}
    if end and not start:
        return _("bis %(end)s") % {"end": end}
    if start == end:
        return start
    if starts_on and ends_on and starts_on.year == ends_on.year and precision != DatePrecision.YEAR:
        start = format_date(starts_on, "F" if precision == DatePrecision.MONTH else "j. F")
    return _("%(start)s bis %(end)s") % {"start": start, "end": end}


@register.filter
def lines(text: str) -> list[str]:
    """The non-empty lines of a text whose lines are entries of a list."""
    return [line.strip() for line in text.splitlines() if line.strip()]


@register.simple_tag(takes_context=True)
def panels(context: template.Context, place: str, row: object = None) -> str:
    """What upper floors say at `place` about `row`."""
    return render_panels(place, context["request"], row)
