from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from dialog.forms.accounts import CloseForm, LanguageForm
from dialog.forms.people import PreferencesForm
from dialog.http import SignedInRequest
from dialog.models import Attendance, Meeting, Membership, Task
from dialog.services import meeting_invitations, memberships, own_data, people, preferences


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
        "language_form": LanguageForm(initial={"language": preferences.language_of(people.of(request.user))}),
        "sign_in": own_data.ways_to_sign_in(request.user),
    }
    return render(request, "dialog/account.html", context)


@login_required
def consents(request: SignedInRequest) -> HttpResponse:
    """What this account has agreed to, since when, and what it means; each is given and taken back here."""
    mine = Membership.objects.visible_to(request.user).active().filter(person__user=request.user)
    context = {"memberships": mine.select_related("body", "person").order_by("body__position")}
    return render(request, "dialog/consents.html", context)


@login_required
@require_POST
def language(request: SignedInRequest) -> HttpResponse:
    """Keeps the language of pages and mails."""
    form = LanguageForm(request.POST)
    if form.is_valid():
        preferences.choose_language(people.of(request.user), form.cleaned_data["language"])
        messages.success(request, _("Ihre Wahl ist gespeichert."))
    else:
        messages.error(request, _("Diese Sprache gibt es hier nicht."))
    return redirect("account_page")


@login_required
def own_data_page(request: SignedInRequest) -> HttpResponse:
    """What the portal keeps about this account; how to get it as a file, and how to end the account."""
    return render(request, "dialog/own_data.html", {"kept": own_data.kept(request.user)})


@login_required
@never_cache
def own_data_file(request: SignedInRequest) -> HttpResponse:
    """All of it as a file."""
    return HttpResponse(
        own_data.disclose(request.user, at=timezone.now()),
        content_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="meine-daten.json"'},
    )


@login_required
def account_close(request: SignedInRequest) -> HttpResponse:
    """Ends the account, after the owner has typed its address."""
    form = CloseForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            own_data.close(request.user, at=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            logout(request)
            messages.success(request, _("Ihr Konto ist gelöscht. Eine Bestätigung ist per E-Mail unterwegs."))
            return redirect("home")
    led = memberships.led_alone(people.of(request.user))
    return render(request, "dialog/account_close.html", {"form": form, "led_alone": led})


@login_required
def mail_preferences(request: SignedInRequest) -> HttpResponse:
    """Which mails this account wants, and how often."""
    person = people.of(request.user)
    form = PreferencesForm(request.POST or None, initial=preferences.of(person))
    if request.method == "POST" and form.is_valid():
        preferences.choose(person, form.wishes)
        messages.success(request, _("Ihre Wünsche sind gespeichert."))
        return redirect("mail_preferences")
    waiting = person.digest_entries.visible_to(request.user).count()
    return render(request, "dialog/mail_preferences.html", {"form": form, "waiting": waiting})


# A mail program posts here on its own (RFC 8058): it has no form of ours, and the signed token says who asks.
@csrf_exempt
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ends the kinds of mail that a mail was of by one click, without signing in; opening the page ends nothing."""
    found = preferences.from_token(token)
    if found is None:
        return render(request, "dialog/unsubscribe.html", {"unknown": True}, status=404)
    person, categories = found
    if request.method == "POST":
        preferences.choose(person, dict.fromkeys(categories, preferences.Rhythm.NONE))
    context = {"categories": [category.label for category in categories], "done": request.method == "POST"}
    return render(request, "dialog/unsubscribe.html", context)
