"""The list of measures as a file, with the same choices in its address as the list."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.services import tables
from measures.filters import MeasureFilter
from measures.services import open_tables

SUFFIXES = ("csv", "xlsx", "json")


def measures_file(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """What the list shows on all its pages, as CSV, XLSX or JSON. 404 for anything else."""
    if suffix not in SUFFIXES:
        raise Http404
    now = timezone.now()
    chosen = MeasureFilter(request.GET, user=request.user, today=timezone.localdate(now))
    rows = open_tables.measures(chosen.found, request.user)
    response: Any
    match suffix:
        case "csv":
            response = StreamingHttpResponse(
                tables.csv_lines(open_tables.cells(rows)), content_type="text/csv; charset=utf-8"
            )
        case "json":
            response = StreamingHttpResponse(
                open_tables.as_json(rows, at=timezone.localtime(now)), content_type="application/json; charset=utf-8"
            )
        case _:
            file = tables.xlsx_file(open_tables.cells(rows), title=_("Maßnahmen"))
            response = FileResponse(file, content_type=tables.XLSX)
    name = f"massnahmen-{timezone.localdate(now):%Y-%m-%d}.{suffix}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Robots-Tag"] = "noindex"
    return response
