"""Minutes in the workspace: written live, submitted, corrected, approved, published."""

import datetime as dt
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from dialog.forms.minutes import (
    AdoptForm,
    AnswerForm,
    CorrectionForm,
    DecisionForm,
    IntroductionForm,
    RecommendationForm,
    RectificationForm,
    SubmitForm,
    TaskForm,
    TextForm,
)
from dialog.forms.rendering import add_errors
from dialog.http import SignedInRequest
from dialog.models import (
    AgendaItem,
    Correction,
    Decision,
    Meeting,
    Minutes,
    MinutesEntry,
    Rectification,
    Step,
)
from dialog.services import assignments, decisions, minutes_content, minutes_review, steps
from dialog.services import minutes as service


def _minutes(request: SignedInRequest, pk: int, permission: str = "") -> Minutes:
    """Minutes that the reader may read in full; PermissionDenied without `permission` on them."""
    found = get_object_or_404(
        Minutes.objects.internal_to(request.user).select_related("meeting__body", "approved_in"), pk=pk
    )
    if permission and not request.user.has_perm(permission, found):
        raise PermissionDenied
    return found


def _item(minutes: Minutes, number: int) -> AgendaItem:
    return get_object_or_404(AgendaItem, meeting=minutes.meeting_id, pk=number)


#: What was typed too late stands below this.
FROZEN = gettext_lazy(
    "Die Niederschrift ist inzwischen genehmigt und kann nicht mehr geändert werden. Ihr Text steht noch hier, damit "
    "Sie ihn kopieren können."
)


@login_required
def workspace_minutes(request: SignedInRequest) -> HttpResponse:
    """Every meeting's minutes by what is to be done with them."""
    user, now = request.user, timezone.now()
    rows = Minutes.objects.internal_to(user).select_related("meeting__body").order_by("meeting__starts_at")
    if not (user.has_perm("dialog.enter_workspace") or rows.exists()):
        raise PermissionDenied
    unwritten = Meeting.objects.minuted_by(user).without_minutes(now).select_related("body").order_by("-starts_at")
    states = Minutes.State
    groups = [
        (_("Zu schreiben"), rows.filter(state=states.DRAFT)),
        (_("In Durchsicht"), rows.filter(state=states.IN_REVIEW)),
        (_("Zu veröffentlichen"), rows.filter(state=states.APPROVED)),
        (_("Zuletzt veröffentlicht"), rows.filter(state=states.PUBLISHED).order_by("-published_at")[:15]),
    ]
    return render(request, "dialog/workspace_minutes_list.html", {"unwritten": unwritten[:50], "groups": groups})


@login_required
@require_POST
def minutes_start(request: SignedInRequest, pk: int) -> HttpResponse:
    """Starts the minutes of a meeting, or leads to those that somebody else started."""
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user), pk=pk)
    found = service.start(meeting, by=request.user, at=timezone.now())
    return redirect("workspace_minutes_write", found.pk)


def _items(minutes: Minutes) -> list[dict[str, Any]]:
    """The agenda with all that the minutes keep under each item; as many queries for one item as for thirty."""
    agenda = AgendaItem.objects.filter(meeting=minutes.meeting_id).prefetch_related(
        "decisions", "recommendations", "tasks__assignee"
    )
    entries = {row.agenda_item_id: row for row in minutes.entries.select_related("changed_by__person")}
    corrections: dict[int, list[Correction]] = {}
    for row in minutes.corrections.select_related("proposed_by__person", "person", "guest"):
        corrections.setdefault(row.agenda_item_id, []).append(row)
    return [
        {
            "item": item,
            "entry": entries.get(item.pk),
            "version": entries[item.pk].version if item.pk in entries else 0,
            "corrections": corrections.get(item.pk, []),
        }
        for item in agenda
    ]


@login_required
def minutes_write(request: SignedInRequest, pk: int) -> HttpResponse:
    """The minutes at work: each item's text, decisions, recommendations and tasks, and the next step."""
    minutes = _minutes(request, pk)
    may_write = request.user.has_perm("dialog.write_minutes", minutes)
    introduction = IntroductionForm(request.POST or None, initial={"text": minutes.text})
    status = HTTPStatus.OK
    if request.method == "POST" and introduction.is_valid():
        values = introduction.cleaned_data
        try:
            service.introduce(
                minutes, text=values["text"], seen=request.POST.get("seen", ""), by=request.user, at=timezone.now()
            )
        except ValidationError as error:
            add_errors(introduction, error)
        except TransitionNotAllowed:
            introduction.add_error("text", FROZEN)
            status, minutes = HTTPStatus.CONFLICT, _minutes(request, pk)
        else:
            messages.success(request, _("Gespeichert."))
            return redirect("workspace_minutes_write", pk)
    items = _items(minutes)
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "introduction": introduction,
        "seen": minutes_content.checksum(minutes.text),
        "items": items,
        "asked": [row["item"] for row in items if any(made.state == "proposed" for made in row["corrections"])],
        "may_write": may_write and minutes.is_open,
        "is_writer": may_write,
        "frozen": FROZEN,
        "steps": steps.open_to(minutes, request.user),
        "trace": Step.objects.visible_to(request.user).of(minutes).select_related("by__person"),
        "rectifications": Rectification.objects.visible_to(request.user).filter(minutes=minutes),
    }
    return render(request, "dialog/workspace_minutes.html", context, status=status)


def _state(entry: MinutesEntry) -> dict[str, Any]:
    by = entry.changed_by
    return {
        "version": entry.version,
        "text": entry.text,
        "by": by.get_full_name() if by else "",
        "at": f"{timezone.localtime(entry.changed_at):%H:%M}" if entry.changed_at else "",
    }


@login_required
def minutes_text(request: SignedInRequest, pk: int, item: int) -> HttpResponse:
    """Saves one item's text; a script asks for JSON, without script it is a plain form with the same check."""
    minutes = _minutes(request, pk, "dialog.write_minutes")
    agenda_item = _item(minutes, item)
    as_json = "application/json" in request.headers.get("Accept", "")
    entry = MinutesEntry.objects.filter(minutes=minutes, agenda_item=agenda_item).first()
    if request.method != "POST":
        form = TextForm(initial={"text": entry.text if entry else "", "version": entry.version if entry else 0})
        return _text_page(request, minutes, agenda_item, form)
    form = TextForm(request.POST)
    if not form.is_valid():
        if as_json:
            return JsonResponse({"error": _("Die Angaben sind unvollständig.")}, status=400)
        return _text_page(request, minutes, agenda_item, form, status=400)
    try:
        saved = service.write(
            minutes,
            agenda_item,
            text=form.cleaned_data["text"],
            version=form.cleaned_data["version"],
            by=request.user,
            at=timezone.now(),
        )
    except service.Overtaken as other:
        if as_json:
            return JsonResponse({"theirs": _state(other.entry)}, status=409)
        # Saving once more, after looking at both texts, replaces theirs; it stays among the versions.
        again = TextForm(initial={"text": form.cleaned_data["text"], "version": other.entry.version})
        return _text_page(request, minutes, agenda_item, again, theirs=other.entry, status=409)
    except TransitionNotAllowed:
        if as_json:
            return JsonResponse({"frozen": str(FROZEN)}, status=409)
        return _text_page(request, minutes, agenda_item, form, frozen=FROZEN, status=409)
    except ValidationError as error:
        if as_json:
            return JsonResponse({"error": " ".join(error.messages)}, status=400)
        form.add_error("text", error)
        return _text_page(request, minutes, agenda_item, form, status=400)
    if as_json:
        return JsonResponse(_state(saved))
    messages.success(request, _("Gespeichert."))
    return redirect(f"{_address(minutes)}#top-{agenda_item.pk}")


def _text_page(
    request: SignedInRequest, minutes: Minutes, item: AgendaItem, form: TextForm, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"minutes": minutes, "meeting": minutes.meeting, "item": item, "form": form, **more}
    return render(request, "dialog/workspace_minutes_text.html", context, status=status)


def _address(minutes: Minutes) -> str:
    return reverse("workspace_minutes_write", args=[minutes.pk])


@login_required
@require_GET
def minutes_now(request: SignedInRequest, pk: int) -> HttpResponse:
    """The versions of all items as they stand, for pages that others write beside."""
    minutes = _minutes(request, pk, "dialog.write_minutes")
    rows = minutes.entries.select_related("changed_by__person")
    return JsonResponse({"open": minutes.is_open, "items": {row.agenda_item_id: _state(row) for row in rows}})


@login_required
def minutes_add(request: SignedInRequest, pk: int, item: int, kind: str) -> HttpResponse:
    """A decision, a recommendation or a task from an item."""
    minutes = _minutes(request, pk, "dialog.write_minutes")
    agenda_item = _item(minutes, item)
    data, body, now = request.POST or None, minutes.meeting.body, timezone.now()
    status = HTTPStatus.OK
    form: Any
    if kind == "beschluss":
        form, heading = DecisionForm(data), _("Beschluss festhalten")
    elif kind == "empfehlung":
        form, heading = RecommendationForm(data, user=request.user, body=body), _("Empfehlung festhalten")
    else:
        form, heading = TaskForm(data, body=body), _("Arbeitsauftrag geben")
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            if kind == "beschluss":
                decisions.decide(minutes, agenda_item, by=request.user, at=now, **values)
            elif kind == "empfehlung":
                to: list[Any] = [*values.pop("bodies"), *values.pop("organizations")]
                decisions.recommend(minutes, agenda_item, addressees=to, by=request.user, at=now, **values)
            else:
                assignments.give(body, agenda_item=agenda_item, by=request.user, at=now, **values)
        except ValidationError as error:
            add_errors(form, error)
        except TransitionNotAllowed:
            form.add_error(None, FROZEN)
            status = HTTPStatus.CONFLICT
        else:
            messages.success(request, _("Festgehalten."))
            return redirect(f"{_address(minutes)}#top-{agenda_item.pk}")
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "item": agenda_item,
        "form": form,
        "heading": heading,
        "button": _("Festhalten"),
    }
    return render(request, "dialog/workspace_minutes_form.html", context, status=status)


@login_required
@require_POST
def decision_take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Removes a decision that was noted by mistake."""
    decision = get_object_or_404(Decision.objects.visible_to(request.user).select_related("minutes__meeting"), pk=pk)
    decisions.take_back(decision, by=request.user)
    messages.success(request, _("Der Beschluss ist entfernt."))
    return redirect(f"{_address(decision.minutes)}#top-{decision.agenda_item_id}")


#: Word of the address → step.
STEPS = {
    "durchsicht": "submit",
    "entwurf": "reopen",
    "genehmigung": "approve",
    "beschluss-der-sitzung": "adopt",
    "veroeffentlichung": "publish",
}


@login_required
def minutes_step(request: SignedInRequest, pk: int, word: str) -> HttpResponse:
    """Asks before a step what it needs, shows what it will do, and takes it."""
    minutes = _minutes(request, pk)
    if word not in STEPS:
        raise Http404
    name, now, user = STEPS[word], timezone.now(), request.user
    form: Any = None
    if name == "submit":
        until = timezone.localdate(now) + dt.timedelta(days=service.REVIEW_DAYS)
        form = SubmitForm(request.POST or None, initial={"until": until})
    elif name == "adopt":
        form = AdoptForm(request.POST or None, minutes=minutes, user=user)
    read, error, status = request.POST.get("read", ""), "", HTTPStatus.OK
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            if name == "submit":
                service.submit(minutes, by=user, at=now, until=form.cleaned_data["until"])
            elif name == "reopen":
                service.reopen(minutes, by=user, at=now)
            elif name == "approve":
                service.approve(minutes, by=user, at=now, read=read)
            elif name == "adopt":
                service.approve(minutes, by=user, at=now, read=read, in_meeting=form.cleaned_data["meeting"])
            else:
                service.publish(minutes, by=user, at=now)
        except ValidationError as refusal:
            if form is not None:
                add_errors(form, refusal)
            else:
                error = " ".join(refusal.messages)
        except ConcurrentTransition:
            if name not in CHANGED:
                raise
            # Whoever takes the step now has read what it is about.
            error, status = str(CHANGED[name]), HTTPStatus.CONFLICT
            minutes = _minutes(request, pk)
        else:
            messages.success(request, DONE[name])
            return redirect("workspace_minutes_write", pk)
    if name not in steps.open_to(minutes, user):
        if user.has_perm(PERMISSION_OF[name], minutes):
            raise TransitionNotAllowed(f"{name} does not lead on from {minutes.state}", object=minutes)
        raise PermissionDenied
    shown = {"approve": "full", "adopt": "full", "publish": "public" if minutes.meeting.is_public else "full"}.get(name)
    public = minutes_content.public(minutes) if minutes.meeting.is_public and name != "reopen" else None
    full = minutes_content.full(minutes) if shown == "full" else None
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "step": name,
        "form": form,
        "error": error,
        "read": service.stamp(full) if full else "",
        "reviewers": [*minutes_review.reviewers(minutes.meeting), *minutes_review.guests(minutes.meeting)]
        if name == "submit"
        else [],
        "full": full,
        "public": public if shown == "public" else None,
        "first_names": minutes_content.first_names_in(public, minutes.meeting) if public else [],
    }
    return render(request, "dialog/workspace_minutes_step.html", context, status=status)


READ_AGAIN = gettext_lazy(
    "Der Text wurde inzwischen geändert, und genehmigt ist noch nichts. Unten steht die neue Fassung: Bitte lesen Sie "
    "sie und genehmigen Sie dann."
)
#: What whoever takes a step is told when its text became another one meanwhile.
CHANGED = {
    "approve": READ_AGAIN,
    "adopt": READ_AGAIN,
    "publish": gettext_lazy(
        "Während das PDF entstand, hat jemand etwas an der Sitzung geändert. Es wurde nichts veröffentlicht. Unten "
        "steht die neue Fassung: Bitte lesen Sie sie und veröffentlichen Sie dann."
    ),
}
DONE = {
    "submit": gettext_lazy("Die Niederschrift ist in Durchsicht. Wer dabei war, bekommt eine Nachricht."),
    "reopen": gettext_lazy("Die Niederschrift ist wieder ein Entwurf."),
    "approve": gettext_lazy("Die Niederschrift ist genehmigt."),
    "adopt": gettext_lazy("Die Niederschrift ist genehmigt."),
    "publish": gettext_lazy("Die Niederschrift ist veröffentlicht und ändert sich nicht mehr."),
}
PERMISSION_OF = {
    "submit": "dialog.write_minutes",
    "reopen": "dialog.write_minutes",
    "approve": "dialog.approve_minutes",
    "adopt": "dialog.write_minutes",
    "publish": "dialog.publish_minutes",
}


@login_required
def minutes_correct(request: SignedInRequest, pk: int, item: int) -> HttpResponse:
    """Somebody who was there proposes to say it differently."""
    minutes = _minutes(request, pk, "dialog.correct_minutes")
    agenda_item = _item(minutes, item)
    form, status = CorrectionForm(request.POST or None), HTTPStatus.OK
    if request.method == "POST" and form.is_valid():
        try:
            service.propose(minutes, agenda_item, text=form.cleaned_data["text"], by=request.user, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        except TransitionNotAllowed:
            form.add_error("text", _("Die Durchsicht ist beendet. Ihr Text steht noch hier, damit Sie ihn kopieren."))
            status = HTTPStatus.CONFLICT
        else:
            messages.success(request, _("Danke. Ihr Vorschlag ist angekommen."))
            return redirect("minutes", minutes.meeting_id)
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "item": agenda_item,
        "entry": MinutesEntry.objects.filter(minutes=minutes, agenda_item=agenda_item).first(),
        "form": form,
        "heading": _("Korrektur vorschlagen"),
        "button": _("Vorschlag absenden"),
    }
    return render(request, "dialog/workspace_minutes_form.html", context, status=status)


@login_required
def minutes_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Takes a proposed correction over, or declines it with a word."""
    correction = get_object_or_404(
        Correction.objects.visible_to(request.user).select_related(
            "minutes__meeting__body", "proposed_by__person", "person__user", "guest"
        ),
        pk=pk,
    )
    if not request.user.has_perm("dialog.write_minutes", correction.minutes):
        raise PermissionDenied
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            service.answer(
                correction,
                take_over="take_over" in request.POST,
                answer=form.cleaned_data["answer"],
                by=request.user,
                at=timezone.now(),
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Die Antwort ist gespeichert."))
            return redirect(f"{_address(correction.minutes)}#top-{correction.agenda_item_id}")
    context = {"correction": correction, "minutes": correction.minutes, "form": form}
    return render(request, "dialog/workspace_minutes_answer.html", context)


@login_required
def minutes_versions(request: SignedInRequest, pk: int, item: int) -> HttpResponse:
    """Two versions of an item's text side by side."""
    minutes = _minutes(request, pk, "dialog.write_minutes")
    agenda_item = _item(minutes, item)
    entry = get_object_or_404(MinutesEntry, minutes=minutes, agenda_item=agenda_item)
    versions = list(entry.history.select_related("changed_by__person").order_by("-version"))
    by_number = {str(row.version): row for row in versions}
    new = by_number.get(request.GET.get("neu", ""), versions[0])
    older = [row for row in versions if row.version < new.version]
    old = by_number.get(request.GET.get("alt", ""), older[0] if older else None)
    context = {
        "minutes": minutes,
        "item": agenda_item,
        "versions": versions,
        "old": old,
        "new": new,
        "comparison": service.compare(old.text if old else "", new.text),
    }
    return render(request, "dialog/workspace_minutes_versions.html", context)


@login_required
def minutes_rectify(request: SignedInRequest, pk: int) -> HttpResponse:
    """A dated correction beside published minutes."""
    minutes = _minutes(request, pk, "dialog.publish_minutes")
    form = RectificationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            service.rectify(minutes, by=request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Die Berichtigung steht neben der Niederschrift."))
            return redirect("minutes", minutes.meeting_id)
    context = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "form": form,
        "heading": _("Berichtigung hinzufügen"),
        "button": _("Berichtigung veröffentlichen"),
    }
    return render(request, "dialog/workspace_minutes_form.html", context)
