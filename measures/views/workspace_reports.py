"""The report in the workspace: its year on one page, each step, its texts."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dialog.http import SignedInRequest
from dialog.models import JobRun, Step
from dialog.services import steps
from measures.forms import reports as report_forms
from measures.models import CouncilReport, ReportEdition, ReportText
from measures.services import editions, report_cycle, report_texts
from measures.services import reports as service


@login_required
def workspace_reports(request: SignedInRequest) -> HttpResponse:
    """The reports with their state, and the form that opens a new one."""
    if not (_makes(request) or request.user.has_perm("measures.approve_report")):
        raise PermissionDenied
    form = report_forms.ReportForm(request.POST or None, today=timezone.localdate())
    if request.method == "POST" and not _makes(request):
        raise PermissionDenied
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(service.start(form.cleaned_data["year"], by=request.user, at=timezone.now()))
        except ValidationError as error:
            form.add_error("year", error)
    found = CouncilReport.objects.visible_to(request.user).select_related("document").defer("content")
    return render(request, "measures/workspace_reports.html", {"form": form, "reports": found})


@login_required
def workspace_report(request: SignedInRequest, year: int) -> HttpResponse:
    """One report's year: what is done, what is missing, what comes next."""
    report = _report(request, year)
    user, today = request.user, timezone.localdate()
    makes = _makes(request)
    context: dict[str, Any] = {
        "report": report,
        "stages": report_cycle.stages(report),
        "words": report_cycle.words(report, user),
        "texts": report_cycle.texts(report) if makes else [],
        "quiet": list(report_cycle.without_news(report)[:30]) if makes and report.is_draft else [],
        "unasked": list(report_cycle.without_contact()[:30]) if makes and report.is_draft else [],
        "provisional": service.is_provisional(report),
        "cutoff": service.planned_cutoff(report),
        "deadline_passed": bool(report.consultation_until and report.consultation_until < today),
        "editions": ReportEdition.objects.visible_to(user)
        .filter(report=report)
        .select_related("document")
        .defer("snapshot"),
        "jobs": JobRun.objects.visible_to(user).filter(key=f"council_report:{year}")[:5],
        "steps": [(name, STEPS[name]) for name in _open_steps(report, user)],
        "trace": Step.objects.visible_to(user).of(report).select_related("by__person"),
        "makes": makes,
    }
    return render(request, "measures/workspace_report.html", context)


@login_required
@permission_required("measures.make_report", raise_exception=True)
def workspace_report_dates(request: SignedInRequest, year: int) -> HttpResponse:
    """The dates of the year's cycle."""
    report = _report(request, year)
    form = report_forms.DatesForm(
        request.POST or None, instance=report, initial={"cutoff_planned": service.planned_cutoff(report)}
    )
    if request.method == "POST" and form.is_valid():
        try:
            report_cycle.plan(report, by=request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Die Termine sind gespeichert."))
            return redirect("workspace_report", year)
    return render(request, "measures/workspace_report_dates.html", {"report": report, "form": form})


@dataclass(frozen=True)
class ReportStep:
    """How a step is asked for on its page."""

    title: Promise
    what_happens: Promise
    done: Promise
    form: type[forms.Form]
    service: Any
    is_main: bool = True


STEPS: dict[str, ReportStep] = {
    "gather": ReportStep(
        gettext_lazy("Sachstände erbitten"),
        gettext_lazy("Alle Ansprechpersonen bekommen eine E-Mail mit ihren laufenden Maßnahmen."),
        gettext_lazy("Die Ansprechpersonen sind um ihre Sachstände gebeten."),
        report_forms.GatherForm,
        report_cycle.gather,
    ),
    "consult": ReportStep(
        gettext_lazy("Den Arbeitsgruppen vorlegen"),
        gettext_lazy(
            "Die Leitungen der Arbeitsgruppen bekommen eine E-Mail mit dem Weg zum Entwurf und zur Stellungnahme. "
            "Wer bis zum Ende der Frist schweigt, steht im Bericht unter „keine Stellungnahme“."
        ),
        gettext_lazy("Der Entwurf liegt den Arbeitsgruppen vor."),
        report_forms.ConsultForm,
        report_cycle.consult,
    ),
    "freeze": ReportStep(
        gettext_lazy("Feststellen"),
        gettext_lazy(
            "Der Bericht wird mit dem Stand des Stichtags und allen Stellungnahmen zusammengestellt, mit einer "
            "Prüfsumme versehen und ändert sich danach nicht mehr."
        ),
        gettext_lazy("Der Bericht wird festgestellt."),
        report_forms.StepForm,
        editions.start_freezing,
    ),
    "approve": ReportStep(
        gettext_lazy("Freigeben"),
        gettext_lazy("Mit der Freigabe durch die Steuerungsgruppe kann der Bericht an den Rat gehen."),
        gettext_lazy("Der Bericht ist freigegeben."),
        report_forms.StepForm,
        report_cycle.approve,
    ),
    "hand_over": ReportStep(
        gettext_lazy("Dem Rat vorlegen"),
        gettext_lazy(
            "Die Mitglieder des Rates bekommen den Bericht als PDF per E-Mail, und ab sofort können ihn alle im Portal "
            "lesen. Danach führt kein Weg zurück; Fehler werden in einer neuen Ausgabe berichtigt."
        ),
        gettext_lazy("Der Bericht liegt dem Rat vor."),
        report_forms.HandOverForm,
        report_cycle.hand_over,
    ),
    "note": ReportStep(
        gettext_lazy("Behandlung im Rat eintragen"),
        gettext_lazy("Wann hat der Rat den Bericht behandelt, und mit welchem Ergebnis?"),
        gettext_lazy("Die Behandlung im Rat ist eingetragen."),
        report_forms.NoteForm,
        report_cycle.note,
    ),
    "correct": ReportStep(
        gettext_lazy("Berichtigen"),
        gettext_lazy(
            "Der Bericht wird mit dem Stand seines Stichtags neu zusammengestellt und erscheint sofort als nächste "
            "Ausgabe. Die bisherige Ausgabe bleibt lesbar; die Mitglieder des Rates bekommen eine E-Mail."
        ),
        gettext_lazy("Die berichtigte Ausgabe wird erstellt."),
        report_forms.CorrectForm,
        editions.start_correcting,
        is_main=False,
    ),
    "go_back": ReportStep(
        gettext_lazy("Einen Schritt zurückgehen"),
        gettext_lazy(
            "Der Bericht kommt in den Stand davor. Wer wann warum zurückgegangen ist, bleibt im Verlauf stehen."
        ),
        gettext_lazy("Der Bericht ist einen Schritt zurückgegangen."),
        report_forms.GoBackForm,
        report_cycle.go_back,
        is_main=False,
    ),
}


@login_required
def workspace_report_step(request: SignedInRequest, year: int, name: str) -> HttpResponse:
    """Says what a step does and asks for what it needs; then takes it."""
    report = _report(request, year)
    if name not in STEPS:
        raise Http404
    step = STEPS[name]
    if request.method != "POST" and name not in _open_steps(report, request.user):
        return redirect("workspace_report", year)
    form = step.form(request.POST if request.method == "POST" else None, initial=_known(report))
    if request.method == "POST" and form.is_valid():
        try:
            result = step.service(report, by=request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, str(step.done))
            return redirect(result) if isinstance(result, JobRun) else redirect("workspace_report", year)
    return render(
        request, "measures/workspace_report_step.html", {"report": report, "step": step, "name": name, "form": form}
    )


@login_required
@permission_required("measures.make_report", raise_exception=True)
def workspace_report_text(request: SignedInRequest, year: int, kind: str) -> HttpResponse:
    """One text, saved while it is typed; if somebody else saved meanwhile, both texts are shown and none is lost."""
    report = _report(request, year)
    if kind not in ReportText.Kind.values:
        raise Http404
    row = ReportText.objects.visible_to(request.user).filter(report=report, kind=kind).first()
    row = row or ReportText(report=report, kind=kind)
    form = report_forms.TextForm(request.POST or None, initial={"text": row.text, "version": row.version})
    theirs = None
    if request.method == "POST" and form.is_valid():
        try:
            row = report_texts.save(report, kind, by=request.user, at=timezone.now(), **form.cleaned_data)
        except report_texts.Overtaken as overtaken:
            theirs = overtaken.current
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if not request.htmx:  # type: ignore[attr-defined]
                messages.success(request, _("Der Text ist gespeichert."))
                return redirect("workspace_report", year)
    context = {"report": report, "text": row, "form": form, "theirs": theirs, "is_open": report.is_draft}
    template = "measures/workspace_report_text.html"
    if request.htmx:  # type: ignore[attr-defined]
        template += "#state"
    return render(request, template, context)


def _makes(request: SignedInRequest) -> bool:
    return request.user.has_perm("measures.make_report")


def _report(request: SignedInRequest, year: int) -> CouncilReport:
    """The report, for those who make it and who approve it."""
    if not (_makes(request) or request.user.has_perm("measures.approve_report")):
        raise PermissionDenied
    visible = CouncilReport.objects.visible_to(request.user).select_related("document")
    return get_object_or_404(visible, year=year)


def _open_steps(report: CouncilReport, user: Any) -> list[str]:
    """What `user` may do with the report now, in the order of the way."""
    lawful = steps.open_to(report, user)
    if report.is_published and user.has_perm("measures.publish_report", report):
        lawful.add("correct")
    return [name for name in STEPS if name in lawful]


def _known(report: CouncilReport) -> dict[str, Any]:
    """What the forms of the steps can say by themselves."""
    names = ("updates_until", "consultation_until", "council_on", "paper_number")
    return {"noted_on": report.council_on, **{name: getattr(report, name) for name in names}}
