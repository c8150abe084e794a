"""Measures in the workspace of the planning group: taking them in, changing them, their steps."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dialog.forms.filters import PAGE
from dialog.forms.rendering import add_errors
from dialog.http import SignedInRequest
from dialog.models import Step
from dialog.services import steps
from measures.forms.measures import DecideForm, MeasureForm, MergeForm, StopForm
from measures.models import Measure
from measures.services import measures

PAGE_SIZE = 50

#: The steps that the planning group takes itself: name, what the page calls it, and the service.
STEPS: dict[str, tuple[Any, Callable[..., None]]] = {
    "decide": (gettext_lazy("Beschließen"), measures.decide),
    "stop": (gettext_lazy("Einstellen"), measures.stop),
    "merge": (gettext_lazy("Mit einer anderen zusammenführen"), measures.merge),
}


def _enter(request: SignedInRequest) -> None:
    if not request.user.has_perm("measures.run_measure"):
        raise PermissionDenied


@login_required
def workspace_all_measures(request: SignedInRequest) -> HttpResponse:
    """All measures, proposals too, searched by their words."""
    _enter(request)
    query, today = request.GET.get("q", "")[:200], timezone.localdate()
    rows = Measure.objects.visible_to(request.user).search(query).with_standing(today).select_related("lead")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get(PAGE))
    return render(request, "measures/workspace_all_measures.html", {"page_obj": page, "query": query})


@login_required
def workspace_measure_new(request: SignedInRequest) -> HttpResponse:
    """A measure is taken in, as a proposal."""
    _enter(request)
    form = MeasureForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = measures.create(by=request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Die Maßnahme ist angelegt. Öffentlich wird sie, wenn sie beschlossen ist."))
            return redirect("workspace_measure", made.number)
    return render(request, "measures/workspace_measure.html", {"measure": None, "form": form})


@login_required
def workspace_measure(request: SignedInRequest, number: str) -> HttpResponse:
    """One measure: its steps, what is said of it, and who did what."""
    _enter(request)
    measure = get_object_or_404(Measure.objects.visible_to(request.user), number=number)
    wanted = request.POST.get("step", "")
    form = MeasureForm(
        request.POST if request.method == "POST" and not wanted else None, instance=measure, user=request.user
    )
    step_forms = _step_forms(request, measure, wanted)
    now = timezone.now()
    active: forms.BaseForm = step_forms.get(wanted, form)
    try:
        if active.is_bound and active.is_valid():
            service = STEPS[wanted][1] if wanted in step_forms else measures.change
            service(measure, by=request.user, at=now, **active.cleaned_data)
            messages.success(request, _("Die Änderung ist gespeichert."))
            return redirect("workspace_measure", number)
    except ValidationError as error:
        add_errors(active, error)
    context = {
        "measure": measure,
        "form": form,
        "step_forms": [(name, STEPS[name][0], step_form) for name, step_form in step_forms.items()],
        "trace": Step.objects.visible_to(request.user).of(measure).select_related("by__person"),
    }
    return render(request, "measures/workspace_measure.html", context)


def _step_forms(request: SignedInRequest, measure: Measure, wanted: str) -> dict[str, forms.Form]:
    possible = steps.open_to(measure, request.user)

    def data(name: str) -> Any:
        return request.POST if name == wanted else None

    every: dict[str, forms.Form] = {
        "decide": DecideForm(data("decide"), initial={"decided_by": measure.decided_by}, auto_id="beschluss_%s"),
        "stop": StopForm(data("stop"), auto_id="ende_%s"),
        "merge": MergeForm(data("merge"), measure=measure, user=request.user, auto_id="andere_%s"),
    }
    return {name: form for name, form in every.items() if name in possible}
