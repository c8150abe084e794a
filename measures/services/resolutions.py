"""Resolutions of the council and what becomes of each of their points."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from dialog.models import User
from dialog.services import steps
from measures.models import Resolution, ResolutionPoint

State = ResolutionPoint.State

#: The step that leads from one state of a point to another.
_WAYS = {
    (State.OPEN, State.UNDER_WAY): "begin",
    (State.OPEN, State.ONGOING): "make_ongoing",
    (State.OPEN, State.DONE): "complete",
    (State.UNDER_WAY, State.ONGOING): "make_ongoing",
    (State.UNDER_WAY, State.DONE): "complete",
    (State.ONGOING, State.UNDER_WAY): "begin",
    (State.ONGOING, State.DONE): "complete",
    (State.DONE, State.UNDER_WAY): "reopen",
}


def _demand(by: User | None) -> None:
    if by is not None and not by.has_perm("measures.track_resolution"):
        raise PermissionDenied


def free_slug(title: str, *, but: Resolution) -> str:
    """An address made of `title` that no other resolution has."""
    base = slugify(title)[:70].strip("-") or "beschluss"
    taken = set(Resolution.objects.exclude(pk=but.pk).filter(slug__startswith=base).values_list("slug", flat=True))
    slug, n = base, 2
    while slug in taken:
        slug, n = f"{base}-{n}", n + 1
    return slug


@transaction.atomic
def save(resolution: Resolution, *, by: User | None, at: dt.datetime, **values: Any) -> Resolution:
    """Takes in a resolution, or changes one; its address stays once it has one. PermissionDenied, ValidationError."""
    _demand(by)
    for name, value in values.items():
        setattr(resolution, name, value)
    if resolution.adopted_on and resolution.adopted_on > timezone.localdate(at):
        raise ValidationError({"adopted_on": _("Der Beschluss kann nicht in der Zukunft liegen.")})
    resolution.slug = resolution.slug or free_slug(resolution.title, but=resolution)
    resolution.full_clean(exclude=["search_text"])
    steps.date_history(resolution, at=at, by=by)
    resolution.save()
    return resolution


@transaction.atomic
def save_point(point: ResolutionPoint, *, by: User | None, at: dt.datetime, **values: Any) -> ResolutionPoint:
    """Adds a point to its resolution, or changes one. PermissionDenied, ValidationError."""
    _demand(by)
    contacts = values.pop("contacts", None)
    is_new = point.pk is None
    for name, value in values.items():
        setattr(point, name, value)
    point.full_clean(exclude=["state"])
    steps.date_history(point, at=at, by=by)
    point.save()
    if contacts is not None:
        point.contacts.set(contacts)
    steps.record(point, "add" if is_new else "change", before="" if is_new else point.state, by=by, at=at)
    return point


def missing_for_state(
    state: str,
    *,
    note: str,
    next_review_on: dt.date | None,
    late_reason: str,
    due_on: dt.date | None,
    today: dt.date,
) -> dict[str, str]:
    """What a point in `state` still has to say, by field: ongoing the next date, done a final note, late a reason."""
    errors = {}
    if state == State.ONGOING and (next_review_on is None or next_review_on < today):
        errors["next_review_on"] = _("Wann wird das nächste Mal berichtet? Bitte nennen Sie einen Tag ab heute.")
    if state == State.DONE and not note.strip():
        errors["note"] = _("Bitte schreiben Sie zum Abschluss, was erreicht wurde.")
    if state in {State.OPEN, State.UNDER_WAY} and due_on and due_on < today and not late_reason.strip():
        errors["late_reason"] = _("Der Termin ist vorbei. Bitte sagen Sie, warum es später wird.")
    return errors


@transaction.atomic
def update_point(
    point: ResolutionPoint,
    *,
    by: User | None,
    at: dt.datetime,
    state: str,
    note: str = "",
    next_review_on: dt.date | None = None,
    late_reason: str = "",
) -> None:
    """The responsible office says how a point stands.

    Raises ValidationError for what is missing, PermissionDenied, TransitionNotAllowed, ConcurrentTransition.
    """
    if by is not None and not by.has_perm("measures.update_point", point):
        raise PermissionDenied
    today = timezone.localdate(at)
    said: dict[str, Any] = {"note": note, "next_review_on": next_review_on, "late_reason": late_reason}
    if errors := missing_for_state(state, due_on=point.due_on, today=today, **said):
        raise ValidationError(errors)
    before = State(point.state)
    point.note, point.late_reason = note.strip(), late_reason.strip()
    point.next_review_on = next_review_on if state == State.ONGOING else None
    if state == before:
        point.full_clean(exclude=["state"])
        steps.date_history(point, at=at, by=by)
        point.save()
        steps.record(point, "update", before=before, by=by, at=at, note=note.strip())
        return
    way = _WAYS.get((before, State(state)))
    if way is None:
        raise ValidationError(
            {"state": _("Von „%(old)s“ führt kein Weg zu diesem Stand.") % {"old": point.get_state_display()}}
        )
    arguments = {"on": today} if way == "complete" else {}
    steps.take(point, way, by=by, at=at, note=note.strip(), **arguments)
