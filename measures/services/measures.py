"""Steps of a measure that the planning group takes: taking it in, changing it, deciding, stopping, merging."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from dialog.models import User
from dialog.services import followings, numbers, steps
from measures.models import Measure

from . import attachments

#: The prefix of public numbers of measures (`M-2009-012`).
PREFIX = "M"


def _demand(by: User | None, measure: Measure | None = None) -> None:
    if by is not None and not by.has_perm("measures.run_measure", measure):
        raise PermissionDenied


@transaction.atomic
def create(*, by: User | None, at: dt.datetime, **values: Any) -> Measure:
    """A new measure, proposed, with the next public number of its year. PermissionDenied, ValidationError.

    `values` are columns and relations to many of `Measure`; without a summary the title stands for it.
    """
    _demand(by)
    today = timezone.localdate(at)
    measure = Measure(last_news_on=today, number=numbers.give(PREFIX, today.year))
    steps.date_history(measure, at=at, by=by)
    _fill(measure, values)
    steps.record(measure, "propose", by=by, at=at)
    return measure


@transaction.atomic
def change(measure: Measure, *, by: User | None, at: dt.datetime, note: str = "", **values: Any) -> Measure:
    """Changes what is said of a measure; its state, progress and news move by their own steps."""
    _demand(by, measure)
    steps.date_history(measure, at=at, by=by)
    _fill(measure, values)
    steps.record(measure, "change", before=measure.state, by=by, at=at, note=note)
    return measure


def _fill(measure: Measure, values: dict[str, Any]) -> None:
    many = {field.name for field in Measure._meta.many_to_many}
    for name, value in values.items():
        if name not in many:
            setattr(measure, name, value)
    measure.slug = slugify(measure.title)[:80].strip("-") or "massnahme"
    if measure.starts_on and measure.ends_on and measure.ends_on < measure.starts_on:
        raise ValidationError({"ends_on": _("Das Ende liegt vor dem Beginn.")})
    measure.full_clean(exclude=["number", "state", "search_text"])
    measure.save()
    for name in many & values.keys():
        getattr(measure, name).set(values[name])


def decide(measure: Measure, *, by: User | None, at: dt.datetime, decided_by: str = "") -> None:
    """The measure is decided: by the council (it rests on a point of a resolution), or by whom `decided_by` names."""
    if not (decided_by.strip() or measure.decided_by or measure.decided_in.exists()):
        raise ValidationError({"decided_by": _("Bitte nennen Sie den Ratsbeschluss oder, wer sonst entschieden hat.")})
    _move(measure, "decide", by=by, at=at, decided_by=decided_by.strip())


@transaction.atomic
def _move(measure: Measure, name: str, *, by: User | None, at: dt.datetime, **arguments: Any) -> None:
    """Takes a step and tells the followers; what is public of a measure includes its attachments."""
    steps.take(measure, name, by=by, at=at, **arguments)
    attachments.show(measure)
    followings.tell("measure_moved", measure, by=by)


def stop(measure: Measure, *, by: User | None, at: dt.datetime, reason: str) -> None:
    """The measure is stopped; everyone reads why."""
    if not reason.strip():
        raise ValidationError({"reason": _("Bitte sagen Sie, warum die Maßnahme eingestellt wird.")})
    _move(measure, "stop", by=by, at=at, note=reason.strip(), reason=reason.strip())


@transaction.atomic
def merge(measure: Measure, *, into: Measure, by: User | None, at: dt.datetime) -> None:
    """The measure goes into another one, which goes on; its news stay where they are.

    Raises ValidationError if the other is the same one, has itself gone into this one, or has ended by merging:
    so following `merged_into` always ends at a measure that stands for itself.
    """
    # In one order, so that two merges at once wait for each other instead of making a circle.
    locked = Measure.objects.select_for_update().filter(pk__in=[measure.pk, into.pk]).order_by("pk")
    rows = {row.pk: row for row in locked}
    other = rows[into.pk]
    if other.pk == measure.pk:
        raise ValidationError({"into": _("Eine Maßnahme kann nicht in sich selbst aufgehen.")})
    if measure.pk in {row.pk for row in _onwards(other)}:
        raise ValidationError(
            {"into": _("„%(title)s“ ist selbst schon in dieser Maßnahme aufgegangen.") % {"title": other}}
        )
    if other.state == Measure.State.MERGED:
        raise ValidationError(
            {
                "into": _("„%(title)s“ ist selbst schon in „%(target)s“ aufgegangen. Bitte wählen Sie diese.")
                % {"title": other, "target": other.merged_into}
            }
        )
    _move(measure, "merge", by=by, at=at, note=str(other.number), into=other)


def _onwards(measure: Measure) -> Iterable[Measure]:
    """Where a measure went, and where that one went, and so on."""
    seen = {measure.pk}
    following = measure.merged_into
    while following is not None and following.pk not in seen:
        yield following
        seen.add(following.pk)
        following = following.merged_into


def mark_done(milestones: models.QuerySet, *, on: dt.date) -> None:
    """These milestones were reached on the day `on`; those that were already keep their day."""
    milestones.filter(done_on=None).update(done_on=on)
