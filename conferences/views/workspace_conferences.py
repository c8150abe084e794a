"""Conferences in the workspace: the tasks they give."""

from collections import Counter

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from conferences.forms.tasks import ConferenceTaskForm
from conferences.models import Conference
from dialog.forms.rendering import add_errors
from dialog.http import SignedInRequest
from dialog.models import Task
from dialog.services import assignments


@login_required
def workspace_conferences(request: SignedInRequest) -> HttpResponse:
    """All conferences, the latest first, each with the number of its open tasks."""
    if not request.user.has_perm("conferences.run_conference"):
        raise PermissionDenied
    given = Task.objects.visible_to(request.user).open().given_at(Conference)
    open_tasks = Counter(given.values_list("occasion_id", flat=True))
    rows = [(row, open_tasks[row.pk]) for row in Conference.objects.visible_to(request.user)]
    return render(request, "conferences/workspace_conferences.html", {"rows": rows})


@login_required
def workspace_conference(request: SignedInRequest, slug: str) -> HttpResponse:
    """The tasks of one conference, and a new one."""
    user = request.user
    conference = get_object_or_404(Conference.objects.visible_to(user), slug=slug)
    if not user.has_perm("conferences.run_conference"):
        raise PermissionDenied
    form = ConferenceTaskForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            assignments.give(values.pop("body"), occasion=conference, by=user, at=timezone.now(), **values)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Festgehalten."))
            return redirect("workspace_conference", slug)
    tasks = Task.objects.visible_to(user).given_at(Conference, conference)
    tasks = tasks.select_related("body", "assignee__user").prefetch_related("occasion")
    context = {
        "conference": conference,
        "tasks": [(task, user.has_perm("dialog.finish_task", task)) for task in tasks],
        "today": timezone.localdate(),
        "form": form,
    }
    return render(request, "conferences/workspace_conference.html", context)
