from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_fsm import ConcurrentTransition

from dialog.forms.rendering import add_errors
from dialog.http import SignedInRequest
from measures.forms.progress import GiveBackForm, ProgressForm
from measures.models import Measure, ProgressDraft, ProgressUpdate, ResolutionPoint
from measures.services import progress


@login_required
def workspace_measures(request: SignedInRequest) -> HttpResponse:
    """The measures and points whose news this account writes, the longest silent first."""
    today = timezone.localdate()
    rows = Measure.objects.updatable_by(request.user)
    points = ResolutionPoint.objects.visible_to(request.user).updatable_by(request.user)
    if not (request.user.has_perm("dialog.enter_workspace") or rows.exists() or points.exists()):
        raise PermissionDenied
    due = rows.news_due(today)
    if only_due := request.GET.get("nur") == "faellig":
        rows = due
    context = {
        "measures": _listed(rows),
        "all": Measure.objects.updatable_by(request.user).count(),
        "due": due.count(),
        "only_due": only_due,
        "to_check": ProgressDraft.objects.visible_to(request.user).submitted().select_related("measure", "by__person"),
        "points": [] if request.user.runs_the_process else points.select_related("resolution"),
    }
    return render(request, "measures/workspace_measures.html", context)


def _listed(rows: QuerySet) -> QuerySet:
    today = timezone.localdate()
    return rows.with_standing(today).with_freshness(today).select_related("lead", "draft")  # type: ignore[attr-defined]


def _measure(request: SignedInRequest, number: str) -> Measure:
    measure = get_object_or_404(Measure.objects.visible_to(request.user).select_related("lead"), number=number)
    if not request.user.has_perm("measures.update_measure", measure):
        raise PermissionDenied
    return measure


@login_required
def workspace_progress(request: SignedInRequest, number: str) -> HttpResponse:
    """One form for one measure's news; it keeps a draft, and of two people at once tells the second."""
    measure = _measure(request, number)
    draft = ProgressDraft.objects.visible_to(request.user).filter(measure=measure).select_related("by__person").first()
    form = ProgressForm(request.POST if request.method == "POST" else None, measure=measure, draft=draft)
    now = timezone.now()
    if request.method == "POST" and "save" in request.POST:
        try:
            progress.save_draft(measure, form.typed(), version=form.taken_from()["version"], by=request.user, at=now)
        except ValidationError as error:
            form.is_valid()
            add_errors(form, error)
        else:
            messages.success(request, _("Der Entwurf ist gespeichert. Noch sieht ihn nur, wer mitarbeitet."))
            return redirect("workspace_progress", number)
    elif request.method == "POST" and form.is_valid():
        known = form.taken_from()
        values = {name: value for name, value in form.cleaned_data.items() if name not in known}
        try:
            update = progress.report(measure, values, **known, by=request.user, at=now)
        except ValidationError as error:
            add_errors(form, error)
            form.now_seen(measure)
        except ConcurrentTransition:
            form.add_error(
                None, _("Jemand anderes hat die Maßnahme gerade geändert. Bitte versuchen Sie es noch einmal.")
            )
        else:
            if update is None:
                messages.success(
                    request, _("Vielen Dank! Die Planungsgruppe sieht den Sachstand durch und veröffentlicht ihn dann.")
                )
                return redirect("workspace_measures")
            messages.success(request, _("Der Sachstand ist veröffentlicht. Vielen Dank!"))
            return redirect(measure)
    context = {
        "measure": measure,
        "form": form,
        "draft": draft,
        "version": form["version"].value() or 0,
        "freshness": measure.freshness_on(timezone.localdate()),
        "checked": progress.needs_check(request.user),
        "may_give_back": draft and draft.submitted_at and request.user.has_perm("measures.run_measure", measure),
        "give_back_form": GiveBackForm(auto_id="zurueck_%s"),
        "updates": ProgressUpdate.objects.visible_to(request.user).filter(measure=measure)[:3],
    }
    return render(request, "measures/workspace_progress.html", context)


@login_required
@require_POST
def workspace_progress_draft(request: SignedInRequest, number: str) -> HttpResponse:
    """Keeps what is being typed; the page itself sends it and shows the answer: saved when, or why not."""
    measure = _measure(request, number)
    form = ProgressForm(request.POST, measure=measure)
    known = form.taken_from()
    try:
        draft = progress.save_draft(measure, form.typed(), version=known["version"], by=request.user, at=timezone.now())
    except ValidationError as error:
        theirs = ProgressDraft.objects.visible_to(request.user).filter(measure=measure).first()
        context = {
            "refused": " ".join(error.messages),
            "theirs": theirs,
            "version": theirs.version if theirs else known["version"],
        }
    else:
        context = {"draft": draft, "version": draft.version}
    return render(request, "measures/progress_draft_state.html", context)


@login_required
@require_POST
def workspace_progress_give_back(request: SignedInRequest, number: str) -> HttpResponse:
    """The planning group asks for a change before it publishes."""
    draft = get_object_or_404(
        ProgressDraft.objects.visible_to(request.user).submitted().select_related("measure", "by__person"),
        measure__number=number,
    )
    form = GiveBackForm(request.POST)
    if form.is_valid():
        progress.give_back(draft, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Zurückgegeben. Wer es geschrieben hat, bekommt Ihren Hinweis per E-Mail."))
        return redirect("workspace_measures")
    messages.error(request, _("Bitte sagen Sie, was noch fehlt."))
    return redirect("workspace_progress", number)
