"""People, members and merges: what the planning group (and, for their body, chairs) keep in order."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Min, Prefetch, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from post_office.models import STATUS, Email

from dialog.forms.memberships import EnterForm
from dialog.forms.people import GroupMailForm, OrganizationForm, PersonForm, UploadForm
from dialog.http import SignedInRequest
from dialog.models import (
    Body,
    GroupMail,
    MemberImport,
    Membership,
    Merge,
    Organization,
    Person,
    Signature,
)
from dialog.services import mails, member_lists, memberships, merging, pdf, people
from dialog.services import organizations as organization_services

#: So many rows stand on one page.
PAGE = 50


def _must(request: SignedInRequest, permission: str, row: Any = None) -> None:
    if not request.user.has_perm(permission, row):
        raise PermissionDenied


def _page(request: SignedInRequest, rows: Any, number: int = PAGE) -> Any:
    return Paginator(rows, number).get_page(request.GET.get("seite"))


def _query(request: SignedInRequest) -> str:
    """What is searched for in a list."""
    return request.GET.get("q", "")[:200].replace("\x00", "")


def _body(request: SignedInRequest, slug: str, permission: str) -> Body:
    body = get_object_or_404(Body.objects.visible_to(request.user), slug=slug)
    _must(request, permission, body)
    return body


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────


@login_required
def persons(request: SignedInRequest) -> HttpResponse:
    """Everyone who takes part, with search."""
    _must(request, "dialog.manage_people")
    query = _query(request)
    rows = Person.objects.visible_to(request.user).present().search(query).select_related("user")
    active = Count("memberships", filter=Q(memberships__state=Membership.State.ACTIVE), distinct=True)
    page = _page(request, rows.annotate(active_memberships=active).order_by("name", "pk"))
    context = {
        "page_obj": page,
        "query": query,
        "offers": len(merging.offers()),
        "unreachable": mails.unreachable(row.mail_address for row in page),
    }
    return render(request, "dialog/workspace_persons.html", context)


@login_required
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """Somebody with all memberships; whether mail reaches them; correcting name and office."""
    _must(request, "dialog.manage_people")
    found = get_object_or_404(Person.objects.visible_to(request.user).select_related("user"), pk=pk)
    form = PersonForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Die Angaben sind gespeichert."))
        return redirect("workspace_person", pk)
    return render(
        request,
        "dialog/workspace_person.html",
        {
            "found": found,
            "form": form,
            "memberships": Membership.objects.visible_to(request.user)
            .filter(person=found)
            .select_related("body", "organization")
            .order_by("-state", "body__position"),
            "merges": Merge.objects.visible_to(request.user)
            .filter(Q(paper=found) | Q(account=found))
            .select_related("paper", "account"),
            "bounced": bool(mails.unreachable([found.mail_address])),
            "namesakes": [(row, _sides(found, row)) for row in people.namesakes(found, request.user)],
        },
    )


def _sides(one: Person, other: Person) -> tuple[Person, Person] | None:
    """The two as (on paper, with account), if they could be merged."""
    if bool(one.user_id) == bool(other.user_id):
        return None
    return (other, one) if one.user_id else (one, other)


# ── two entries for one person ──────────────────────────────────────────────────────────────────────────


@login_required
def merges(request: SignedInRequest) -> HttpResponse:
    """Entries that may be one person, and what was decided before."""
    _must(request, "dialog.manage_people")
    decided = Merge.objects.visible_to(request.user).exclude(state=Merge.State.OFFERED)
    context = {
        "offers": merging.offers(),
        "decided": decided.select_related("paper", "account", "decided_by__person")[:PAGE],
    }
    return render(request, "dialog/workspace_merges.html", context)


@login_required
def merge(request: SignedInRequest, paper: int, account: int) -> HttpResponse:
    """Both entries side by side; one person or two."""
    _must(request, "dialog.manage_people")
    visible = Person.objects.visible_to(request.user).select_related("user")
    sides = [get_object_or_404(visible, pk=paper), get_object_or_404(visible, pk=account)]
    problem = None
    if request.method == "POST":
        step = merging.dismiss if "dismiss" in request.POST else merging.merge
        try:
            step(sides[0], sides[1], by=request.user, at=timezone.now())
        except ValidationError as error:
            problem = "; ".join(error.messages)
        else:
            messages.success(request, _("Ihre Entscheidung ist gespeichert. Sie lässt sich rückgängig machen."))
            return redirect("workspace_merges")
    shown = Membership.objects.visible_to(request.user).select_related("body", "organization")
    context = {
        "sides": [
            {"person": row, "memberships": shown.filter(person=row), "belongings": merging.belongings(row)}
            for row in sides
        ],
        "problem": problem,
    }
    return render(request, "dialog/workspace_merge.html", context)


@login_required
@require_POST
def undo_merge(request: SignedInRequest, pk: int) -> HttpResponse:
    """Takes a decision about two entries back."""
    found = get_object_or_404(Merge.objects.visible_to(request.user), pk=pk)
    merging.undo(found, by=request.user, at=timezone.now())
    messages.success(request, _("Die Entscheidung ist rückgängig gemacht."))
    return redirect("workspace_merges")


# ── bodies and their members ────────────────────────────────────────────────────────────────────────────


@login_required
def bodies(request: SignedInRequest) -> HttpResponse:
    """The bodies whose members this account keeps, with what waits in each."""
    _must(request, "dialog.lead_body")
    state = Membership.State
    rows = Body.objects.visible_to(request.user).run_by(request.user).at_work()
    return render(
        request,
        "dialog/workspace_bodies.html",
        {
            "bodies": rows.annotate(
                members=Count("memberships", filter=Q(memberships__state=state.ACTIVE)),
                waiting=Count("memberships", filter=Q(memberships__state=state.REQUESTED)),
                oldest=Min("memberships__requested_at", filter=Q(memberships__state=state.REQUESTED)),
            )
        },
    )


@login_required
def members(request: SignedInRequest, slug: str) -> HttpResponse:
    """The members of a body, and everything one does with the list."""
    body = _body(request, slug, "dialog.list_members")
    query = _query(request)
    rows = member_lists.members(body, request.user, query).prefetch_related("terms")
    page = _page(request, rows, 100)
    context = {
        "body": body,
        "page_obj": page,
        "query": query,
        "mails": GroupMail.objects.visible_to(request.user).filter(body=body)[:10],
        "unreachable": mails.unreachable(row.person.mail_address for row in page),
    }
    return render(request, "dialog/workspace_members.html", context)


@login_required
def members_file(request: SignedInRequest, slug: str, kind: str) -> HttpResponse:
    """The same list as a file: pdf, xlsx or csv."""
    body = _body(request, slug, "dialog.list_members")
    if kind == "pdf":
        now = timezone.now()
        title = _("Mitglieder: %(body)s") % {"body": body.full_name}
        rows = member_lists.members(body, request.user)
        content = pdf.render("pdf/member_list.html", {"body": body, "members": rows, "now": now}, title=title, at=now)
        content_type = "application/pdf"
    elif kind in {"xlsx", "csv"}:
        content = member_lists.export(body, kind, by=request.user)
        content_type = member_lists.XLSX if kind == "xlsx" else "text/csv; charset=utf-8"
    else:
        raise Http404
    disposition = f'attachment; filename="mitglieder-{body.slug}.{kind}"'
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"},
    )


@login_required
def enter_member(request: SignedInRequest, slug: str) -> HttpResponse:
    """Enters somebody who takes part on paper, or by office."""
    body = _body(request, slug, "dialog.change_membership")
    form = EnterForm(
        request.POST or None,
        body=body,
        user=request.user,
        initial={"role": Membership.Role.MEMBER, "starts_on": timezone.localdate()},
    )
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            with transaction.atomic():
                entered = people.enter(name=values.pop("name"), email=values.pop("email"), by=request.user)
                memberships.enter(body, entered, by=request.user, **values)
        except ValidationError as error:
            form.add_error(None, error if not hasattr(error, "error_dict") else _known_errors(form, error))
        else:
            messages.success(request, _("Eingetragen."))
            return redirect("workspace_members", slug)
    return render(request, "dialog/workspace_enter_member.html", {"body": body, "form": form})


def _known_errors(form: EnterForm, error: ValidationError) -> Any:
    """The errors of a service under the form's fields; what names none of them stands above the form."""
    if set(error.error_dict) <= set(form.fields):
        return error
    return ValidationError(error.messages)


# ── import ──────────────────────────────────────────────────────────────────────────────────────────────


@login_required
def import_members(request: SignedInRequest, slug: str) -> HttpResponse:
    """Takes a list in and has it checked; nothing changes yet."""
    body = _body(request, slug, "dialog.manage_people")
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            job = member_lists.upload(body, form.cleaned_data["file"], by=request.user, at=timezone.now())
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return redirect(job)
    context = {
        "body": body,
        "form": form,
        "columns": member_lists.COLUMNS,
        "imports": MemberImport.objects.visible_to(request.user)
        .filter(body=body)
        .defer("rows")
        .select_related("document")[:10],
    }
    return render(request, "dialog/workspace_import.html", context)


@login_required
def member_import(request: SignedInRequest, pk: int) -> HttpResponse:
    """What a file would change, row by row; takes it over as a whole."""
    found = get_object_or_404(MemberImport.objects.visible_to(request.user).select_related("body", "document"), pk=pk)
    _must(request, "dialog.manage_people")
    if request.method == "POST":
        try:
            return redirect(member_lists.apply(found, by=request.user, at=timezone.now()))
        except ValidationError as error:
            messages.error(request, "; ".join(error.messages))
            return redirect(found)
    order = ["error", "new", "changed", "same"]
    rows = sorted(found.rows, key=lambda row: order.index(row["kind"]))
    counts = {kind: sum(row["kind"] == kind for row in rows) for kind in order}
    context = {"found": found, "page_obj": _page(request, rows, 100), "counts": counts, "columns": member_lists.COLUMNS}
    return render(request, "dialog/workspace_member_import.html", context)


# ── writing to the members ──────────────────────────────────────────────────────────────────────────────


@login_required
def write(request: SignedInRequest, slug: str) -> HttpResponse:
    """Writes a mail to the members; the next page shows it before it goes out."""
    body = _body(request, slug, "dialog.write_to_members")
    form = GroupMailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect(member_lists.write(body, by=request.user, at=timezone.now(), **form.cleaned_data))
    return render(request, "dialog/workspace_write.html", {"body": body, "form": form})


@login_required
def group_mail(request: SignedInRequest, pk: int) -> HttpResponse:
    """The mail as members will get it: test it, change it, send it; afterwards, whom it did not reach."""
    mail = get_object_or_404(GroupMail.objects.visible_to(request.user).select_related("body", "by__person"), pk=pk)
    _must(request, "dialog.write_to_members", mail)
    form = GroupMailForm(request.POST if "save" in request.POST else None, instance=mail)
    if request.method == "POST" and "test" in request.POST:
        member_lists.test(mail, by=request.user)
        messages.success(request, _("Die Probe ist unterwegs an Sie selbst."))
        return redirect(mail)
    if request.method == "POST" and "send" in request.POST:
        return redirect(member_lists.release(mail, by=request.user, at=timezone.now()))
    if form.is_valid() and mail.released_at is None:
        form.save()
        return redirect(mail)
    recipients = member_lists.recipients(mail)
    failed = {
        address
        for row in Email.objects.filter(status=STATUS.failed, subject=mail.subject, created__gte=mail.at)
        for address in row.to
    }
    context = {
        "mail": mail,
        "form": form,
        "recipients": len(recipients),
        "without_address": mail.body.memberships.active().count() - len(recipients),
        "sent": mail.sent_to.count(),
        "failed": [person for person in recipients if person.mail_address in failed],
    }
    return render(request, "dialog/workspace_group_mail.html", context)


# ── institutions ────────────────────────────────────────────────────────────────────────────────────────


@login_required
def organizations(request: SignedInRequest) -> HttpResponse:
    """Institutions with search, and who speaks for each."""
    _must(request, "dialog.manage_people")
    query = _query(request)
    active = Count("memberships", filter=Q(memberships__state=Membership.State.ACTIVE))
    speaking = Membership.objects.visible_to(request.user).active().select_related("person", "body")
    rows = Organization.objects.visible_to(request.user).search(query).annotate(active_memberships=active)
    rows = rows.prefetch_related(
        Prefetch("memberships", speaking.order_by("person__name", "body__position"), to_attr="spoken_for_by")
    )
    page = _page(request, rows.order_by("name"))
    waiting = Signature.objects.visible_to(request.user).requested().count()
    context = {"page_obj": page, "query": query, "waiting": waiting}
    return render(request, "dialog/workspace_organizations.html", context)


@login_required
def enter_organization(request: SignedInRequest) -> HttpResponse:
    """Enters an institution, for example one that an applicant has named."""
    _must(request, "dialog.add_organization")
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            entered = organization_services.enter(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Eingetragen."))
            return redirect(entered)
    return render(request, "dialog/workspace_enter_organization.html", {"form": form})
