from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dialog.http import SignedInRequest
from dialog.models import JobRun, Meeting, Membership


@login_required
def workspace(request: SignedInRequest) -> HttpResponse:
    """What is due today, and where it is done."""
    if not request.user.has_perm("dialog.enter_workspace"):
        raise PermissionDenied
    now = timezone.now()
    context = {
        "to_prepare": Meeting.objects.visible_to(request.user).to_prepare(now).select_related("body")
        if request.user.has_perm("dialog.run_meeting")
        else [],
        "this_day": timezone.localdate(now),
        "requests": Membership.objects.to_decide(request.user).select_related("body", "person")[:10],
        "meetings": Meeting.objects.visible_to(request.user).coming(timezone.now()).select_related("body")[:6],
        "jobs": JobRun.objects.visible_to(request.user).select_related("document")[:5],
    }
    return render(request, "dialog/workspace.html", context)
