"""What belongs to one measure and is kept by its lead: milestones, documents and pictures."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dialog.forms.rendering import add_errors
from dialog.http import SignedInRequest
from measures.forms.attachments import AttachmentForm
from measures.forms.milestones import MilestoneForm
from measures.models import Attachment, Measure, MeasureMilestone
from measures.services import attachments, milestones


def _measure(request: SignedInRequest, number: str) -> Measure:
    measure = get_object_or_404(Measure.objects.visible_to(request.user), number=number)
    if not request.user.has_perm("measures.update_measure", measure):
        raise PermissionDenied
    return measure


@login_required
def workspace_milestones(request: SignedInRequest, number: str) -> HttpResponse:
    """The milestones of a measure, and the form to add one."""
    measure = _measure(request, number)
    return _milestone(request, MeasureMilestone(measure=measure))


@login_required
def workspace_milestone(request: SignedInRequest, number: str, pk: int) -> HttpResponse:
    """One milestone is changed, or taken away."""
    measure = _measure(request, number)
    rows = MeasureMilestone.objects.visible_to(request.user).filter(measure=measure).select_related("measure")
    milestone = get_object_or_404(rows, pk=pk)
    if "remove" in request.POST:
        milestones.remove(milestone, by=request.user, at=timezone.now())
        messages.success(request, _("Der Meilenstein ist gestrichen."))
        return redirect("workspace_milestones", number)
    return _milestone(request, milestone)


def _milestone(request: SignedInRequest, milestone: MeasureMilestone) -> HttpResponse:
    measure = milestone.measure
    form = MilestoneForm(request.POST or None, instance=milestone)
    if request.method == "POST" and form.is_valid():
        try:
            milestones.save(milestone, by=request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Der Meilenstein ist gespeichert."))
            return redirect("workspace_milestones", measure.number)
    rows = MeasureMilestone.objects.visible_to(request.user).filter(measure=measure)
    context = {"measure": measure, "milestone": milestone, "form": form, "milestones": rows}
    return render(request, "measures/workspace_milestones.html", context)


@login_required
def workspace_attachments(request: SignedInRequest, number: str) -> HttpResponse:
    """Documents and pictures of a measure, and the form to add one."""
    measure = _measure(request, number)
    form = AttachmentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            attachments.add(measure, by=request.user, at=timezone.now(), **form.values())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Die Datei ist gespeichert."))
            return redirect("workspace_attachments", number)
    rows = Attachment.objects.visible_to(request.user).filter(measure=measure).select_related("document", "small")
    return render(
        request, "measures/workspace_attachments.html", {"measure": measure, "form": form, "attachments": rows}
    )


@login_required
@require_POST
def workspace_attachment_remove(request: SignedInRequest, number: str, pk: int) -> HttpResponse:
    """A document or picture is taken away."""
    measure = _measure(request, number)
    rows = Attachment.objects.visible_to(request.user).filter(measure=measure)
    attachment = get_object_or_404(rows.select_related("measure", "document", "small"), pk=pk)
    attachments.remove(attachment, by=request.user, at=timezone.now())
    messages.success(request, _("Die Datei ist gelöscht."))
    return redirect("workspace_attachments", number)
