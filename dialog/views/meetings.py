"""Meetings, their agenda, and their minutes."""

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from dialog.forms.filters import PAGE
from dialog.forms.meetings import MeetingFilter
from dialog.models import AgendaItem, Document, Meeting, Minutes, Recommendation

PAGE_SIZE = 25


def meetings(request: HttpRequest) -> HttpResponse:
    """The coming meetings, and the past ones year by year."""
    now = timezone.now()
    visible = Meeting.objects.visible_to(request.user).select_related("body")
    chosen = MeetingFilter(request.GET, queryset=visible)
    readable = Prefetch("minutes", queryset=Minutes.objects.visible_to(request.user), to_attr="readable_minutes")
    past = chosen.qs.filter(ends_at__lt=now).order_by("-starts_at", "-pk").prefetch_related(readable)
    page = Paginator(past, PAGE_SIZE).get_page(request.GET.get(PAGE))
    coming = chosen.qs.filter(ends_at__gte=now).order_by("starts_at", "pk") if page.number == 1 else []
    return render(request, "dialog/meeting_list.html", {"filter": chosen, "coming": coming, "page_obj": page})


def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """When, where and about what a body meets, as far as the reader may know."""
    user = request.user
    meeting = get_object_or_404(Meeting.objects.visible_to(user).select_related("body"), pk=pk)
    recommendations = Recommendation.objects.visible_to(user)
    agenda = (
        AgendaItem.objects.visible_to(user)
        .filter(meeting=meeting)
        .prefetch_related(Prefetch("recommendations", queryset=recommendations, to_attr="readable_recommendations"))
    )
    return render(
        request,
        "dialog/meeting_detail.html",
        {
            "meeting": meeting,
            "is_over": meeting.ends_at < timezone.now(),
            "agenda": agenda,
            "hidden_items": meeting.agenda_items.count() - len(agenda),
            "minutes": Minutes.objects.visible_to(user).filter(meeting=meeting).first(),
            "documents": Document.objects.visible_to(user).filter(meeting=meeting),
        },
    )


def minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """The minutes of the meeting `pk`."""
    minutes = get_object_or_404(Minutes.objects.visible_to(request.user).select_related("meeting__body"), meeting_id=pk)
    return render(request, "dialog/minutes_detail.html", {"minutes": minutes, "meeting": minutes.meeting})
