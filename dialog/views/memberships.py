from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.forms.memberships import ChangeForm, EndForm, JoinForm, ReasonForm, SuccessorForm
from dialog.http import SignedInRequest
from dialog.models import Body, Membership, Step, Term
from dialog.services import memberships, steps


@login_required
def join_body(request: SignedInRequest, slug: str) -> HttpResponse:
    """The form with which a citizen asks to join."""
    body = get_object_or_404(Body.objects.visible_to(request.user), slug=slug)
    mine = body.memberships.filter(
        person__user=request.user, state__in=[Membership.State.REQUESTED, Membership.State.ACTIVE]
    ).first()
    form = JoinForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            memberships.request(body, by=request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Ihr Antrag ist angekommen. Eine Bestätigung ist per E-Mail unterwegs."))
            return redirect("account_page")
    others = Body.objects.joinable().visible_to(request.user).exclude(pk=body.pk)
    context = {"body": body, "form": form, "mine": mine, "others": others}
    return render(request, "dialog/membership_join.html", context)


@login_required
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """The applicant takes a request back, after being asked once."""
    return _own_step(request, pk, "withdraw", memberships.withdraw, _("Ihr Antrag ist zurückgezogen."))


@login_required
def leave(request: SignedInRequest, pk: int) -> HttpResponse:
    """A member leaves, after being asked once; the only chair is asked who follows."""
    return _own_step(request, pk, "leave", memberships.leave, _("Ihre Mitgliedschaft ist beendet."))


def _own_step(request: SignedInRequest, pk: int, name: str, service: Any, done: str) -> HttpResponse:
    membership = get_object_or_404(Membership.objects.filter(person__user=request.user).select_related("body"), pk=pk)
    successors = memberships.possible_successors(membership) if name == "leave" else []
    form = SuccessorForm(request.POST if request.method == "POST" else None, successors=successors)
    if request.method == "POST" and form.is_valid():
        service(membership, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, done)
        return redirect("account_page")
    if name not in steps.open_to(membership, request.user):
        return redirect("account_page")
    return render(request, f"dialog/membership_{name}.html", {"membership": membership, "form": form})


@login_required
def name_public(request: SignedInRequest, pk: int) -> HttpResponse:
    """Gives or takes back the consent to be named on the body's page."""
    membership = get_object_or_404(Membership.objects.active().filter(person__user=request.user), pk=pk)
    if request.method == "POST":
        wanted = request.POST.get("name_public") == "on"
        memberships.set_name_public(membership, wanted, by=request.user, at=timezone.now())
        messages.success(request, _("Ihre Entscheidung ist gespeichert."))
    return redirect("consents")


@login_required
def requests(request: SignedInRequest) -> HttpResponse:
    """Requests that wait for this account's decision."""
    if not request.user.has_perm("dialog.lead_body"):
        raise PermissionDenied
    waiting = Membership.objects.to_decide(request.user).select_related("body", "person", "organization")
    return render(request, "dialog/workspace_requests.html", {"requests": waiting})


@login_required
def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """One request: who, what they say; accept, or decline with a reason."""
    membership = get_object_or_404(
        Membership.objects.visible_to(request.user).select_related("body", "person", "organization"), pk=pk
    )
    if not request.user.has_perm("dialog.decide_membership", membership):
        raise PermissionDenied
    form = ReasonForm(request.POST if "decline" in request.POST else None)
    now = timezone.now()
    if request.method == "POST" and "accept" in request.POST:
        memberships.accept(membership, by=request.user, at=now)
        messages.success(request, _("Angenommen. Die Person bekommt eine Nachricht."))
        return redirect("workspace_requests")
    if "decline" in request.POST and form.is_valid():
        memberships.decline(membership, by=request.user, at=now, **form.cleaned_data)
        messages.success(request, _("Abgelehnt. Die Person bekommt eine Nachricht mit Ihrer Begründung."))
        return redirect("workspace_requests")
    context = {
        "membership": membership,
        "form": form,
        "steps": steps.open_to(membership, request.user),
        "trace": Step.objects.visible_to(request.user).of(membership).select_related("by__person"),
    }
    return render(request, "dialog/workspace_request.html", context)


@login_required
def workspace_membership(request: SignedInRequest, pk: int) -> HttpResponse:
    """One membership with its history; the planning group gives it another role, or ends it and says why."""
    membership = get_object_or_404(
        Membership.objects.visible_to(request.user)
        .select_related("body", "person__user", "organization", "seat")
        .prefetch_related("terms__organization"),
        pk=pk,
    )
    if not request.user.has_perm("dialog.change_membership", membership):
        raise PermissionDenied
    successors = memberships.possible_successors(membership)
    change_form = ChangeForm(
        request.POST if "change" in request.POST else None,
        body=membership.body,
        user=request.user,
        successors=successors,
        initial={"role": membership.role, "organization": membership.organization, "seat": membership.seat},
    )
    # Both forms ask who follows; on one page each field has its own id.
    end_form = EndForm(request.POST if "end" in request.POST else None, successors=successors, auto_id="ende_%s")
    for form, service, done in (
        (change_form, memberships.change, _("Die Änderung ist gespeichert.")),
        (end_form, memberships.end, _("Die Mitgliedschaft ist beendet. Die Person bekommt eine Nachricht.")),
    ):
        if form.is_valid():
            try:
                service(membership, by=request.user, at=timezone.now(), **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, done)
                return redirect("workspace_membership", pk)
    context = {
        "membership": membership,
        "change_form": change_form,
        "end_form": end_form,
        "steps": steps.open_to(membership, request.user),
        "terms": Term.objects.visible_to(request.user).filter(membership=membership).select_related("organization"),
        "trace": Step.objects.visible_to(request.user).of(membership).select_related("by__person"),
    }
    return render(request, "dialog/workspace_membership.html", context)
