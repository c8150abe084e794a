import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from conferences.models import Conference
from dialog.models import FieldOfAction, Meeting
from dialog.readers import same_for_readers
from luener_dialog import search as site_search
from measures import facets
from measures.models import CouncilReport, GroupStatement, Measure, ProgressUpdate
from measures.models.measures import Standing

#: So many of each stand on the home page; the lists have all.
DATES, NEWS = 4, 4
#: What the card of a field says in words; its bar has all standings, the page of the field tells them.
IN_WORDS = (Standing.DONE, Standing.IN_PROGRESS, Standing.QUIET)


@dataclass(frozen=True)
class ComingDate:
    """Something in the calendar: a meeting, a conference, or the last day on which the groups speak on a report."""

    day: dt.date
    kind: str
    row: Any


@same_for_readers
def home(request: HttpRequest) -> HttpResponse:
    """What this is, what became of what was decided, what comes next, how to join."""
    user, today = request.user, timezone.localdate()
    found = facets.of(Measure.objects.visible_to(user), today)
    shares = found.standings()
    report = CouncilReport.objects.visible_to(user).published().select_related("document").defer("content").first()
    return render(
        request,
        "home.html",
        {
            "today": today,
            "shares": shares,
            "total": sum(number for _standing, _words, number in shares),
            "fields": [
                (
                    field,
                    shares,
                    [share for share in shares if share[0] in IN_WORDS],
                    sum(number for _standing, _words, number in shares),
                )
                for field in FieldOfAction.objects.visible_to(user)
                for shares in [found.standings(field=field.pk)]
            ],
            "dates": _coming_dates(user, today),
            "report": report,
            "statements": _statements(report, user),
            "news": ProgressUpdate.objects.visible_to(user).select_related("measure__field")[:NEWS],
        },
    )


def _coming_dates(user: Any, today: dt.date) -> list[ComingDate]:
    """The next meetings, conferences and consultations together, the next one first."""
    meetings = Meeting.objects.visible_to(user).coming(timezone.now()).select_related("body")[:DATES]
    conferences = Conference.objects.visible_to(user).coming(today)[:DATES]
    dates = [ComingDate(timezone.localdate(row.starts_at), "meeting", row) for row in meetings]
    dates += [ComingDate(row.date, "conference", row) for row in conferences]
    consulted = CouncilReport.objects.consulted(today)
    dates += [ComingDate(row.consultation_until, "consultation", row) for row in consulted if row.consultation_until]
    return sorted(dates, key=lambda date: date.day)[:DATES]


def _statements(report: CouncilReport | None, user: Any) -> dict[str, int]:
    """How many working groups spoke on the report, and how many of them dissent."""
    if report is None:
        return {}
    counts = dict(
        GroupStatement.objects.visible_to(user)
        .filter(report=report)
        .order_by()
        .values_list("position")
        .annotate(Count("pk"))
    )
    return {"all": sum(counts.values()), "dissent": counts.get(GroupStatement.Position.DISSENTS, 0)}


def search(request: HttpRequest) -> HttpResponse:
    """Search over all that the reader may see; `art` narrows it to one kind of entry."""
    query = site_search.cleaned(request.GET.get("q", ""))
    kind = site_search.KINDS.get(request.GET.get("art", ""))
    page = None
    if not query:
        groups = []
    elif kind:
        group, page = site_search.in_kind(kind, query, request.user, request.GET.get("page"))
        groups = [group] if group.hits else []
    else:
        groups = site_search.everywhere(query, request.user)
    return render(
        request,
        "search.html",
        {
            "query": query,
            "kind": kind,
            "groups": groups,
            "page_obj": page,
            "total": sum(group.total for group in groups),
        },
    )
