"""Milestones of a measure: planned, moved, reached."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.models import User
from dialog.services import steps
from measures.models import MeasureMilestone

#: More would be a project plan and not what a reader asks for.
MOST = 40


@transaction.atomic
def save(milestone: MeasureMilestone, *, by: User | None, at: dt.datetime, **values: Any) -> MeasureMilestone:
    """Adds a milestone to its measure, as its last, or changes one. PermissionDenied, ValidationError."""
    measure = milestone.measure
    if by is not None and not by.has_perm("measures.update_measure", measure):
        raise PermissionDenied
    is_new = milestone.pk is None
    if is_new:
        if measure.milestones.count() >= MOST:
            raise ValidationError(_("Mehr als %(number)d Meilensteine sind nicht möglich.") % {"number": MOST})
        milestone.position = (measure.milestones.aggregate(last=Max("position"))["last"] or 0) + 1
    for name, value in values.items():
        setattr(milestone, name, value)
    if milestone.done_on and milestone.done_on > timezone.localdate(at):
        raise ValidationError({"done_on": _("Erreicht ist ein Meilenstein frühestens heute.")})
    milestone.full_clean()
    milestone.save()
    steps.record(
        measure,
        "plan" if is_new else "replan",
        before=measure.state,
        by=by,
        at=at,
        note=_("Meilenstein: %(name)s") % {"name": milestone},
    )
    return milestone


@transaction.atomic
def remove(milestone: MeasureMilestone, *, by: User | None, at: dt.datetime) -> None:
    """Takes a milestone away that is no longer planned. PermissionDenied."""
    measure = milestone.measure
    if by is not None and not by.has_perm("measures.update_measure", measure):
        raise PermissionDenied
    note = _("Meilenstein gestrichen: %(name)s") % {"name": milestone}
    milestone.delete()
    steps.record(measure, "unplan", before=measure.state, by=by, at=at, note=note)
