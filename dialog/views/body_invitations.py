"""Invitations into a body: sent in the workspace, answered by their link."""

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from dialog.forms.memberships import AnswerForm, InviteForm
from dialog.http import SignedInRequest
from dialog.models import Body, BodyInvitation
from dialog.services import body_invitations


@login_required
def invite(request: SignedInRequest, slug: str) -> HttpResponse:
    """Asks somebody by mail to join; below it, who was asked before."""
    body = get_object_or_404(Body.objects.visible_to(request.user), slug=slug)
    if not request.user.has_perm("dialog.invite_member", body):
        raise PermissionDenied
    form = InviteForm(request.POST or None, body=body, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            body_invitations.invite(body, by=request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Die Einladung ist unterwegs."))
            return redirect("workspace_invite", slug)
    sent = BodyInvitation.objects.visible_to(request.user).filter(body=body).select_related("organization")[:50]
    return render(request, "dialog/workspace_invite.html", {"body": body, "form": form, "sent": sent})


@login_required
@require_POST
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """Takes an invitation back."""
    invitation = get_object_or_404(BodyInvitation.objects.visible_to(request.user).select_related("body"), pk=pk)
    body_invitations.revoke(invitation, by=request.user, at=timezone.now())
    messages.success(request, _("Die Einladung ist zurückgenommen; ihr Link gilt nicht mehr."))
    return redirect("workspace_invite", invitation.body.slug)


@never_cache
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """What the link of an invitation shows: accept, decline, or why that is not possible (any more)."""
    now = timezone.now()
    invitation = body_invitations.by_token(token, now)
    if invitation is None:
        return render(request, "dialog/body_invitation.html", {"problem": "unknown"}, status=404)
    problem = "" if invitation.state == BodyInvitation.State.OPEN else invitation.state
    owner = body_invitations.account_of(invitation)
    signed_in = request.user if request.user.is_authenticated else None
    if not problem and signed_in and signed_in != owner:
        problem = "somebody_else"
    elif not problem and owner and not signed_in:
        problem = "sign_in"
    context: dict[str, Any] = {"invitation": invitation, "problem": problem}
    # Saying no needs no account; saying yes is for whom the invitation is meant.
    if request.method == "POST" and "decline" in request.POST and problem in {"", "sign_in"}:
        body_invitations.decline(invitation, at=now)
        return render(request, "dialog/body_invitation.html", {"invitation": invitation, "problem": "declined"})
    if not problem:
        form = AnswerForm(request.POST if "accept" in request.POST else None, with_name=owner is None)
        if form.is_valid() and (done := _accept(request, invitation, form, now)):
            return done
        context["form"] = form
    return render(request, "dialog/body_invitation.html", context, status=403 if problem == "somebody_else" else 200)


def _accept(request: HttpRequest, invitation: BodyInvitation, form: AnswerForm, now: Any) -> HttpResponse | None:
    by = request.user if request.user.is_authenticated else None
    try:
        membership = body_invitations.accept(invitation, by=by, at=now, **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return None
    if by is None and (user := membership.person.user):
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        UserSession.objects.create_from_request(request)
    messages.success(request, _("Willkommen! Sie gehören jetzt dazu: %(body)s") % {"body": invitation.body.full_name})
    return redirect("account_page")
