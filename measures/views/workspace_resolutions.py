"""Resolutions in the workspace: taking them in, their points, and how each point stands."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.forms.filters import PAGE
from dialog.forms.rendering import add_errors
from dialog.http import SignedInRequest
from dialog.models import Step
from measures.forms.resolutions import PointForm, PointStateForm, ResolutionForm
from measures.models import Resolution, ResolutionPoint
from measures.services import resolutions

PAGE_SIZE = 50


def _enter(request: SignedInRequest) -> None:
    if not request.user.has_perm("measures.track_resolution"):
        raise PermissionDenied


def _done(form: forms.BaseForm, service: Any, **values: Any) -> Any:
    """What the service made of a valid form; None, with the error in the form, if it refused."""
    try:
        return service(**form.cleaned_data, **values)
    except ValidationError as error:
        add_errors(form, error)
        return None


@login_required
def workspace_resolutions(request: SignedInRequest) -> HttpResponse:
    """All resolutions with their points, those that are late marked."""
    _enter(request)
    rows = Resolution.objects.visible_to(request.user).prefetch_related("points__responsible")
    today = timezone.localdate()
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get(PAGE))
    for resolution in page:
        for point in resolution.points.all():
            point.late = point.is_late_on(today)
    return render(request, "measures/workspace_resolutions.html", {"page_obj": page})


@login_required
def workspace_resolution_new(request: SignedInRequest) -> HttpResponse:
    """A resolution is taken in."""
    _enter(request)
    return _resolution(request, Resolution())


@login_required
def workspace_resolution(request: SignedInRequest, pk: int) -> HttpResponse:
    """One resolution is changed."""
    _enter(request)
    return _resolution(request, get_object_or_404(Resolution.objects.visible_to(request.user), pk=pk))


def _resolution(request: SignedInRequest, resolution: Resolution) -> HttpResponse:
    form = ResolutionForm(request.POST or None, instance=resolution)
    if request.method == "POST" and form.is_valid():
        saved = _done(form, resolutions.save, resolution=resolution, by=request.user, at=timezone.now())
        if saved:
            messages.success(request, _("Der Beschluss ist gespeichert."))
            return redirect("workspace_resolution", saved.pk)
    today = timezone.localdate()
    points: list[Any] = []
    if resolution.pk:
        points = list(
            ResolutionPoint.objects.visible_to(request.user).filter(resolution=resolution).select_related("responsible")
        )
        for point in points:
            point.late = point.is_late_on(today)
    return render(
        request, "measures/workspace_resolution.html", {"resolution": resolution, "form": form, "points": points}
    )


@login_required
def workspace_point_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """A point is added to a resolution."""
    _enter(request)
    resolution = get_object_or_404(Resolution.objects.visible_to(request.user), pk=pk)
    last = resolution.points.aggregate(last=Max("position"))["last"] or 0
    return _point(request, ResolutionPoint(resolution=resolution, position=last + 1))


@login_required
def workspace_point_change(request: SignedInRequest, pk: int) -> HttpResponse:
    """A point's wording, office and date are changed."""
    _enter(request)
    points = ResolutionPoint.objects.visible_to(request.user).select_related("resolution")
    return _point(request, get_object_or_404(points, pk=pk))


def _point(request: SignedInRequest, point: ResolutionPoint) -> HttpResponse:
    form = PointForm(request.POST or None, instance=point, user=request.user)
    values = {"point": point, "by": request.user, "at": timezone.now()}
    if request.method == "POST" and form.is_valid() and _done(form, resolutions.save_point, **values):
        messages.success(request, _("Der Beschlusspunkt ist gespeichert."))
        return redirect("workspace_resolution", point.resolution_id)
    return render(request, "measures/workspace_point_change.html", {"point": point, "form": form})


@login_required
def workspace_point(request: SignedInRequest, pk: int) -> HttpResponse:
    """How one point stands, reported by its responsible office."""
    points = ResolutionPoint.objects.visible_to(request.user).select_related("resolution", "responsible")
    point = get_object_or_404(points, pk=pk)
    if not request.user.has_perm("measures.update_point", point):
        raise PermissionDenied
    initial = {name: getattr(point, name) for name in ("state", "note", "next_review_on", "late_reason")}
    form = PointStateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            resolutions.update_point(point, by=request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Der Stand ist veröffentlicht. Vielen Dank!"))
            return redirect(point)
    context = {
        "point": point,
        "form": form,
        "late": point.is_late_on(timezone.localdate()),
        "trace": Step.objects.visible_to(request.user).of(point).select_related("by__person"),
    }
    return render(request, "measures/workspace_point.html", context)
