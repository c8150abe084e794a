"""Meetings, their agenda, and their minutes."""

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from dialog.forms.filters import PAGE
from dialog.forms.meetings import MeetingFilter
from dialog.models import AgendaItem, Correction, Document, Meeting, Minutes, Recommendation, Rectification, Task
from dialog.models.people import body_ids, runs_the_process
from dialog.services import agenda as agendas
from dialog.services import minutes_content

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
    papers = Document.objects.visible_to(user).filter(meeting=meeting)
    agenda = list(
        AgendaItem.objects.visible_to(user)
        .filter(meeting=meeting)
        .prefetch_related(
            Prefetch("recommendations", queryset=recommendations, to_attr="readable_recommendations"),
            Prefetch("documents", queryset=papers, to_attr="readable_documents"),
        )
        .order_by("position")
    )
    # The times count the items that this reader does not see, and tell of them no more than that they take time.
    entries = agendas.timed(meeting, meeting.agenda_items.order_by("position"))
    return render(
        request,
        "dialog/meeting_detail.html",
        {
            "meeting": meeting,
            "is_over": meeting.ends_at < timezone.now(),
            "agenda": agenda,
            "times": {entry.item.pk: entry.starts_at for entry in entries},
            "about": agendas.about(agenda, user),
            "is_inside": meeting.body_id in body_ids(user) or runs_the_process(user),
            "hidden_items": meeting.agenda_items.count() - len(agenda),
            "open_tasks": agendas.open_tasks(meeting, Task.objects.visible_to(user))
            if meeting.state == Meeting.State.PLANNED
            else [],
            "last_minutes": agendas.last_minutes(meeting, Minutes.objects.visible_to(user)),
            "minutes": Minutes.objects.visible_to(user).filter(meeting=meeting).first(),
            "documents": papers.filter(agenda_item=None),
        },
    )


def minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """The minutes of the meeting `pk`: the frozen public version for everyone, the full one for members."""
    user = request.user
    minutes = get_object_or_404(
        Minutes.objects.visible_to(user).select_related(
            "meeting__body", "approved_in", "public_document", "full_document"
        ),
        meeting_id=pk,
    )
    is_internal = Minutes.objects.internal_to(user).filter(pk=minutes.pk).exists()
    shows_full = is_internal and not (minutes.public_content and request.GET.get("fassung") == "oeffentlich")
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "is_internal": is_internal,
        "shows_full": shows_full,
        "content": minutes_content.internal(minutes) if shows_full else minutes.public_content,
        "document": minutes.full_document if shows_full else minutes.public_document,
        "rectifications": Rectification.objects.visible_to(user).filter(minutes=minutes),
        "may_correct": minutes.takes_corrections_on(timezone.localdate())
        and user.has_perm("dialog.correct_minutes", minutes),
        "may_write": user.has_perm("dialog.write_minutes", minutes) or user.has_perm("dialog.approve_minutes", minutes),
        "corrections": Correction.objects.visible_to(user).filter(minutes=minutes).select_related("agenda_item")
        if is_internal
        else [],
    }
    return render(request, "dialog/minutes_detail.html", context)
