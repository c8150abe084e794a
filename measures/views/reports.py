"""The yearly reports to the council: for everyone to read, and in the workspace to make and to publish."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.http import SignedInRequest
from dialog.models import JobRun
from measures.forms.reports import ReportForm
from measures.models import CouncilReport
from measures.services import reports as service


def reports(request: HttpRequest) -> HttpResponse:
    """All years that have a report."""
    found = CouncilReport.objects.visible_to(request.user).exclude(generated_at=None).select_related("document")
    return render(request, "measures/report_list.html", {"reports": found.defer("content")})


def report(request: HttpRequest, year: int) -> HttpResponse:
    """One report as a page, from the same content as its PDF."""
    found = _report(request, year, generated_at__isnull=False)
    return render(
        request, "measures/report_detail.html", {"report": found, **service.context(found.content, paper=False)}
    )


@login_required
@permission_required("measures.make_report", raise_exception=True)
def workspace_reports(request: SignedInRequest) -> HttpResponse:
    """The reports with their state, and the form that starts a new one."""
    form = ReportForm(request.POST or None, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(service.start(form.cleaned_data["year"], by=request.user, at=timezone.now()))
        except ValidationError as error:
            form.add_error("year", error)
    found = CouncilReport.objects.visible_to(request.user).select_related("document").defer("content")
    return render(request, "measures/workspace_reports.html", {"form": form, "reports": found})


@login_required
@permission_required("measures.make_report", raise_exception=True)
def workspace_report(request: SignedInRequest, year: int) -> HttpResponse:
    """One report: what there is of it, and what comes next."""
    found = _report(request, year)
    jobs = JobRun.objects.visible_to(request.user).filter(key=f"council_report:{year}")
    context = {"report": found, "provisional": service.is_provisional(found), "jobs": jobs[:5]}
    return render(request, "measures/workspace_report.html", context)


@login_required
@permission_required("measures.publish_report", raise_exception=True)
def workspace_report_publish(request: SignedInRequest, year: int) -> HttpResponse:
    """Asks once more, then publishes the report; what is published stays."""
    found = _report(request, year)
    if request.method != "POST":
        return render(request, "measures/workspace_report_publish.html", {"report": found})
    try:
        service.publish(found, by=request.user, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("workspace_report", year)
    messages.success(request, _("Der Bericht ist veröffentlicht."))
    return redirect(found)


def _report(request: HttpRequest, year: int, **conditions: Any) -> CouncilReport:
    visible = CouncilReport.objects.visible_to(request.user).select_related("document")
    return get_object_or_404(visible, year=year, **conditions)
