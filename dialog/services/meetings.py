"""Planning a meeting: create, repeat, move, cancel, hold; everyone invited learns of what concerns them."""

import calendar
import datetime as dt
from collections.abc import Iterable
from typing import Any

import holidays
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_fsm import TransitionNotAllowed

from dialog.models import AgendaItem, Body, Meeting, User

from . import agenda, meeting_invitations, steps

#: Changes that people must learn of; they are told by mail if they were invited.
TOLD = ("starts_at", "ends_at", "place", "room", "address", "video_url")
#: Everything that stands on the form of a meeting.
DETAILS = ("title", *TOLD, "access_notes", "interpreting", "childcare", "is_public")
#: What a new meeting takes over from the one it is copied from.
COPIED = ("title", "place", "room", "address", "video_url", "access_notes", "interpreting", "childcare", "is_public")

MAX_SERIES = 24


def _may_run(body: Body, by: User | None) -> None:
    if by is not None and not by.has_perm("dialog.run_meeting", body):
        raise PermissionDenied


@transaction.atomic
def create(
    body: Body,
    *,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    by: User | None,
    at: dt.datetime,
    source: Meeting | None = None,
    is_example: bool = False,
    **details: Any,
) -> Meeting:
    """Plans a meeting of `body`, with the agenda of `source` or else with the standing items of the body.

    PermissionDenied, or ValidationError if it ends before it starts.
    """
    _may_run(body, by)
    _check_times(starts_at, ends_at)
    year = timezone.localdate(starts_at).year
    meeting = Meeting.objects.create(
        body=body,
        starts_at=starts_at,
        ends_at=ends_at,
        year=year,
        number=_next_number(body, year),
        changed_at=at,
        is_example=is_example,
        **details,
    )
    steps.record(meeting, "create", by=by, at=at)
    if source is None:
        agenda.begin(meeting, by=by)
    else:
        agenda.copy(source, to=meeting, by=by)
    return meeting


@transaction.atomic
def create_series(
    body: Body,
    *,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    every: int,
    count: int,
    by: User | None,
    at: dt.datetime,
    **details: Any,
) -> list[Meeting]:
    """Plans `count` meetings, each `every` months after the one before, on the same weekday of the month.

    All begin at the same time of day in Lünen, before and after the clocks change.
    """
    first, last = timezone.localtime(starts_at), timezone.localtime(ends_at)
    days_long = last.date() - first.date()
    meetings = []
    for day in repeated(first.date(), every=every, count=min(count, MAX_SERIES)):
        meetings.append(
            create(
                body,
                starts_at=dt.datetime.combine(day, first.time(), first.tzinfo),
                ends_at=dt.datetime.combine(day + days_long, last.time(), last.tzinfo),
                by=by,
                at=at,
                **details,
            )
        )
    return meetings


def repeated(first: dt.date, *, every: int, count: int) -> list[dt.date]:
    """Days on the same weekday of the month as `first`, `every` months apart: each third one its “first Tuesday”.

    Where a month has no fifth one, it is the last.
    """
    nth = (first.day - 1) // 7
    days = []
    for number in range(count):
        year, month = divmod(first.year * 12 + first.month - 1 + number * every, 12)
        beginning, length = calendar.monthrange(year, month + 1)
        day = 1 + (first.weekday() - beginning) % 7 + 7 * nth
        days.append(dt.date(year, month + 1, day if day <= length else day - 7))
    return days


def _next_number(body: Body, year: int) -> int:
    # Locked, so that two meetings planned at once get two numbers.
    Body.objects.select_for_update().get(pk=body.pk)
    return (Meeting.objects.filter(body=body, year=year).aggregate(last=Max("number"))["last"] or 0) + 1


def _check_times(starts_at: dt.datetime, ends_at: dt.datetime) -> None:
    if ends_at.astimezone(dt.UTC) <= starts_at.astimezone(dt.UTC):
        raise ValidationError({"ends": _("Das Ende muss nach dem Beginn liegen.")})


@transaction.atomic
def edit(meeting: Meeting, *, by: User, at: dt.datetime, seen: int | None = None, **details: Any) -> list[str]:
    """Changes what is planned; returns the names of what changed. Who was invited gets mail if it concerns them.

    `seen` is the revision that the editor had before them: if somebody changed the meeting since, nothing is
    written (ValidationError). TransitionNotAllowed once the meeting was held or cancelled.
    """
    _may_run(meeting.body, by)
    current = Meeting.objects.select_for_update().select_related("body").get(pk=meeting.pk)
    if current.state != Meeting.State.PLANNED:
        raise TransitionNotAllowed("only a planned meeting can be changed", object=current)
    if seen is not None and seen != current.revision:
        raise ValidationError(
            _(
                "Inzwischen hat jemand anderes diese Sitzung geändert. Ihre Angaben stehen noch hier. Bitte "
                "vergleichen Sie beides und speichern Sie dann noch einmal."
            ),
            code="changed",
        )
    changed = [name for name, value in details.items() if getattr(current, name) != value]
    if not changed:
        return []
    before = {name: getattr(current, name) for name in TOLD}
    for name, value in details.items():
        setattr(current, name, value)
    _check_times(current.starts_at, current.ends_at)
    if (year := timezone.localdate(current.starts_at).year) != current.year and current.number:
        current.year, current.number = year, _next_number(current.body, year)
    current.changed_at = at
    current.revision += 1
    current.save()
    steps.record(current, "edit", by=by, at=at, before=current.state, note=", ".join(_labels(changed)))
    if told := [name for name in changed if name in TOLD]:
        meeting_invitations.tell_change(current, before=before, changed=told, at=at)
    else:
        meeting_invitations.pass_over(current)
    meeting.refresh_from_db()
    return changed


def _labels(names: Iterable[str]) -> list[str]:
    return [str(Meeting._meta.get_field(name).verbose_name) for name in names]


@transaction.atomic
def cancel(meeting: Meeting, *, by: User | None, reason: str, at: dt.datetime) -> None:
    """Calls a meeting off; who was invited gets mail and a recall for their calendar.

    ValidationError without a reason; TransitionNotAllowed once it was held or there are minutes of it.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Bitte nennen Sie den Grund; die Eingeladenen lesen ihn.")})
    if hasattr(meeting, "minutes"):
        raise TransitionNotAllowed("there are minutes of this meeting", object=meeting)
    steps.take(meeting, "cancel", by=by, at=at, note=reason, reason=reason, changed_at=at)
    meeting_invitations.tell_cancelled(meeting, at=at)


@transaction.atomic
def hold(meeting: Meeting, *, by: User | None, at: dt.datetime) -> None:
    """Notes that the meeting took place. TransitionNotAllowed before it begins."""
    if at < meeting.starts_at:
        raise TransitionNotAllowed("the meeting has not begun", object=meeting)
    steps.take(meeting, "hold", by=by, at=at)


def holiday_on(day: dt.date) -> str:
    """The name of the public holiday in North Rhine-Westphalia on `day`, or an empty string."""
    return holidays.country_holidays("DE", subdiv="NW", years=day.year, language="de").get(day) or ""


def warnings(meeting: Meeting, *, at: dt.datetime, items: Iterable[AgendaItem] = ()) -> list[str]:
    """What is lawful and yet probably not meant, in words."""
    found = []
    day = timezone.localdate(meeting.starts_at)
    if name := holiday_on(day):
        found.append(_("An diesem Tag ist ein Feiertag: %(name)s.") % {"name": name})
    excess = agenda.minutes_planned(items) - meeting.minutes_long
    if excess > 0:
        found.append(
            ngettext(
                "Die Tagesordnung dauert eine Minute länger als die Sitzung.",
                "Die Tagesordnung dauert %(number)d Minuten länger als die Sitzung.",
                excess,
            )
            % {"number": excess}
        )
    if meeting.state == Meeting.State.PLANNED and meeting.starts_at > at:
        if meeting.invited_at is None and meeting.invite_by < timezone.localdate(at):
            found.append(_("Die Einladungsfrist ist schon verstrichen."))
    elif meeting.state == Meeting.State.PLANNED and meeting.ends_at < at:
        found.append(_("Der Termin ist vorbei. Hat die Sitzung stattgefunden?"))
    same_day = Meeting.objects.filter(body=meeting.body_id, starts_at__date=day, state=Meeting.State.PLANNED)
    if same_day.exclude(pk=meeting.pk).exists():
        found.append(_("Dieses Gremium hat an diesem Tag noch eine Sitzung."))
    return found
