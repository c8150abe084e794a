"""A working group's lead says what the group holds of the report."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.http import SignedInRequest
from dialog.models import Body
from measures.forms.reports import StatementForm
from measures.models import CouncilReport, GroupStatement
from measures.services import statements


@login_required
def report_statement(request: SignedInRequest, year: int, slug: str) -> HttpResponse:
    """The group's word: agrees, agrees with remarks, or dissents; it may be changed until the deadline."""
    body = get_object_or_404(Body.objects.visible_to(request.user), slug=slug)
    if not request.user.has_perm("measures.give_statement", body):
        raise PermissionDenied
    report = get_object_or_404(
        CouncilReport.objects.visible_to(request.user).select_related("document").defer("content"), year=year
    )
    said = GroupStatement.objects.visible_to(request.user).filter(report=report, body=body).first()
    known = {name: getattr(said, name) for name in ("position", "text", "tasks", "decided_on")} if said else {}
    form = StatementForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            statements.give(report, body, by=request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, _("Die Stellungnahme ist angekommen. Bis zum Ende der Frist können Sie sie ändern.")
            )
            return redirect("account_page")
    is_open = (
        report.takes_statements_on(timezone.localdate()) and statements.consulted(report).filter(pk=body.pk).exists()
    )
    context = {"report": report, "body": body, "form": form, "said": said, "is_open": is_open}
    return render(request, "measures/report_statement.html", context)
