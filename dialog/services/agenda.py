"""The agenda of a meeting: its items, their order and times, and what they are about."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F, ProtectedError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_fsm import TransitionNotAllowed

from dialog.models import AgendaItem, Body, Meeting, Minutes, Recommendation, StandingItem, Task, User
from dialog.models.tasks import TaskQuerySet

#: More is a mistake, not an agenda.
MAX_ITEMS = 200
#: No list of things to link is longer than this.
MAX_CHOICES = 300
#: Positions of a meeting's items are unique; while they change places, they stand beyond this.
_ASIDE = 10_000


@dataclass(frozen=True)
class Subject:
    """A kind of thing that an item can be about; its rows know `visible_to` and their page."""

    label: Any
    model: type[models.Model]


_subjects: dict[str, Subject] = {}


def register_subject(kind: str, label: Any, model: type[models.Model]) -> None:
    """Makes rows of `model` something that items can be about; upper floors bring theirs."""
    _subjects[kind] = Subject(label, model)


register_subject("recommendation", gettext_lazy("Empfehlung"), Recommendation)
register_subject("task", gettext_lazy("Arbeitsauftrag"), Task)
register_subject("item", gettext_lazy("Früherer Tagesordnungspunkt"), AgendaItem)


@dataclass(frozen=True)
class Entry:
    """An item with the time at which it begins, if that follows from start and durations."""

    item: AgendaItem
    starts_at: dt.datetime | None


def timed(meeting: Meeting, items: Iterable[AgendaItem]) -> list[Entry]:
    """The items with their times, as far as every item before them has a duration."""
    entries = []
    moment: dt.datetime | None = meeting.starts_at.astimezone(dt.UTC)
    for item in items:
        entries.append(Entry(item, moment))
        moment = moment + dt.timedelta(minutes=item.duration) if moment and item.duration else None
    return entries


def minutes_planned(items: Iterable[AgendaItem]) -> int:
    """How long the items take together, as far as that is known."""
    return sum(item.duration or 0 for item in items)


# ── what items are about ────────────────────────────────────────────────────────────────────────────────


def about(items: Sequence[AgendaItem], user: Any) -> dict[int, models.Model]:
    """Item's key → what it is about, for those rows that `user` may see; one query a kind."""
    found: dict[int, models.Model] = {}
    for subject in _subjects.values():
        content_type = ContentType.objects.get_for_model(subject.model)
        wanted = {item.pk: item.about_id for item in items if item.about_type_id == content_type.pk}
        if wanted:
            rows = subject.model._default_manager.visible_to(user).in_bulk(set(wanted.values()))  # type: ignore[attr-defined]
            found |= {item: rows[row] for item, row in wanted.items() if row in rows}
    return found


def subject_choices(
    meeting: Meeting, user: Any, item: AgendaItem | None = None
) -> list[tuple[str, list[tuple[str, str]]]]:
    """What an item of `meeting` can be about, grouped by kind: `("recommendation:12", "E-2009-003 Lesen")`.

    What `item` is about now is always among them, so that saving it again keeps that.
    """
    groups = []
    present_kind = subject_key(item).partition(":")[0] if item else ""
    present = subject_of(subject_key(item), user) if item else None
    for kind, subject in _subjects.items():
        rows = subject.model._default_manager.visible_to(user)  # type: ignore[attr-defined]
        if kind == "item":
            rows = rows.filter(meeting__body=meeting.body, meeting__starts_at__lt=meeting.starts_at)
            rows = rows.select_related("meeting").order_by("-meeting__starts_at", "position")
        elif kind == "task":
            rows = rows.filter(body=meeting.body, done_on=None)
        shown = list(rows[:MAX_CHOICES])
        if present and kind == present_kind and present not in shown:
            shown.append(present)
        choices = [(f"{kind}:{row.pk}", _label(row)) for row in shown]
        if choices:
            groups.append((str(subject.label), choices))
    return groups


def _label(row: Any) -> str:
    if isinstance(row, AgendaItem):
        return _("%(date)s, TOP %(number)d: %(title)s") % {
            "date": f"{row.meeting.starts_at:%d.%m.%Y}",
            "number": row.position,
            "title": row,
        }
    return f"{row.number} {row}" if hasattr(row, "number") else str(row)


def subject_key(item: AgendaItem) -> str:
    """The choice that stands for what `item` is about; empty if nothing."""
    for kind, subject in _subjects.items():
        if item.about_type_id and item.about_type_id == ContentType.objects.get_for_model(subject.model).pk:
            return f"{kind}:{item.about_id}"
    return ""


def subject_of(key: str, user: Any) -> models.Model | None:
    """The row that a choice stands for; None for the empty one and for what `user` may not see."""
    kind, _colon, pk = key.partition(":")
    if kind not in _subjects or not pk.isdecimal():
        return None
    return _subjects[kind].model._default_manager.visible_to(user).filter(pk=pk).first()  # type: ignore[attr-defined]


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────


def _open(meeting: Meeting, by: User | None) -> Meeting:
    """The meeting, locked until the transaction ends. Its agenda can be changed until it was held or cancelled."""
    if by is not None and not by.has_perm("dialog.run_meeting", meeting):
        raise PermissionDenied
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if locked.state != Meeting.State.PLANNED:
        raise TransitionNotAllowed("the agenda of a meeting that is over or cancelled stays", object=meeting)
    return locked


@transaction.atomic
def add(meeting: Meeting, *, by: User | None, about: models.Model | None = None, **details: Any) -> AgendaItem:
    """A new item, before the standing items at the end. ValidationError if there are too many already."""
    _open(meeting, by)
    items = list(meeting.agenda_items.order_by("position"))
    if len(items) >= MAX_ITEMS:
        raise ValidationError(_("Mehr als %(limit)d Punkte sind nicht möglich."), params={"limit": MAX_ITEMS})
    at_the_end = set(meeting.body.standing_items.filter(place=StandingItem.Place.END).values_list("title", flat=True))
    place = len(items)
    while place and items[place - 1].is_standing and items[place - 1].title in at_the_end:
        place -= 1
    item = AgendaItem(meeting=meeting, position=_ASIDE * 2, is_example=meeting.is_example, **details)
    item.about = about
    item.save()
    _put_in_order(meeting, [*items[:place], item, *items[place:]])
    return item


@transaction.atomic
def edit(item: AgendaItem, *, by: User, about: models.Model | None = None, **details: Any) -> AgendaItem:
    """Changes what an item says."""
    _open(item.meeting, by)
    for name, value in details.items():
        setattr(item, name, value)
    item.about = about
    item.save()
    return item


@transaction.atomic
def remove(item: AgendaItem, *, by: User) -> None:
    """Takes an item off. ValidationError if something was written about it already."""
    meeting = _open(item.meeting, by)
    try:
        with transaction.atomic():
            item.delete()
    except ProtectedError:
        written = _("Zu diesem Punkt ist schon etwas festgehalten; er kann nicht mehr entfallen.")
        raise ValidationError(written) from None
    _put_in_order(meeting, list(meeting.agenda_items.order_by("position")))


@transaction.atomic
def move(item: AgendaItem, *, to: int, by: User) -> None:
    """Puts an item at place `to` (from 1; beyond the ends means the end) and the others after one another."""
    meeting = _open(item.meeting, by)
    items = [other for other in meeting.agenda_items.order_by("position") if other.pk != item.pk]
    place = max(0, min(to - 1, len(items)))
    _put_in_order(meeting, [*items[:place], item, *items[place:]])


def _put_in_order(meeting: Meeting, items: Sequence[AgendaItem]) -> None:
    """Numbers the items from 1 in the order given."""
    meeting.agenda_items.filter(position__lt=_ASIDE).update(position=F("position") + _ASIDE)
    for position, item in enumerate(items, 1):
        item.position = position
    AgendaItem.objects.bulk_update(items, ["position"])


# ── where an agenda begins ──────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def begin(meeting: Meeting, *, by: User | None) -> None:
    """Gives a new meeting the standing items of its body."""
    _open(meeting, by)
    standing = list(meeting.body.standing_items.all())
    first = [item for item in standing if item.place == StandingItem.Place.BEGINNING]
    last = [item for item in standing if item.place == StandingItem.Place.END]
    for position, item in enumerate([*first, *last], 1):
        AgendaItem.objects.create(
            meeting=meeting,
            position=position,
            title=item.title,
            kind=item.kind,
            duration=item.duration,
            is_public=item.is_public,
            is_standing=True,
            is_example=meeting.is_example,
        )


@transaction.atomic
def copy(source: Meeting, *, to: Meeting, by: User | None) -> None:
    """Gives a new meeting the agenda of an earlier one; each item remembers the one it continues."""
    _open(to, by)
    for item in source.agenda_items.order_by("position"):
        AgendaItem.objects.create(
            meeting=to,
            position=item.position,
            title=item.title,
            kind=item.kind,
            duration=item.duration,
            presenter=item.presenter,
            text=item.text,
            is_public=item.is_public,
            is_standing=item.is_standing,
            about=None if item.is_standing else item.about or item,
            is_example=to.is_example,
        )


def open_matters(meeting: Meeting, user: Any) -> dict[str, list[Any]]:
    """What could be carried over: items of the body's last meeting, and its open tasks, neither on the agenda yet."""
    taken = {
        (item.about_type_id, item.about_id) for item in meeting.agenda_items.exclude(about_id=None).only("about_id")
    }

    def left(rows: Iterable[Any]) -> list[Any]:
        return [row for row in rows if (ContentType.objects.get_for_model(row).pk, row.pk) not in taken]

    last = previous(meeting)
    items = AgendaItem.objects.visible_to(user).filter(meeting=last, is_standing=False) if last else []
    return {"items": left(items), "tasks": list(open_tasks(meeting, Task.objects.visible_to(user)))}


#: More open tasks than this fill no agenda; the list of tasks has all.
MAX_TASKS = 50


def open_tasks(meeting: Meeting, readable: TaskQuerySet) -> models.QuerySet[Task]:
    """The body's open tasks among those that are `readable`: they come back at each meeting until they are done.

    Without those that are an item of the agenda already.
    """
    items = meeting.agenda_items.filter(about_type=ContentType.objects.get_for_model(Task))
    rows = readable.open().filter(body=meeting.body_id)
    return rows.exclude(pk__in=items.values("about_id")).select_related("assignee")[:MAX_TASKS]


def previous(meeting: Meeting) -> Meeting | None:
    """The body's meeting before this one, if it was not cancelled."""
    before = Meeting.objects.filter(body=meeting.body_id, starts_at__lt=meeting.starts_at)
    return before.exclude(state=Meeting.State.CANCELLED).order_by("-starts_at").first()


def last_minutes(meeting: Meeting, readable: models.QuerySet[Minutes]) -> Minutes | None:
    """The minutes of the body's meeting before this one, if they are among those that are `readable`."""
    last = previous(meeting)
    return readable.filter(meeting=last).select_related("meeting").first() if last else None


def carry_over(row: AgendaItem | Task, *, to: Meeting, by: User) -> AgendaItem:
    """Puts an earlier item or an open task on the agenda. PermissionDenied for what belongs to another body."""
    if isinstance(row, Task):
        if row.body_id != to.body_id:
            raise PermissionDenied
        return add(to, by=by, about=row, title=row.title, is_public=False)
    if row.meeting.body_id != to.body_id:
        raise PermissionDenied
    details = {name: getattr(row, name) for name in ("title", "kind", "duration", "presenter", "text", "is_public")}
    return add(to, by=by, about=row, **details)


def set_rules(
    body: Body, *, by: User, invitation_days: int, quorum_percent: int | None, items: Sequence[dict[str, Any]]
) -> None:
    """Sets a body's period of notice and quorum, and replaces its standing items; agendas that exist keep theirs."""
    if not by.has_perm("dialog.run_meeting", body):
        raise PermissionDenied
    with transaction.atomic():
        Body.objects.filter(pk=body.pk).update(invitation_days=invitation_days, quorum_percent=quorum_percent)
        body.standing_items.all().delete()
        for position, details in enumerate(items, 1):
            StandingItem.objects.create(body=body, position=position, **details)
