"""Tasks of bodies and people."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dialog.forms.filters import PAGE
from dialog.forms.minutes import FinishForm, TaskFilter
from dialog.http import SignedInRequest
from dialog.models import Task
from dialog.services import assignments

PAGE_SIZE = 50


@login_required
def workspace_tasks(request: SignedInRequest) -> HttpResponse:
    """Who does what by when: by body, person and state, the most urgent first."""
    visible = Task.objects.visible_to(request.user)
    today = timezone.localdate()
    chosen = TaskFilter(request.GET, tasks=visible)
    values = chosen.cleaned_data if chosen.is_valid() else {}
    found = visible.open()
    if values.get("stand") == "erledigt":
        found = visible.exclude(done_on=None).order_by("-done_on", "-pk")
    elif values.get("stand") == "ueberfaellig":
        found = visible.overdue(today)
    if slug := values.get("gremium"):
        found = found.filter(body__slug=slug)
    if person := values.get("person"):
        found = found.filter(assignee=person)
    rows = found.select_related("body", "assignee__user", "agenda_item__meeting").prefetch_related("occasion")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get(PAGE))
    tasks = [(task, request.user.has_perm("dialog.finish_task", task)) for task in page]
    context = {"filter": chosen, "tasks": tasks, "page_obj": page, "today": today}
    return render(request, "dialog/workspace_tasks.html", context)


def _task(request: SignedInRequest, pk: int) -> Task:
    task = get_object_or_404(Task.objects.visible_to(request.user).select_related("body", "assignee__user"), pk=pk)
    if not request.user.has_perm("dialog.finish_task", task):
        raise PermissionDenied
    return task


@login_required
def task_finish(request: SignedInRequest, pk: int) -> HttpResponse:
    """Notes that a task is done, and what became of it."""
    task = _task(request, pk)
    form = FinishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        assignments.finish(task, by=request.user, at=timezone.now(), note=form.cleaned_data["note"])
        messages.success(request, _("Der Auftrag ist erledigt. Danke!"))
        return redirect("workspace_tasks")
    return render(request, "dialog/workspace_tasks_finish.html", {"task": task, "form": form})


@login_required
@require_POST
def task_reopen(request: SignedInRequest, pk: int) -> HttpResponse:
    """Opens a task again that was called done by mistake."""
    assignments.take_up_again(_task(request, pk), by=request.user)
    messages.success(request, _("Der Auftrag ist wieder offen."))
    return redirect("workspace_tasks")
