"""Tables of the council side: downloaded, uploaded, looked at, taken over."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from dialog.forms.filters import PAGE
from dialog.forms.rendering import add_errors
from dialog.http import SignedInRequest
from dialog.services import tables
from measures.forms.transfer import TableForm
from measures.models import TableImport
from measures.services import transfer

PAGE_SIZE = 100


def _enter(request: SignedInRequest) -> None:
    if not request.user.has_perm("measures.run_measure"):
        raise PermissionDenied


@login_required
def workspace_tables(request: SignedInRequest) -> HttpResponse:
    """What can be downloaded, and where a file is uploaded."""
    _enter(request)
    form = TableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(transfer.upload(**form.cleaned_data, by=request.user, at=timezone.now()))
        except ValidationError as error:
            add_errors(form, error)
    context = {
        "form": form,
        "kinds": [(kind.value, kind.label, transfer.explain(kind)) for kind in TableImport.Kind],
        "imports": TableImport.objects.visible_to(request.user).select_related("document")[:10],
    }
    return render(request, "measures/workspace_tables.html", context)


@login_required
def workspace_table_file(request: SignedInRequest, kind: str, suffix: str) -> HttpResponseBase:
    """All rows of a kind as CSV or XLSX, or the empty file with explanations (`vorlage`)."""
    _enter(request)
    if kind not in TableImport.Kind.values or suffix not in {"csv", "xlsx", "vorlage"}:
        raise Http404
    response: HttpResponseBase
    if suffix == "vorlage":
        name, response = f"vorlage-{kind}.xlsx", HttpResponse(transfer.template(kind, by=request.user))
    else:
        name, response = f"{kind}.{suffix}", StreamingHttpResponse(transfer.export(kind, suffix, by=request.user))
    response["Content-Type"] = "text/csv; charset=utf-8" if suffix == "csv" else tables.XLSX
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@login_required
def workspace_table_import(request: SignedInRequest, pk: int) -> HttpResponse:
    """What a file would change, row by row; all of it is taken over, or nothing."""
    found = get_object_or_404(TableImport.objects.visible_to(request.user).select_related("document"), pk=pk)
    _enter(request)
    if request.method == "POST":
        try:
            return redirect(transfer.apply(found, by=request.user, at=timezone.now()))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(found)
    context = {
        "found": found,
        "columns": [name for name, _text in transfer.explain(found.kind)],
        "page_obj": Paginator(found.rows, PAGE_SIZE).get_page(request.GET.get(PAGE)),
        "shown": len(found.rows),
    }
    return render(request, "measures/workspace_table_import.html", context)
