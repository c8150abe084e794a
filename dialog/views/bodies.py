"""Bodies, what they work on, and how to take part."""

import datetime as dt
from collections import defaultdict
from typing import Any

from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from dialog.models import Body, Document, Meeting, Membership, Minutes, Recommendation, Task

#: As many past meetings stand on the body's page; the others are one click away.
PAST_MEETINGS = 6
#: So many of its papers, the newest first.
DOCUMENTS = 12


def _with_next_meeting(user: Any, now: dt.datetime) -> Any:
    """Bodies with their fields, and with the coming meetings that `user` may know of in `coming_meetings`."""
    coming = Meeting.objects.visible_to(user).coming(now)
    return Body.objects.visible_to(user).prefetch_related(
        "fields", Prefetch("meetings", queryset=coming, to_attr="coming_meetings")
    )


def working_groups(request: HttpRequest) -> HttpResponse:
    """What each group works on, whether it takes new members, and when it meets next."""
    groups = list(_with_next_meeting(request.user, timezone.now()).working_groups())
    return render(
        request,
        "dialog/working_groups.html",
        {
            "groups": [group for group in groups if group.ended_on is None],
            "former": [group for group in groups if group.ended_on],
        },
    )


def bodies(request: HttpRequest) -> HttpResponse:
    """Everything that meets, and everything that once met."""
    rows = list(_with_next_meeting(request.user, timezone.now()))
    at_work = [body for body in rows if body.ended_on is None]
    return render(
        request,
        "dialog/body_list.html",
        {
            "working_groups": [body for body in at_work if body.kind == Body.Kind.WORKING_GROUP],
            "others": [body for body in at_work if body.kind != Body.Kind.WORKING_GROUP],
            "former": [body for body in rows if body.ended_on],
        },
    )


def body(request: HttpRequest, slug: str) -> HttpResponse:
    """One body: task, people, meetings, and what became of its recommendations."""
    user, now = request.user, timezone.now()
    body = get_object_or_404(
        Body.objects.visible_to(user).select_related("process").prefetch_related("fields", "strands"),
        slug=slug,
    )
    memberships = Membership.objects.visible_to(user).filter(body=body).select_related("person", "organization")
    named = list(memberships.active())
    seats = _composition(body, named)
    # Who has a seat stands there and not a second time below.
    seated = sum(len(row["holders"]) + row["unnamed"] for row in seats)
    unseated = [membership for membership in named if membership.seat_id is None]
    meetings = Meeting.objects.visible_to(user).filter(body=body).select_related("body")
    past = meetings.filter(ends_at__lt=now).prefetch_related(
        Prefetch("minutes", queryset=Minutes.objects.visible_to(user), to_attr="readable_minutes")
    )[: PAST_MEETINGS + 1]
    return render(
        request,
        "dialog/body_detail.html",
        {
            "body": body,
            "seats": seats,
            "is_seated": seated or any(row["vacant"] for row in seats),
            "documents": Document.objects.visible_to(user).filter(body=body, meeting=None)[:DOCUMENTS],
            "in_charge": [membership for membership in named if membership.leads],
            "leads": [membership for membership in unseated if membership.leads],
            "support": [row for row in named if row.role == Membership.Role.EXPERT_SUPPORT],
            "members": [membership for membership in unseated if not membership.leads],
            "others": body.memberships.active().count() - seated - len(unseated),
            "own_membership": _own(memberships, user),
            "coming": meetings.filter(ends_at__gte=now).order_by("starts_at"),
            "past": past[:PAST_MEETINGS],
            "has_more_past": len(past) > PAST_MEETINGS,
            "recommendations": Recommendation.objects.visible_to(user).filter(body=body).select_related("field"),
            "tasks": Task.objects.visible_to(user).filter(body=body, done_on=None).select_related("assignee"),
        },
    )


def _composition(body: Body, named: list[Membership]) -> list[dict[str, Any]]:
    """The body's seats, each with its holders whom the reader may know, how many others hold it, and what is vacant."""
    holders = defaultdict(list)
    for membership in named:
        holders[membership.seat_id].append(membership)
    held = Count("memberships", filter=Q(memberships__state=Membership.State.ACTIVE))
    return [
        {
            "seat": seat,
            "holders": holders[seat.pk],
            "unnamed": seat.held - len(holders[seat.pk]),
            "vacant": max(0, (seat.places or 0) - seat.held),
            # Where those who sit there are invented, so is what they leave vacant.
            "told_by": next((membership for membership in named if membership.is_example), seat),
        }
        for seat in body.seats.annotate(held=held)
    ]


def _own(memberships: Any, user: Any) -> Membership | None:
    """The reader's own request or membership among `memberships`."""
    if not user.is_authenticated:
        return None
    open_states = [Membership.State.REQUESTED, Membership.State.ACTIVE]
    return memberships.filter(person__user=user, state__in=open_states).first()


def join(request: HttpRequest) -> HttpResponse:
    """How to take part, and which groups take new members."""
    groups = _with_next_meeting(request.user, timezone.now()).working_groups().at_work()
    return render(request, "dialog/join.html", {"groups": groups})
