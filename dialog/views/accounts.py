from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from dialog.forms.people import PreferencesForm
from dialog.http import SignedInRequest
from dialog.models import Attendance, Meeting, Membership, Task
from dialog.services import meeting_invitations, people, preferences


@login_required
def account_page(request: SignedInRequest) -> HttpResponse:
    """My page: groups and requests, what comes next, how I sign in."""
    mine = Membership.objects.visible_to(request.user).filter(person__user=request.user)
    mine = mine.select_related("body", "organization")
    open_states = [Membership.State.REQUESTED, Membership.State.ACTIVE]
    now = timezone.now()
    own = Attendance.objects.visible_to(request.user).filter(person__user=request.user, meeting__starts_at__gt=now)
    context = {
        "invitations": {row.meeting_id: (row, meeting_invitations.answer_path(row)) for row in own.invited()},
        "memberships": mine.filter(state__in=open_states).order_by("body__position"),
        "past": mine.exclude(state__in=open_states).order_by("-ends_on", "-requested_at")[:20],
        "meetings": Meeting.objects.visible_to(request.user)
        .coming(now)
        .filter(body__memberships__in=mine.active())
        .select_related("body")
        .distinct()[:10],
        "tasks": Task.objects.visible_to(request.user)
        .filter(assignee__user=request.user, done_on=None)
        .select_related("body"),
    }
    return render(request, "dialog/account.html", context)


@login_required
def mail_preferences(request: SignedInRequest) -> HttpResponse:
    """Which mails this account wants, and how often."""
    person = people.of(request.user)
    form = PreferencesForm(request.POST or None, initial=preferences.of(person))
    if request.method == "POST" and form.is_valid():
        preferences.choose(person, form.cleaned_data)
        messages.success(request, _("Ihre Wünsche sind gespeichert."))
        return redirect("mail_preferences")
    waiting = person.digest_entries.visible_to(request.user).count()
    return render(request, "dialog/mail_preferences.html", {"form": form, "waiting": waiting})


# A mail program posts here on its own (RFC 8058): it has no form of ours, and the signed token says who asks.
@csrf_exempt
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ends one kind of mail by one click, without signing in; opening the page alone ends nothing."""
    found = preferences.from_token(token)
    if found is None:
        return render(request, "dialog/unsubscribe.html", {"unknown": True}, status=404)
    person, category = found
    if request.method == "POST":
        preferences.choose(person, {category: preferences.Rhythm.NONE})
    context = {"category": category.label, "done": request.method == "POST"}
    return render(request, "dialog/unsubscribe.html", context)
