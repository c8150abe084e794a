"""The planning group's daily work: planning meetings, their agenda, invitations and attendance."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from dialog.forms.filters import PAGE
from dialog.forms.meetings import (
    AdmissionForm,
    AgendaItemForm,
    CancelForm,
    GuestForm,
    ItemDocumentForm,
    MeetingChangeForm,
    MeetingFilter,
    MeetingForm,
    MeetingRulesForm,
    NewMeetingForm,
    StandingItemFormSet,
)
from dialog.http import SignedInRequest
from dialog.models import AgendaItem, Body, Document, Guest, Meeting, Minutes, Step, Task
from dialog.services import agenda as agendas
from dialog.services import attendance as attendances
from dialog.services import documents, meeting_invitations, meetings, memberships, steps

PAGE_SIZE = 25


def _meeting(request: SignedInRequest, pk: int, permission: str = "dialog.run_meeting") -> Meeting:
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user).select_related("body"), pk=pk)
    if not request.user.has_perm(permission, meeting):
        raise PermissionDenied
    return meeting


def _item(request: SignedInRequest, pk: int, item_pk: int) -> AgendaItem:
    return get_object_or_404(
        AgendaItem.objects.visible_to(request.user).select_related("meeting__body"),
        pk=item_pk,
        meeting=_meeting(request, pk),
    )


# ── the list, and one meeting ───────────────────────────────────────────────────────────────────────────


@login_required
def workspace_meetings(request: SignedInRequest) -> HttpResponse:
    """All meetings: the coming ones with what is still to do, then the past ones."""
    if not request.user.has_perm("dialog.run_meeting"):
        raise PermissionDenied
    now = timezone.now()
    visible = Meeting.objects.visible_to(request.user).select_related("body")
    chosen = MeetingFilter(request.GET, queryset=visible)
    page = Paginator(chosen.qs.filter(ends_at__lt=now).order_by("-starts_at", "-pk"), PAGE_SIZE).get_page(
        request.GET.get(PAGE)
    )
    coming = chosen.qs.filter(ends_at__gte=now).order_by("starts_at", "pk").annotate(items=Count("agenda_items"))
    context = {"filter": chosen, "coming": coming if page.number == 1 else [], "page_obj": page}
    return render(request, "dialog/workspace_meetings.html", {**context, "this_day": timezone.localdate(now)})


@login_required
def workspace_meeting(request: SignedInRequest, pk: int) -> HttpResponse:
    """One meeting: how far its preparation is, and the next steps."""
    meeting = _meeting(request, pk)
    now = timezone.now()
    items = list(meeting.agenda_items.order_by("position"))
    invited = meeting.attendances.invited()
    context = {
        "meeting": meeting,
        "items": items,
        "warnings": meetings.warnings(meeting, at=now, items=items),
        "uninformed": meeting_invitations.uninformed(meeting) if meeting.starts_at > now else [],
        "answers": invited.aggregate(
            invited=Count("pk"),
            yes=Count("pk", filter=Q(answer="yes")),
            no=Count("pk", filter=Q(answer="no")),
            deputy=Count("pk", filter=Q(answer="deputy")),
            open=Count("pk", filter=Q(answer="")),
        ),
        "steps": steps.open_to(meeting, request.user),
        "has_begun": meeting.starts_at <= now,
        "trace": Step.objects.visible_to(request.user).of(meeting).select_related("by__person"),
    }
    return render(request, "dialog/workspace_meeting.html", context)


@login_required
def workspace_meeting_new(request: SignedInRequest) -> HttpResponse:
    """Plans a meeting, empty or as a copy of an earlier one (`?kopie=`), or a series."""
    if not request.user.has_perm("dialog.run_meeting"):
        raise PermissionDenied
    source = _source(request)
    form = NewMeetingForm(request.POST or None, user=request.user, initial=_initial(request, source))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        every, count, body = data.pop("every"), data.pop("count"), data.pop("body")
        if source is not None and source.body_id != body.pk:
            source = None
        try:
            if every:
                made = meetings.create_series(
                    body, every=every, count=count, source=source, by=request.user, at=timezone.now(), **data
                )
            else:
                made = [meetings.create(body, source=source, by=request.user, at=timezone.now(), **data)]
        except ValidationError as error:
            form.add_error(None, error)
        else:
            number = len(made)
            done = ngettext("Die Sitzung ist angelegt.", "%(number)d Sitzungen sind angelegt.", number)
            messages.success(request, done % {"number": number})
            _warn(request, *made)
            return redirect("workspace_meetings") if every else redirect("workspace_meeting", made[0].pk)
    return render(request, "dialog/workspace_meeting_form.html", {"form": form, "source": source})


def _source(request: SignedInRequest) -> Meeting | None:
    """The meeting to copy: the one asked for, or the last one of the body asked for."""
    visible = Meeting.objects.visible_to(request.user).select_related("body")
    if (pk := request.GET.get("kopie", "")).isdecimal():
        return get_object_or_404(visible, pk=pk)
    if slug := request.GET.get("gremium"):
        return visible.filter(body__slug=slug).exclude(state=Meeting.State.CANCELLED).order_by("-starts_at").first()
    return None


def _initial(request: SignedInRequest, source: Meeting | None) -> dict[str, Any]:
    if source is None:
        return {"is_public": True, "every": 0}
    initial = MeetingForm.initial_of(source)
    del initial["day"]
    return {**initial, "body": source.body, "every": 0}


def _warn(request: SignedInRequest, *planned: Meeting) -> None:
    """What is probably not meant; of several meetings each warning once, with the days that it is about."""
    days: dict[str, list[str]] = {}
    for meeting in planned:
        for warning in meetings.warnings(meeting, at=timezone.now(), items=meeting.agenda_items.all()):
            days.setdefault(warning, []).append(f"{timezone.localtime(meeting.starts_at):%d.%m.%Y}")
    for warning, dates in days.items():
        messages.warning(request, f"{', '.join(dates)}: {warning}" if len(planned) > 1 else warning)


@login_required
def workspace_meeting_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Changes or moves a meeting; a conflict with somebody else's change loses nothing that was typed."""
    meeting = _meeting(request, pk)
    initial = {**MeetingForm.initial_of(meeting), "seen": meeting.revision}
    form = MeetingChangeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            changed = meetings.edit(meeting, by=request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            data = request.POST.copy()
            data["seen"] = str(meeting.revision)
            form.data = data
        else:
            told = meeting.invited_at and set(changed) & set(meetings.TOLD)
            messages.success(
                request,
                _("Gespeichert. Die Eingeladenen bekommen eine Nachricht mit der Änderung.")
                if told
                else _("Gespeichert."),
            )
            _warn(request, meeting)
            return redirect("workspace_meeting", meeting.pk)
    return render(request, "dialog/workspace_meeting_form.html", {"form": form, "meeting": meeting})


@login_required
def workspace_meeting_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Calls a meeting off."""
    meeting = _meeting(request, pk)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        meetings.cancel(meeting, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Die Sitzung ist abgesagt. Wer eingeladen war, bekommt eine Nachricht."))
        return redirect("workspace_meeting", meeting.pk)
    return render(request, "dialog/workspace_meeting_cancel.html", {"meeting": meeting, "form": form})


@login_required
@require_POST
def workspace_meeting_hold(request: SignedInRequest, pk: int) -> HttpResponse:
    """Notes that the meeting took place."""
    meeting = _meeting(request, pk)
    meetings.hold(meeting, by=request.user, at=timezone.now())
    messages.success(request, _("Die Sitzung ist als durchgeführt vermerkt."))
    return redirect("workspace_meeting", meeting.pk)


# ── agenda ──────────────────────────────────────────────────────────────────────────────────────────────


@login_required
def workspace_agenda(request: SignedInRequest, pk: int) -> HttpResponse:
    """The agenda with its times, and the form for a further item."""
    meeting = _meeting(request, pk)
    form = AgendaItemForm(request.POST or None, meeting=meeting, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            item = agendas.add(meeting, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Der Punkt steht auf der Tagesordnung: %(title)s") % {"title": item})
            return redirect("workspace_agenda", meeting.pk)
    items = list(meeting.agenda_items.order_by("position").annotate(papers=Count("documents")))
    is_open = meeting.state == Meeting.State.PLANNED
    context = {
        "meeting": meeting,
        "form": form,
        "entries": agendas.timed(meeting, items),
        "about": agendas.about(items, request.user),
        "planned": agendas.minutes_planned(items),
        "warnings": meetings.warnings(meeting, at=timezone.now(), items=items),
        "is_open": is_open,
        "open_matters": agendas.open_matters(meeting, request.user) if is_open else {},
        "previous": agendas.previous(meeting),
        "last_minutes": agendas.last_minutes(meeting, Minutes.objects.internal_to(request.user)),
    }
    return render(request, "dialog/workspace_agenda.html", context)


@login_required
@require_POST
def workspace_agenda_move(request: SignedInRequest, pk: int, item: int) -> HttpResponse:
    """Moves an item: one up (`hoch`), one down (`runter`), or to a place by number."""
    found = _item(request, pk, item)
    where = request.POST.get("to", "")
    to = {"hoch": found.position - 1, "runter": found.position + 1}.get(where)
    if to is None:
        to = int(where) if where.isdecimal() and len(where) < 6 else found.position
    agendas.move(found, to=max(1, to), by=request.user)
    return redirect(f"{reverse('workspace_agenda', args=[pk])}#top-{found.pk}")


@login_required
@require_POST
def workspace_agenda_carry_over(request: SignedInRequest, pk: int) -> HttpResponse:
    """Puts an item of an earlier meeting, or an open task, on this agenda."""
    meeting = _meeting(request, pk)
    kind, _colon, key = request.POST.get("row", "").partition(":")
    rows: Any = {"item": AgendaItem.objects.select_related("meeting"), "task": Task.objects}.get(kind)
    if rows is None or not key.isdecimal():
        return redirect("workspace_agenda", pk)
    row: Any = get_object_or_404(rows.visible_to(request.user), pk=key)
    try:
        item = agendas.carry_over(row, to=meeting, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Übernommen: %(title)s") % {"title": item})
    return redirect("workspace_agenda", pk)


@login_required
def workspace_agenda_item(request: SignedInRequest, pk: int, item: int) -> HttpResponse:
    """One item: what it says, its papers, and taking it off."""
    found = _item(request, pk, item)
    meeting = found.meeting
    form = AgendaItemForm(
        request.POST if "save" in request.POST else None, instance=found, meeting=meeting, user=request.user
    )
    paper = ItemDocumentForm(
        request.POST if "upload" in request.POST else None, request.FILES or None, auto_id="paper_%s"
    )
    try:
        if "remove" in request.POST:
            agendas.remove(found, by=request.user)
            messages.success(request, _("Der Punkt ist von der Tagesordnung genommen."))
            return redirect("workspace_agenda", pk)
        if "save" in request.POST and form.is_valid():
            agendas.edit(found, by=request.user, **form.cleaned_data)
            messages.success(request, _("Gespeichert."))
            return redirect("workspace_agenda", pk)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("workspace_agenda_item", pk, item)
    if "upload" in request.POST and paper.is_valid():
        data = paper.cleaned_data
        documents.add(
            data.pop("file"),
            body=meeting.body,
            meeting=meeting,
            agenda_item=found,
            by=request.user,
            at=timezone.now(),
            **data,
        )
        messages.success(request, _("Die Unterlage ist gespeichert."))
        return redirect("workspace_agenda_item", pk, item)
    papers = Document.objects.visible_to(request.user).filter(agenda_item=found)
    context = {"meeting": meeting, "item": found, "form": form, "paper": paper, "documents": papers}
    return render(request, "dialog/workspace_agenda_item.html", context)


@login_required
def workspace_standing_items(request: SignedInRequest, slug: str) -> HttpResponse:
    """The rules of a body: period of notice, quorum, whether it takes new members, what stands on every agenda."""
    body = get_object_or_404(Body.objects.visible_to(request.user), slug=slug)
    if not request.user.has_perm("dialog.run_meeting", body):
        raise PermissionDenied
    fields = ("place", "title", "kind", "duration", "is_public")
    forms = StandingItemFormSet(request.POST or None, initial=list(body.standing_items.values(*fields)))
    rules = MeetingRulesForm(request.POST or None, instance=body)
    admission = AdmissionForm(request.POST or None, instance=body) if body.can_be_open else None
    # Each is asked, so that the page tells all that is wrong at once.
    valid = [form.is_valid() for form in (rules, forms, admission) if form is not None]
    if request.method == "POST" and all(valid):
        kept = [
            {name: form.cleaned_data[name] for name in fields}
            for form in forms
            if form.cleaned_data.get("title") and not form.cleaned_data.get("DELETE")
        ]
        try:
            with transaction.atomic():
                if admission:
                    memberships.set_admission(body, by=request.user, **admission.cleaned_data)
                agendas.set_rules(body, by=request.user, items=kept, **rules.cleaned_data)
        except ValidationError as error:
            (admission or rules).add_error(None, error)
        else:
            messages.success(request, _("Gespeichert. Die ständigen Punkte gelten für neue Sitzungen."))
            return redirect("workspace_meetings")
    context = {"body": body, "rules": rules, "admission": admission, "forms": forms}
    return render(request, "dialog/workspace_standing_items.html", context)


# ── invitation ──────────────────────────────────────────────────────────────────────────────────────────


@login_required
def workspace_meeting_invitation(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who is to be invited to what; sending, reminding, and the answers."""
    meeting = _meeting(request, pk)
    now = timezone.now()
    if request.method == "POST" and "remind" in request.POST:
        number = meeting_invitations.remind(meeting, by=request.user, at=now)
        done = ngettext("Eine Person ist erinnert.", "%(number)d Personen sind erinnert.", number)
        messages.success(request, done % {"number": number})
        return redirect("workspace_meeting_invitation", pk)
    if request.method == "POST" and "noted" in request.POST:
        reached = meeting_invitations.without_address(meeting)
        number = meeting_invitations.note_sent(meeting, reached, by=request.user, at=now)
        done = ngettext(
            "Eine Person ist als eingeladen vermerkt.", "%(number)d Personen sind als eingeladen vermerkt.", number
        )
        messages.success(request, done % {"number": number})
        return redirect("workspace_meeting_invitation", pk)
    if request.method == "POST" and "told" in request.POST:
        uninformed = meeting_invitations.uninformed(meeting)
        number = meeting_invitations.note_told(meeting, uninformed, by=request.user)
        done = ngettext(
            "Vermerkt: Eine Person weiß Bescheid.", "Vermerkt: %(number)d Personen wissen Bescheid.", number
        )
        messages.success(request, done % {"number": number})
        return redirect("workspace_meeting_invitation", pk)
    if request.method == "POST":
        try:
            return redirect(meeting_invitations.send(meeting, by=request.user, at=now))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("workspace_meeting_invitation", pk)
    can_invite = meeting.state == Meeting.State.PLANNED and meeting.starts_at > now
    if can_invite:
        meeting_invitations.enter_members(meeting)
    people = meeting_invitations.everyone(meeting)
    items = list(meeting.agenda_items.order_by("position"))
    context = {
        "meeting": meeting,
        "people": people,
        "waiting": meeting_invitations.waiting(meeting),
        "without_address": meeting_invitations.without_address(meeting) if can_invite else [],
        "uninformed": meeting_invitations.uninformed(meeting) if meeting.starts_at > now else [],
        "unanswered": meeting_invitations.to_remind(meeting),
        "entries": agendas.timed(meeting, items),
        "mails": _previews(meeting, people) if items else [],
        "warnings": meetings.warnings(meeting, at=now, items=items),
        "can_invite": can_invite,
    }
    return render(request, "dialog/workspace_meeting_invitation.html", context)


def _previews(meeting: Meeting, people: Iterable[meeting_invitations.Invited]) -> list[tuple[str, str, str]]:
    """Who gets which subject and text; guests have theirs only if there are any."""
    member = (_("So liest sich die E-Mail an Mitglieder"), *meeting_invitations.preview(meeting, for_guests=False))
    if not any(isinstance(row, Guest) for row in people):
        return [member]
    return [member, (_("So liest sich die E-Mail an Gäste"), *meeting_invitations.preview(meeting, for_guests=True))]


@login_required
def workspace_meeting_invitation_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    """The invitation as the members get it."""
    meeting = _meeting(request, pk)
    return _pdf(meeting_invitations.document(meeting, for_guests=False, at=timezone.now()), "Einladung.pdf")


def _pdf(content: bytes, filename: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{filename}"', "Cache-Control": "private, no-store"},
    )


# ── attendance ──────────────────────────────────────────────────────────────────────────────────────────


@login_required
def workspace_attendance(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who is in the room, guests, and whether the body can decide."""
    meeting = _meeting(request, pk, "dialog.write_minutes")
    guest = GuestForm(request.POST if "guest" in request.POST else None)
    if "guest" in request.POST and guest.is_valid():
        try:
            attendances.add_guest(meeting, by=request.user, at=timezone.now(), **guest.cleaned_data)
        except ValidationError as error:
            guest.add_error(None, error)
        else:
            messages.success(request, _("Der Gast steht auf der Liste."))
            return redirect("workspace_attendance", pk)
    elif request.method == "POST" and {"presence", "deputy"} & set(request.POST):
        # Both buttons belong to one form: what was ticked is kept with either.
        attendances.note(
            meeting, by=request.user, members=_presences(request, "member"), guests=_presences(request, "guest")
        )
        messages.success(request, _("Die Anwesenheit ist gespeichert."))
        for row in attendances.announced_deputies(meeting):
            if request.POST.get("deputy") == row.deputy:
                attendances.receive_deputy(row, by=request.user)
                messages.success(request, _("%(name)s steht als Gast auf der Liste.") % {"name": row.deputy})
        return redirect("workspace_attendance", pk)
    if meeting.state == Meeting.State.PLANNED:
        meeting_invitations.enter_members(meeting)
    minuted = Minutes.objects.filter(meeting=meeting).first()
    is_frozen = minuted is not None and not minuted.is_open
    context = {
        "meeting": meeting,
        "members": meeting.attendances.select_related("person__user"),
        "guests": meeting.guests.all(),
        "deputies": attendances.announced_deputies(meeting),
        "quorum": attendances.quorum(meeting),
        "guest_form": guest,
        "presences": attendances.PRESENCES,
        "may_note": meeting.state != Meeting.State.CANCELLED and not is_frozen,
        "is_frozen": is_frozen,
        "steps": steps.open_to(meeting, request.user),
        "has_begun": meeting.starts_at <= timezone.now(),
    }
    return render(request, "dialog/workspace_attendance.html", context)


def _presences(request: SignedInRequest, kind: str) -> dict[int, str]:
    """Key of the row → presence, from fields named `member-12` or `guest-3`."""
    found = {}
    for name, value in request.POST.items():
        prefix, _dash, pk = name.partition("-")
        if prefix == kind and pk.isdecimal():
            found[int(pk)] = str(value)
    return found


@login_required
def workspace_attendance_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """The list for signatures, as PDF."""
    meeting = _meeting(request, pk, "dialog.write_minutes")
    if meeting.state == Meeting.State.PLANNED:
        meeting_invitations.enter_members(meeting)
    return _pdf(attendances.signature_list(meeting, at=timezone.now()), "Anwesenheitsliste.pdf")
