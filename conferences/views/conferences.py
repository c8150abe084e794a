"""Conferences: what is on the programme, and what came of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from conferences.models import Conference, Debate, ProgrammeItem
from dialog.models import Task


def conferences(request: HttpRequest) -> HttpResponse:
    """The coming conferences first, then the past ones."""
    rows, today = list(Conference.objects.visible_to(request.user)), timezone.localdate()
    return render(
        request,
        "conferences/conference_list.html",
        {
            "coming": [row for row in reversed(rows) if row.date >= today],
            "past": [row for row in rows if row.date < today],
        },
    )


def conference(request: HttpRequest, slug: str) -> HttpResponse:
    """One conference: programme, debates with outcomes, declarations adopted; tasks for those they are for."""
    conference = get_object_or_404(Conference.objects.visible_to(request.user).select_related("process"), slug=slug)
    programme = ProgrammeItem.objects.visible_to(request.user).filter(conference=conference)
    debates = Debate.objects.visible_to(request.user).filter(conference=conference)
    return render(
        request,
        "conferences/conference_detail.html",
        {
            "conference": conference,
            "is_over": conference.date < timezone.localdate(),
            "programme": programme.select_related("body"),
            "debates": debates.select_related("recommendation__body", "recommendation__field").order_by(
                "recommendation__number"
            ),
            "declarations": conference.declarations.visible_to(request.user),
            "tasks": Task.objects.visible_to(request.user)
            .given_at(Conference, conference)
            .select_related("body", "assignee"),
            "may_run": request.user.has_perm("conferences.run_conference"),
        },
    )
