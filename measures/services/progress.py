"""News of a measure."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.models import User
from dialog.services import steps
from measures.models import Measure, ProgressUpdate

#: The steps that lead from one state of a measure to another.
_WAYS = {
    (Measure.State.DECIDED, Measure.State.IN_PROGRESS): ("begin",),
    (Measure.State.DECIDED, Measure.State.DONE): ("begin", "complete"),
    (Measure.State.IN_PROGRESS, Measure.State.DONE): ("complete",),
}


@transaction.atomic
def publish(
    measure: Measure,
    *,
    by: User | None,
    on: dt.date,
    at: dt.datetime,
    text: str,
    status: str,
    progress: int,
    outlook: str = "",
    is_example: bool = False,
) -> ProgressUpdate:
    """Adds the state of a measure on the day `on`; the newest one moves the measure itself.

    `status` is a `Measure.State`, `progress` percent (0 to 100; done means 100). Raises PermissionDenied unless
    `by` (None: the system) may update the measure, TransitionNotAllowed if its state does not lead to `status`,
    ConcurrentTransition if somebody else moved it meanwhile, ValidationError for anything else.
    """
    if by is not None and not by.has_perm("measures.update_measure", measure):
        raise PermissionDenied
    if on > timezone.localdate(at):
        raise ValidationError({"on": _("Der Sachstand kann nicht in der Zukunft liegen.")})
    if status == Measure.State.DONE and progress != 100:
        raise ValidationError({"progress": _("Eine abgeschlossene Maßnahme hat 100 Prozent.")})
    update = ProgressUpdate(
        measure=measure,
        date=on,
        status=status,
        progress=progress,
        text=text,
        outlook=outlook,
        is_example=is_example,
    )
    if ProgressUpdate.objects.filter(measure=measure, date=on).exists():
        raise ValidationError({"on": _("Für diesen Tag gibt es schon einen Sachstand.")})
    update.full_clean()
    update.save()
    if on >= measure.last_news_on:
        for name in _way(measure, status):
            steps.take(measure, name, by=by, at=at)
        measure.progress = progress
        measure.last_news_on = on
        measure.save()
    return update


def _way(measure: Measure, status: str) -> tuple[str, ...]:
    if measure.state == status:
        return ()
    try:
        return _WAYS[Measure.State(measure.state), Measure.State(status)]
    except KeyError:
        raise ValidationError(
            {"status": _("Von „%(old)s“ führt kein Weg zu diesem Stand.") % {"old": measure.get_state_display()}}
        ) from None
