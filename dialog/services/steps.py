"""Moving a row from state to state: permission, lawful step, trace, all or nothing."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django_fsm import TransitionNotAllowed

from dialog.models import Step, User


def take(row: Any, name: str, *, by: User | None, at: dt.datetime, note: str = "", **arguments: Any) -> Step:
    """Takes the step `name` of `row` (a transition of its model) and leaves a trace.

    `by` None means the system itself (a schedule, the record), which needs no permission; `arguments` go to
    the transition. Raises PermissionDenied, TransitionNotAllowed if the step does not lead on from the row's
    state, and ConcurrentTransition if somebody else moved the row since it was read; then nothing is changed.
    The row's field history, if it has one, bears the same date.
    """
    transition = getattr(row, name)
    field = transition._django_fsm.field
    before = field.get_state(row)
    with transaction.atomic():
        if not transition._django_fsm.has_transition(before):
            raise TransitionNotAllowed(f"{name} does not lead on from {before}", object=row, method=transition)
        if by is not None and not transition._django_fsm.has_transition_perm(row, before, by):
            raise PermissionDenied
        transition(**arguments)
        date_history(row, at=at, by=by)
        row.save()
        return record(row, name, before=before, by=by, at=at, note=note)


def record(row: models.Model, name: str, *, by: User | None, at: dt.datetime, before: str = "", note: str = "") -> Step:
    """The trace of a step that made the row or has just been taken."""
    state = next(field for field in row._meta.get_fields() if hasattr(field, "get_state"))
    return Step.objects.create(
        row=row, name=name, from_state=before, to_state=state.get_state(row), by=by, at=at, note=note
    )


def open_to(row: Any, user: Any) -> set[str]:
    """The names of the steps that `user` may take on `row` now; pages show their buttons from this."""
    if not user.is_authenticated:
        return set()
    state = next(field for field in row._meta.get_fields() if hasattr(field, "get_state"))
    available = getattr(row, f"get_available_user_{state.name}_transitions")
    return {transition.name for transition in available(user)}


def date_history(row: Any, *, at: dt.datetime, by: User | None = None) -> None:
    """The next save of `row` enters its field history as of `at`, by `by` (else by whoever makes the request)."""
    row._history_date = at
    if by is not None:
        row._history_user = by
