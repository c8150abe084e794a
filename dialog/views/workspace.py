from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dialog.http import SignedInRequest
from dialog.models import JobRun, Meeting
from dialog.services import due


@login_required
def workspace(request: SignedInRequest) -> HttpResponse:
    """What is due, by date, and where it is done; `?nur=` narrows it down to one kind."""
    user, now = request.user, timezone.now()
    if not user.has_perm("dialog.enter_workspace"):
        raise PermissionDenied
    groups = due.groups(user, now)
    chosen = [group for group in groups if group.slug == request.GET.get("nur")]
    today = timezone.localdate(now)
    rows = due.in_order(chosen or groups)
    context = {
        "groups": groups,
        "chosen": chosen[0] if chosen else None,
        "number": sum(len(group.rows) for group in groups),
        "this_day": today,
        "now_due": [row for row in rows if row.day <= today],
        "coming": [row for row in rows if row.day > today],
        "more": [group for group in chosen or groups if group.has_more],
        "meetings": Meeting.objects.visible_to(user).coming(now).select_related("body")[:6],
        "jobs": JobRun.objects.visible_to(user).recent(now).select_related("document")[:5],
    }
    return render(request, "dialog/workspace.html", context)
