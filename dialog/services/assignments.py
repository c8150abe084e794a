"""Tasks: given by a meeting or a conference, reminded of, done with a note."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from dialog.models import AgendaItem, Body, MailPreference, Person, Task, User

from . import mails, minutes

#: So many days before a task is due, whoever has to do it is reminded, once.
REMIND_DAYS = 3

TASKS = MailPreference.Category.TASKS


def able(*bodies: Body) -> models.QuerySet[Person]:
    """Who can be given a task of one of `bodies`: their members, and the planning group."""
    there = Q(memberships__body__kind=Body.Kind.PLANNING_GROUP) | Q(memberships__body__in=bodies)
    return Person.objects.filter(there, memberships__state="active").distinct()


@transaction.atomic
def give(
    body: Body,
    *,
    title: str,
    by: User | None,
    at: dt.datetime,
    assignee: Person | None = None,
    due_on: dt.date | None = None,
    agenda_item: AgendaItem | None = None,
    occasion: models.Model | None = None,
    is_example: bool = False,
) -> Task:
    """Gives a task of `body`; whoever has to do it gets a mail. ValidationError if it is due before it is given.

    It comes from an agenda item, or from another `occasion` with a public page. TransitionNotAllowed if the minutes
    of the item are approved.
    """
    if by is not None and not by.has_perm("dialog.write_minutes", body):
        raise PermissionDenied
    if due_on and due_on < timezone.localdate(at):
        raise ValidationError({"due_on": _("Dieser Tag ist schon vorbei.")})
    if agenda_item:
        minutes.hold_open(agenda_item.meeting)
    task = Task.objects.create(
        body=body,
        agenda_item=agenda_item,
        occasion=occasion,
        title=title.strip(),
        assignee=assignee,
        due_on=due_on,
        is_example=is_example,
    )
    if assignee:
        mails.send("minutes_task_given", [assignee], category=TASKS, task=task)
    return task


@transaction.atomic
def finish(task: Task, *, by: User, at: dt.datetime, note: str = "") -> None:
    """Notes that a task is done. PermissionDenied, or TransitionNotAllowed if it was done already."""
    if not by.has_perm("dialog.finish_task", task):
        raise PermissionDenied
    done = Task.objects.filter(pk=task.pk, done_on=None).update(
        done_on=timezone.localdate(at), done_note=note.strip(), done_by=by
    )
    if not done:
        raise TransitionNotAllowed("the task is done", object=task)
    task.refresh_from_db()


@transaction.atomic
def take_up_again(task: Task, *, by: User) -> None:
    """A task that was called done by mistake is open again."""
    if not by.has_perm("dialog.finish_task", task):
        raise PermissionDenied
    Task.objects.filter(pk=task.pk).update(done_on=None, done_note="", done_by=None)
    task.refresh_from_db()


def remind(at: dt.datetime) -> int:
    """Reminds of what is due soon or overdue, of each task once; returns of how many."""
    reminded = 0
    due = Task.objects.to_remind(timezone.localdate(at), days=REMIND_DAYS).select_related("assignee__user", "body")
    for task in due:
        with transaction.atomic():
            # Claimed first: two workers at once remind once.
            if Task.objects.filter(pk=task.pk, reminded_at=None).update(reminded_at=at):
                readers = [task.assignee] if task.assignee else []
                reminded += mails.send("minutes_task_due", readers, category=TASKS, task=task)
    return reminded
