"""Recommendations in the workspace: writing them and taking their steps."""

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
from dialog.forms.workspace_recommendations import RecommendationForm, StepForm
from dialog.http import SignedInRequest
from dialog.models import Recommendation, Step
from dialog.services import recommendations, steps

PAGE_SIZE = 50

#: The steps in the order of a recommendation's life, as their buttons say.
STEPS = {
    "present": gettext_lazy("Vorstellen"),
    "adopt": gettext_lazy("Annehmen"),
    "turn_down": gettext_lazy("Nicht annehmen"),
    "take_up": gettext_lazy("Als aufgegriffen melden"),
    "complete": gettext_lazy("Als umgesetzt melden"),
    "reject": gettext_lazy("Nicht weiterverfolgen"),
}


def _enter(request: SignedInRequest) -> None:
    if not request.user.has_perm("dialog.run_recommendation"):
        raise PermissionDenied


@login_required
def workspace_recommendations(request: SignedInRequest) -> HttpResponse:
    """All recommendations, drafts too, searched by their words."""
    _enter(request)
    query = request.GET.get("q", "")[:200]
    rows = Recommendation.objects.visible_to(request.user).search(query).select_related("body", "field")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get(PAGE))
    return render(request, "dialog/workspace_recommendations.html", {"page_obj": page, "query": query})


@login_required
def workspace_recommendation_new(request: SignedInRequest) -> HttpResponse:
    """A recommendation is drafted."""
    _enter(request)
    return _edit(request, Recommendation(date=timezone.localdate()))


@login_required
def workspace_recommendation(request: SignedInRequest, number: str) -> HttpResponse:
    """One recommendation: its steps, its wording, and who did what."""
    _enter(request)
    rows = Recommendation.objects.visible_to(request.user).select_related("body", "field")
    return _edit(request, get_object_or_404(rows, number=number))


def _edit(request: SignedInRequest, row: Recommendation) -> HttpResponse:
    wanted = request.POST.get("step", "")
    form = RecommendationForm(
        request.POST if request.method == "POST" and not wanted else None, instance=row, user=request.user
    )
    step_form = StepForm(request.POST if wanted else None, auto_id="schritt_%s")
    now = timezone.now()
    try:
        if wanted in STEPS and row.pk and step_form.is_valid():
            recommendations.take_step(row, wanted, by=request.user, at=now, **step_form.cleaned_data)
            messages.success(request, _("Der Stand ist geändert."))
            return redirect("workspace_recommendation", row.number)
        if form.is_bound and form.is_valid():
            saved = recommendations.save(row, by=request.user, at=now, **form.cleaned_data)
            messages.success(request, _("Die Empfehlung ist gespeichert."))
            return redirect("workspace_recommendation", saved.number)
    except ValidationError as error:
        add_errors(step_form if wanted else form, error)
    possible = steps.open_to(row, request.user) if row.pk else set()
    context = {
        "recommendation": row,
        "form": form,
        "step_form": step_form,
        "steps": [(name, label) for name, label in STEPS.items() if name in possible],
        "trace": Step.objects.visible_to(request.user).of(row).select_related("by__person") if row.pk else [],
    }
    return render(request, "dialog/workspace_recommendation.html", context)
