from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dialog.http import SignedInRequest
from dialog.models import JobRun, Meeting, Membership, Task


@login_required
def account_page(request: SignedInRequest) -> HttpResponse:
    """My page: groups and requests, what comes next, how I sign in."""
    mine = Membership.objects.filter(person__user=request.user).select_related("body", "organization")
    open_states = [Membership.State.REQUESTED, Membership.State.ACTIVE]
    context = {
        "memberships": mine.filter(state__in=open_states).order_by("body__position"),
        "past": mine.exclude(state__in=open_states).order_by("-ends_on", "-requested_at")[:20],
        "meetings": Meeting.objects.visible_to(request.user)
        .coming(timezone.now())
        .filter(body__memberships__in=mine.active())
        .select_related("body")
        .distinct()[:10],
        "tasks": Task.objects.visible_to(request.user)
        .filter(assignee__user=request.user, done_on=None)
        .select_related("body"),
        "jobs": JobRun.objects.filter(owner=request.user)[:5],
    }
    return render(request, "dialog/account.html", context)
