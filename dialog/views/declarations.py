"""Declarations, who joined them, and how an institution asks to join."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.forms.memberships import ReasonForm
from dialog.forms.people import PublishSignatureForm, SignatureForm
from dialog.http import SignedInRequest
from dialog.models import Declaration, Signature, Step
from dialog.services import declarations as service
from dialog.services import steps

#: So many decisions stand below what waits.
DECIDED = 20


def declarations(request: HttpRequest) -> HttpResponse:
    """All declarations, the latest first."""
    joined = Count("signatures", filter=Q(signatures__state=Signature.State.PUBLISHED))
    rows = Declaration.objects.visible_to(request.user).annotate(signature_count=joined)
    return render(request, "dialog/declaration_list.html", {"declarations": rows})


def declaration(request: HttpRequest, slug: str) -> HttpResponse:
    """The text, and who joined it since when."""
    declaration = get_object_or_404(Declaration.objects.visible_to(request.user).select_related("process"), slug=slug)
    rows = Signature.objects.visible_to(request.user).filter(declaration=declaration).select_related("organization")
    asked = rows.requested().filter(person__user=request.user) if request.user.is_authenticated else rows.none()
    context = {"declaration": declaration, "signatures": rows.published(), "asked": asked}
    return render(request, "dialog/declaration_detail.html", context)


@login_required
def sign(request: SignedInRequest, slug: str) -> HttpResponse:
    """The form with which an institution asks to join a declaration."""
    declaration = get_object_or_404(Declaration.objects.visible_to(request.user), slug=slug)
    form = SignatureForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            service.request(declaration, by=request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Ihr Wunsch ist angekommen. Die Planungsgruppe prüft ihn und antwortet Ihnen."))
            return redirect(declaration)
    return render(request, "dialog/declaration_sign.html", {"declaration": declaration, "form": form})


@login_required
def signatures(request: SignedInRequest) -> HttpResponse:
    """Institutions that wait to be verified, the oldest first; below what was decided last."""
    if not request.user.has_perm("dialog.decide_signature"):
        raise PermissionDenied
    rows = Signature.objects.visible_to(request.user).select_related("organization", "declaration", "person")
    context = {
        "waiting": rows.requested(),
        "decided": rows.exclude(state=Signature.State.REQUESTED).order_by("-pk")[:DECIDED],
    }
    return render(request, "dialog/workspace_signatures.html", context)


@login_required
def signature(request: SignedInRequest, pk: int) -> HttpResponse:
    """One request: publish it, or decline it with a reason."""
    found = get_object_or_404(
        Signature.objects.visible_to(request.user).select_related("organization", "declaration", "person__user"), pk=pk
    )
    if not request.user.has_perm("dialog.decide_signature", found):
        raise PermissionDenied
    publish_form = PublishSignatureForm(request.POST if "publish" in request.POST else None)
    decline_form = ReasonForm(request.POST if "decline" in request.POST else None)
    now = timezone.now()
    if publish_form.is_valid():
        service.publish(found, by=request.user, at=now, **publish_form.cleaned_data)
        messages.success(request, _("Der Beitritt ist veröffentlicht."))
        return redirect("workspace_signatures")
    if decline_form.is_valid():
        service.decline(found, by=request.user, at=now, **decline_form.cleaned_data)
        messages.success(request, _("Abgelehnt. Die Person bekommt eine Nachricht mit Ihrer Begründung."))
        return redirect("workspace_signatures")
    context = {
        "signature": found,
        "publish_form": publish_form,
        "decline_form": decline_form,
        "steps": steps.open_to(found, request.user),
        "trace": Step.objects.visible_to(request.user).of(found).select_related("by__person"),
    }
    return render(request, "dialog/workspace_signature.html", context)
