"""What is due, for one account: rows from every part of the portal, in the order of their days.

A part that has work to do registers a `Source`; upper floors register theirs in `AppConfig.ready`. A source shows no
more than its account may do, and asks the database as often for one row as for thirty.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dialog.models import BarrierReport, Correction, Meeting, Membership, Minutes, Signature, Task, User

#: So many rows of one source stand on the page; its own page has all.
LIMIT = 25
#: Meetings are prepared from so many days before their invitation is due.
PREPARE_AHEAD = dt.timedelta(days=56)
#: Older meetings without minutes are found on the page of the minutes.
FOLLOWED_UP = dt.timedelta(days=366)
#: Tasks are shown from so many days before they are due.
TASKS_AHEAD = dt.timedelta(days=7)


@dataclass(frozen=True)
class Due:
    """One thing to do, and the page on which it is done."""

    #: By when, or since when it waits.
    day: dt.date
    what: str
    about: str
    address: str
    detail: str = ""
    is_example: bool = False
    #: `day` is no deadline: somebody has been waiting since then.
    waits: bool = False


@dataclass(frozen=True)
class Source:
    """A kind of work: its rows for an account at a moment (lazily, the most urgent first), and the page with all."""

    label: Any
    page: str
    rows: Callable[[User, dt.datetime], Iterable[Due]]


@dataclass(frozen=True)
class Group:
    """The rows of one source that fit on the page, and whether there are more."""

    slug: str
    label: str
    page: str
    rows: list[Due]
    has_more: bool


_sources: dict[str, Source] = {}


def register(slug: str, source: Source) -> None:
    """Adds a kind of work under `slug`, after those already there."""
    _sources[slug] = source


def groups(user: User, now: dt.datetime) -> list[Group]:
    """Everything that `user` has to do, by kind; kinds without a row are left out."""
    found = []
    for slug, source in _sources.items():
        rows = list(source.rows(user, now))
        if rows:
            shown = sorted(rows, key=lambda row: row.day)[:LIMIT]
            found.append(Group(slug, str(source.label), source.page, shown, len(rows) > LIMIT))
    return found


def in_order(found: Iterable[Group]) -> list[Due]:
    """The rows of all groups in the order of their days."""
    return sorted((row for group in found for row in group.rows), key=lambda row: row.day)


# ── meetings ────────────────────────────────────────────────────────────────────────────────────────────


def meeting_title(meeting: Meeting) -> str:
    """“Arbeitsgruppe Sport und Freizeit, 5. März 2026”."""
    day = format_date(timezone.localdate(meeting.starts_at), "j. F Y")
    return _("%(meeting)s, %(day)s") % {"meeting": meeting, "day": day}


def _meetings(user: User, now: dt.datetime) -> Iterator[Due]:
    """Coming meetings without agenda or invitation, by the day on which their body's notice ends."""
    if not user.has_perm("dialog.run_meeting"):
        return
    horizon = timezone.localdate(now) + PREPARE_AHEAD
    for meeting in Meeting.objects.visible_to(user).to_prepare(now).select_related("body"):
        if meeting.invite_by <= horizon:
            page, what = (
                ("workspace_meeting_invitation", _("Einladen"))
                if meeting.items
                else ("workspace_agenda", _("Tagesordnung aufstellen"))
            )
            yield Due(
                day=meeting.invite_by,
                what=what,
                about=meeting_title(meeting),
                address=reverse(page, args=[meeting.pk]),
                detail=meeting.body.full_name if meeting.title else "",
                is_example=meeting.is_example,
            )


# ── minutes ─────────────────────────────────────────────────────────────────────────────────────────────


def _minutes(user: User, now: dt.datetime) -> Iterator[Due]:
    """Minutes to begin, to write, to review, to approve and to publish, as far as it is the account's to do."""
    unwritten = Meeting.objects.minuted_by(user).without_minutes(now).filter(starts_at__gte=now - FOLLOWED_UP)
    for meeting in unwritten.select_related("body").order_by("starts_at")[: LIMIT + 1]:
        yield _minutes_row(meeting, _("Niederschrift beginnen"), f"{reverse('workspace_minutes')}#sitzung-{meeting.pk}")
    proposed = Count("corrections", filter=Q(corrections__state=Correction.State.PROPOSED))
    rows = Minutes.objects.internal_to(user).exclude(state=Minutes.State.PUBLISHED).annotate(proposed=proposed)
    today = timezone.localdate(now)
    for minutes in rows.select_related("meeting__body").order_by("meeting__starts_at")[: 2 * LIMIT]:
        if step := _minutes_step(minutes, user, today):
            what, address, day = step
            yield _minutes_row(minutes.meeting, what, address, day)


def _minutes_row(meeting: Meeting, what: str, address: str, day: dt.date | None = None) -> Due:
    held_on = timezone.localdate(meeting.starts_at)
    return Due(
        day=day or held_on,
        what=what,
        about=meeting_title(meeting),
        address=address,
        detail=meeting.body.full_name if meeting.title else "",
        is_example=meeting.is_example,
        waits=day is None,
    )


def _minutes_step(minutes: Any, user: User, today: dt.date) -> tuple[str, str, dt.date | None] | None:
    """What `user` has to do with minutes that are not published: words, page, and by when if that is fixed."""
    may_write = user.has_perm("dialog.write_minutes", minutes)
    at_work = reverse("workspace_minutes_write", args=[minutes.pk])

    def step(word: str) -> str:
        return reverse("workspace_minutes_step", args=[minutes.pk, word])

    if minutes.state == Minutes.State.DRAFT:
        return (_("Niederschrift schreiben"), at_work, None) if may_write else None
    if minutes.state == Minutes.State.APPROVED:
        if not user.has_perm("dialog.publish_minutes", minutes):
            return None
        return _("Veröffentlichen"), step("veroeffentlichung"), None
    if minutes.proposed and may_write:
        return _("Korrekturen beantworten"), at_work, minutes.review_until
    if minutes.review_until is None or today > minutes.review_until:
        if user.has_perm("dialog.approve_minutes", minutes):
            return _("Genehmigen"), step("genehmigung"), minutes.review_until
        return (_("Genehmigung einholen"), at_work, minutes.review_until) if may_write else None
    if user.has_perm("dialog.approve_minutes", minutes) or may_write:
        return _("Durchsehen"), reverse("minutes", args=[minutes.meeting_id]), minutes.review_until
    return None


# ── tasks ───────────────────────────────────────────────────────────────────────────────────────────────


def _tasks(user: User, now: dt.datetime) -> Iterator[Due]:
    """Open tasks that are overdue or due soon, with whoever has to do them."""
    soon = timezone.localdate(now) + TASKS_AHEAD
    rows = Task.objects.finishable_by(user).open().filter(due_on__lte=soon)
    for task in rows.select_related("body", "assignee")[: LIMIT + 1]:
        who = task.assignee.name if task.assignee else _("noch niemand zuständig")
        yield Due(
            day=task.due_on,
            what=_("Als erledigt melden"),
            about=task.title,
            address=reverse("workspace_task_finish", args=[task.pk]),
            detail=f"{who} · {task.body.full_name}",
            is_example=task.is_example,
        )


# ── requests ────────────────────────────────────────────────────────────────────────────────────────────


def _requests(user: User, now: dt.datetime) -> Iterator[Due]:
    """Requests to join a body."""
    for membership in Membership.objects.to_decide(user).select_related("body", "person")[: LIMIT + 1]:
        yield Due(
            day=timezone.localdate(membership.requested_at),
            what=_("Entscheiden"),
            about=membership.person.name,
            address=reverse("workspace_request", args=[membership.pk]),
            detail=_("möchte mitarbeiten: %(body)s") % {"body": membership.body.full_name},
            is_example=membership.is_example,
            waits=True,
        )


def _signatures(user: User, now: dt.datetime) -> Iterator[Due]:
    """Institutions that want to join a declaration."""
    if not user.has_perm("dialog.decide_signature"):
        return
    for row in Signature.objects.requested().select_related("organization", "declaration")[: LIMIT + 1]:
        yield Due(
            day=timezone.localdate(row.requested_at),
            what=_("Prüfen"),
            about=str(row.organization),
            address=reverse("workspace_signature", args=[row.pk]),
            detail=_("möchte beitreten: %(declaration)s") % {"declaration": row.declaration},
            is_example=row.is_example,
            waits=True,
        )


def _barriers(user: User, now: dt.datetime) -> Iterator[Due]:
    """Barriers that readers reported."""
    if not user.has_perm("dialog.answer_barrier"):
        return
    for row in BarrierReport.objects.visible_to(user).unanswered()[: LIMIT + 1]:
        yield Due(
            day=timezone.localdate(row.reported_at),
            what=_("Antworten"),
            about=Truncator(row.text).chars(80),
            address=reverse("workspace_barrier", args=[row.pk]),
            detail=row.address,
            waits=True,
        )


register("sitzungen", Source(gettext_lazy("Sitzungen"), "workspace_meetings", _meetings))
register("niederschriften", Source(gettext_lazy("Niederschriften"), "workspace_minutes", _minutes))
register("auftraege", Source(gettext_lazy("Arbeitsaufträge"), "workspace_tasks", _tasks))
register("antraege", Source(gettext_lazy("Anträge auf Mitarbeit"), "workspace_requests", _requests))
register("beitritte", Source(gettext_lazy("Beitritte zu Erklärungen"), "workspace_signatures", _signatures))
register("barrieren", Source(gettext_lazy("Gemeldete Barrieren"), "workspace_barriers", _barriers))
