"""Pages that the operator answers for, their texts in the workspace, and the barriers that readers report."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dialog.forms.pages import BarrierAnswerForm, BarrierForm, SitePageForm
from dialog.forms.rendering import add_errors
from dialog.http import SignedInRequest
from dialog.models import BarrierReport, SitePage
from dialog.services import barriers
from dialog.services import pages as service

Kind = SitePage.Kind


def page(request: HttpRequest, kind: str) -> HttpResponse:
    """A page with the operator's text, else with the portal's."""
    text = service.text(kind)
    context = {"kind": Kind(kind), "text": service.rendered(text), "has_gaps": service.has_gaps(text)}
    return render(request, "dialog/site_page.html", context)


def report_barrier(request: HttpRequest) -> HttpResponse:
    """The form to report a barrier (Directive (EU) 2016/2102, Article 7); a page of its own, as forms set a cookie."""
    # Only the portal's own pages are named beforehand; whoever comes from elsewhere comes from nowhere.
    referrer = request.META.get("HTTP_REFERER", "")
    is_own = url_has_allowed_host_and_scheme(referrer, {request.get_host()}) and Kind.ACCESSIBILITY not in referrer
    address = referrer if is_own else ""
    form = BarrierForm(request.POST or None, request=request, initial={"address": address})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        barriers.report(text=data["text"], address=data["address"], email=data["email"], at=timezone.now())
        return redirect("barrier_reported")
    return render(request, "dialog/report_barrier.html", {"form": form})


def barrier_reported(request: HttpRequest) -> HttpResponse:
    """Says that the report has arrived and what happens next."""
    return render(request, "dialog/barrier_reported.html")


@login_required
def workspace_pages(request: SignedInRequest) -> HttpResponse:
    """The pages that every public site needs: whose text stands there, and what is still to be filled in."""
    if not request.user.has_perm("dialog.edit_pages"):
        raise PermissionDenied
    own = dict(SitePage.objects.values_list("kind", "text"))
    rows = [
        {"kind": kind, "is_own": kind in own, "has_gaps": service.has_gaps(own.get(kind) or service.own_text(kind))}
        for kind in Kind
    ]
    return render(request, "dialog/workspace_pages.html", {"rows": rows})


@login_required
def workspace_page(request: SignedInRequest, kind: str) -> HttpResponse:
    """One page's text: preview, save, earlier versions."""
    if kind not in Kind.values:
        raise Http404
    if not request.user.has_perm("dialog.edit_pages"):
        raise PermissionDenied
    versions = SitePage.history.filter(kind=kind).exclude(history_type="-").select_related("history_user__person")
    wanted = request.GET.get("fassung", "")
    version = get_object_or_404(versions, pk=wanted) if wanted.isdecimal() else None
    form = SitePageForm(request.POST or None, initial={"text": version.text if version else service.text(kind)})
    preview = None
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            preview = service.rendered(form.cleaned_data["text"])
        else:
            try:
                service.write(kind, form.cleaned_data["text"], by=request.user)
            except ValidationError as error:
                add_errors(form, error)
            else:
                messages.success(request, _("Der Text steht auf der Seite."))
                return redirect(Kind(kind).address)
    context = {
        "kind": Kind(kind),
        "form": form,
        "preview": preview,
        "versions": versions[:20],
        "version": version,
        "is_own": SitePage.objects.filter(kind=kind).exists(),
    }
    return render(request, "dialog/workspace_page.html", context)


@login_required
@require_POST
def restore_page(request: SignedInRequest, kind: str) -> HttpResponse:
    """Puts the portal's own text back."""
    if kind not in Kind.values:
        raise Http404
    service.restore(kind, by=request.user)
    messages.success(
        request, _("Auf der Seite steht wieder die Vorlage. Ihr Text bleibt unter den früheren Fassungen.")
    )
    return redirect("workspace_page", kind)


@login_required
def workspace_barriers(request: SignedInRequest) -> HttpResponse:
    """Reported barriers: those without an answer, and the latest of the others."""
    if not request.user.has_perm("dialog.answer_barrier"):
        raise PermissionDenied
    found = BarrierReport.objects.visible_to(request.user)
    context = {"waiting": found.unanswered(), "answered": found.exclude(done_at=None)[:30]}
    return render(request, "dialog/workspace_barriers.html", context)


@login_required
def workspace_barrier(request: SignedInRequest, pk: int) -> HttpResponse:
    """One reported barrier, and the answer to it."""
    barrier = get_object_or_404(BarrierReport.objects.visible_to(request.user).select_related("done_by"), pk=pk)
    form = BarrierAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            barriers.answer(barrier, form.cleaned_data["text"], by=request.user, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Die Antwort ist notiert."))
            return redirect("workspace_barriers")
    return render(request, "dialog/workspace_barrier.html", {"barrier": barrier, "form": form})
