"""News of a measure."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.models import MailPreference, Person, User
from dialog.services import followings, mails, steps
from measures.models import Measure, ProgressDraft, ProgressUpdate

from .measures import mark_done

TASKS = MailPreference.Category.TASKS

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
    milestones: Iterable[int] = (),
    seen: int | None = None,
    is_example: bool = False,
) -> ProgressUpdate:
    """Adds the state of a measure on the day `on`; the newest one moves the measure itself.

    `milestones` (primary keys of its own) are reached by it. `seen` is the newest update that `by` knew of while
    writing (0: none; None: not asked); newer ones are told of instead of being overtaken unseen.

    `status` is a `Measure.State`, `progress` percent (0 to 100; done means 100). Raises PermissionDenied unless
    `by` (None: the system) may update the measure, TransitionNotAllowed if its state does not lead to `status`,
    ConcurrentTransition if somebody else moved it meanwhile, ValidationError for anything else.
    """
    if by is not None and not by.has_perm("measures.update_measure", measure):
        raise PermissionDenied
    if seen is not None and newest_of(measure) > seen:
        raise ValidationError(
            _(
                "Inzwischen hat jemand anderes einen Sachstand gemeldet; er steht unten. Bitte lesen Sie ihn, bevor "
                "Sie Ihren veröffentlichen. Was Sie geschrieben haben, ist noch da."
            ),
            code="overtaken",
        )
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
    mark_done(measure.milestones.filter(pk__in=list(milestones)), on=on)
    ProgressDraft.objects.filter(measure=measure).delete()
    if on >= measure.last_news_on:
        for name in _way(measure, status):
            steps.take(measure, name, by=by, at=at)
        measure.progress = progress
        measure.last_news_on = on
        steps.date_history(measure, at=at, by=by)
        measure.save()
        followings.tell("measure_news", measure, by=by, update=update)
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


def newest_of(measure: Measure) -> int:
    """The primary key of the update written last; 0 if there is none."""
    return measure.updates.order_by("-pk").values_list("pk", flat=True).first() or 0


# ── drafts, and the planning group's look at them ───────────────────────────────────────────────────────

#: What a draft keeps of the form.
KEPT = ("status", "progress", "on", "text", "outlook", "milestones")
#: No text of a draft may be longer; the form itself asks for less.
LONGEST = 20_000


def needs_check(by: User) -> bool:
    """Whether the planning group looks at what `by` reports before it is public."""
    return settings.PROGRESS_CHECKED and not by.runs_the_process


@transaction.atomic
def save_draft(
    measure: Measure, values: Mapping[str, Any], *, version: int, by: User, at: dt.datetime
) -> ProgressDraft:
    """Keeps what has been typed, complete or not. `version` is that of the draft it was typed on (0: there was none).

    Raises PermissionDenied, and ValidationError if somebody else has saved meanwhile or a text is beyond all measure.
    """
    if not by.has_perm("measures.update_measure", measure):
        raise PermissionDenied
    kept = {name: values[name] for name in KEPT if name in values}
    if any(len(str(value)) > LONGEST for value in kept.values()):
        raise ValidationError(_("Der Text ist zu lang, um gespeichert zu werden."))
    draft = ProgressDraft.objects.select_for_update().filter(measure=measure).first()
    if draft is None:
        return ProgressDraft.objects.create(measure=measure, values=kept, by=by, at=at)
    if draft.version > version and draft.by_id != by.pk:
        raise ValidationError(
            _(
                "%(name)s hat inzwischen an diesem Sachstand geschrieben. Ihr Text ist noch da, aber nicht "
                "gespeichert. Beim nächsten Speichern gilt Ihr Text."
            )
            % {"name": draft.by.get_full_name() if draft.by else _("Jemand anderes")},
            code="overtaken",
        )
    draft.values, draft.version, draft.by, draft.at = kept, draft.version + 1, by, at
    draft.save()
    return draft


@transaction.atomic
def report(
    measure: Measure, values: Mapping[str, Any], *, seen: int, version: int, by: User, at: dt.datetime
) -> ProgressUpdate | None:
    """Publishes news, or, if the planning group looks at them first, gives them to it (then None).

    `values` are the cleaned fields of the form. Raises as `publish` and `save_draft` do.
    """
    if not needs_check(by):
        waiting = ProgressDraft.objects.filter(measure=measure, submitted_at__isnull=False).exclude(by=by).first()
        update = publish(measure, by=by, at=at, seen=seen, **values)
        if waiting is not None and waiting.by is not None:
            mails.send("progress_published", [waiting.by.person], category=TASKS, measure=measure, update=update)
        return update
    kept = {**values, "on": values["on"].isoformat(), "progress": values["progress"]}
    draft = save_draft(measure, kept, version=version, by=by, at=at)
    draft.submitted_at, draft.returned_because = at, ""
    draft.save()
    planners = Person.objects.planning_group()
    mails.send("progress_to_check", planners, category=TASKS, measure=measure, author=by)
    return None


@transaction.atomic
def give_back(draft: ProgressDraft, *, by: User, at: dt.datetime, reason: str) -> None:
    """The planning group asks for a change before it publishes; the author gets a mail. PermissionDenied."""
    if not by.has_perm("measures.run_measure", draft.measure):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Bitte sagen Sie, was noch fehlt.")})
    draft.submitted_at, draft.returned_because = None, reason.strip()
    draft.save()
    if draft.by is not None:
        mails.send("progress_given_back", [draft.by.person], category=TASKS, measure=draft.measure, draft=draft)
