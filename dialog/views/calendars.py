"""The public calendar: a month at a glance, and feeds to subscribe to."""

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from dialog.forms.meetings import MonthForm
from dialog.models import Body, Meeting
from dialog.services import calendars

#: A feed holds what is to come and what was within the last year.
FEED_PAST = dt.timedelta(days=365)


@dataclass(frozen=True)
class Day:
    """A day of the month's table; `is_outside` days fill the first and last week."""

    date: dt.date
    meetings: list[Meeting]
    is_outside: bool
    is_today: bool


def month(request: HttpRequest) -> HttpResponse:
    """The meetings of one month (`?monat=2026-11`), as a table of weeks; on small screens as a list.

    An empty month leads on to the next one in which there is a meeting; the body that was chosen stays chosen.
    """
    today = timezone.localdate()
    visible = Meeting.objects.visible_to(request.user)
    form = MonthForm(request.GET, meetings=visible)
    first = (form.month if form.is_valid() else None) or today.replace(day=1)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    chosen = form.cleaned_data["gremium"] if form.is_valid() else ""
    wanted = visible.filter(body__slug=chosen) if chosen else visible
    by_day: dict[dt.date, list[Meeting]] = {}
    for meeting in wanted.on_calendar(weeks[0][0], weeks[-1][-1]).select_related("body"):
        by_day.setdefault(timezone.localdate(meeting.starts_at), []).append(meeting)
    after = (first + dt.timedelta(days=32)).replace(day=1)
    has_meetings = any(date.month == first.month for date in by_day)
    context = {
        "form": form,
        "chosen": chosen,
        "first": first,
        "today": today,
        "weeks": [
            [Day(date, by_day.get(date, []), date.month != first.month, date == today) for date in week]
            for week in weeks
        ],
        "before": first - dt.timedelta(days=1),
        "after": after,
        "has_meetings": has_meetings,
        "later": None if has_meetings else wanted.filter(starts_at__date__gte=after).order_by("starts_at").first(),
    }
    return render(request, "dialog/meeting_month.html", context)


def feed(request: HttpRequest) -> HttpResponse:
    """All public meetings, for subscribing; the same for everyone, signed in or not."""
    return _ics(_public(), _("Lüner Dialog: Sitzungen"), "luener-dialog.ics")


def body_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """One body's public meetings, for subscribing."""
    body = get_object_or_404(Body.objects.visible_to(AnonymousUser()), slug=slug)
    return _ics(_public().filter(body=body), body.full_name, f"{body.slug}.ics")


def meeting_ics(request: HttpRequest, pk: int) -> HttpResponse:
    """One public meeting, for one's own calendar."""
    meeting = get_object_or_404(Meeting.objects.visible_to(AnonymousUser()).select_related("body"), pk=pk)
    return _ics([meeting], str(meeting), "sitzung.ics")


def _public() -> QuerySet[Meeting]:
    since = timezone.now() - FEED_PAST
    return Meeting.objects.visible_to(AnonymousUser()).filter(starts_at__gte=since).select_related("body")


def _ics(meetings: Iterable[Meeting], name: str, filename: str) -> HttpResponse:
    response = HttpResponse(
        calendars.feed(meetings, name=name),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'inline; filename="{filename}"'},
    )
    patch_cache_control(response, public=True, max_age=900)
    return response
